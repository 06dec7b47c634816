from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from engines.joyvasa.motion_file import FORMAT, load_motion, save_motion
from engines.joyvasa.motion_template import MotionTemplate
from engines.joyvasa.pose import Motion
from media.errors import InputError


@pytest.fixture
def vectors() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((7, 70)).astype(np.float32)


def test_a_motion_comes_back_from_its_file(tmp_path: Path, vectors: np.ndarray) -> None:
    path = tmp_path / "m.safetensors"
    save_motion(Motion.from_vectors(vectors)[1:6], path, {"seed": "3"})
    motion, metadata = load_motion(path)
    assert np.array_equal(motion.to_vectors(), vectors[1:6])
    assert metadata["seed"] == "3"


def test_other_files_are_refused(tmp_path: Path, vectors: np.ndarray) -> None:
    motion = Motion.from_vectors(vectors)
    arrays = {
        n: np.ascontiguousarray(getattr(motion, n)) for n in ("exp", "scale", "t", "pitch", "yaw", "roll")
    }
    text, path = {"format": FORMAT}, tmp_path / "m.safetensors"
    broken = [
        ({**arrays, "t": arrays["t"][:, :2]}, text, "its t"),
        ({**arrays, "t": arrays["t"][:3]}, text, "frames"),
        (arrays, {"format": "other"}, "format"),
        ({k: v for k, v in arrays.items() if k != "roll"}, text, "its roll"),
        ({**arrays, "yaw": np.full((7, 1), np.nan, np.float32)}, text, "not finite"),
    ]
    for content, metadata, reason in broken:
        save_file({k: np.ascontiguousarray(v) for k, v in content.items()}, path, metadata=metadata)
        with pytest.raises(InputError, match=reason):
            load_motion(path)
    path.write_bytes(b"not at all")
    with pytest.raises(InputError, match="cannot be read"):
        load_motion(path)
    with pytest.raises(InputError, match="cannot be read"):
        load_motion(tmp_path / "missing.safetensors")


def test_a_template_and_its_inverse(vectors: np.ndarray) -> None:
    template = MotionTemplate.from_arrays(MotionTemplate.made_up().to_arrays() | {"mean_lip": 1})
    motion = template.motion(vectors)
    assert np.abs(template.vectors(motion) - vectors).max() < 1e-4
    middle = template.motion(np.full((1, 70), 0.5, np.float32))
    assert float(middle.scale[0, 0]) == pytest.approx(1.0)
    assert float(middle.yaw[0, 0]) == pytest.approx(0.0)
    assert float(template.motion(np.ones((1, 70), np.float32)).pitch[0, 0]) == pytest.approx(12.0)


def test_a_template_that_lacks_something() -> None:
    arrays = MotionTemplate.made_up().to_arrays()
    with pytest.raises(KeyError):
        MotionTemplate.from_arrays({k: v for k, v in arrays.items() if k != "max_t"})
    with pytest.raises(ValueError, match="std_exp has 62"):
        MotionTemplate.from_arrays(arrays | {"std_exp": np.ones(62)})
