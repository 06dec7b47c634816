from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.syncnet.distances import score, smoothed


def embeddings(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal((count, 64)).astype(np.float32) + 2


@given(shift=st.integers(-8, 8), count=st.integers(40, 60))
def test_a_planted_shift_is_found(shift: int, count: int) -> None:
    lips = embeddings(count)
    found = score(lips, np.roll(lips, -shift, axis=0), 10)  # what is heard then is heard `shift` frames early
    assert found.offset == shift
    assert found.confidence > 1
    assert found.minimum < found.mean


def test_beyond_the_ends_there_is_nothing() -> None:
    lips = embeddings(4)
    found = score(lips, lips, 2)
    assert found.distances.shape == (4, 5)
    np.testing.assert_allclose(found.distances[0, 0], np.linalg.norm(lips[0]), rtol=1e-5)
    np.testing.assert_allclose(found.curve, found.distances.mean(axis=0), rtol=1e-6)
    assert found.mean == pytest.approx(found.distances.mean(), rel=1e-6)


def test_the_middle_of_the_curve() -> None:
    found = score(embeddings(30), embeddings(30, 1), 3)
    assert found.confidence == pytest.approx(np.median(found.curve) - found.curve.min(), abs=1e-6)


def test_a_running_median_meets_zeros_at_its_ends() -> None:
    np.testing.assert_array_equal(smoothed(np.full(7, 3.0), 5), [3, 3, 3, 3, 3, 3, 3])
    np.testing.assert_array_equal(smoothed(np.arange(1.0, 6.0), 5), [1, 2, 3, 3, 3])
    np.testing.assert_array_equal(smoothed(np.array([9.0]), 13), [0])
