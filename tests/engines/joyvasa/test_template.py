from __future__ import annotations

import numpy as np
import pytest

from engines.joyvasa.motion.template import MotionTemplate


@pytest.fixture
def vectors() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((7, 70)).astype(np.float32)


def test_a_template_and_its_inverse(vectors: np.ndarray) -> None:
    template = MotionTemplate.from_arrays(MotionTemplate.random_weights().to_arrays() | {"mean_lip": 1})
    motion = template.motion(vectors)
    assert np.abs(template.vectors(motion) - vectors).max() < 1e-4
    middle = template.motion(np.full((1, 70), 0.5, np.float32))
    assert float(middle.scale[0, 0]) == pytest.approx(1.0)
    assert float(middle.yaw[0, 0]) == pytest.approx(0.0)
    assert float(template.motion(np.ones((1, 70), np.float32)).pitch[0, 0]) == pytest.approx(12.0)


def test_a_template_that_lacks_something() -> None:
    arrays = MotionTemplate.random_weights().to_arrays()
    with pytest.raises(KeyError):
        MotionTemplate.from_arrays({k: v for k, v in arrays.items() if k != "max_t"})
    with pytest.raises(ValueError, match="std_exp has 62"):
        MotionTemplate.from_arrays(arrays | {"std_exp": np.ones(62)})
