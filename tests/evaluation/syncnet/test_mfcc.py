"""What SyncNet hears; the numbers themselves are compared in tests/parity."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.syncnet import mfcc as module
from evaluation.syncnet.mfcc import frame_count, mfcc


def sound(samples: int) -> np.ndarray:
    return np.random.default_rng(1).integers(-9000, 9000, samples).astype(np.int16)


@pytest.mark.parametrize(("samples", "frames"), [(1, 1), (400, 1), (401, 2), (560, 2), (561, 3), (16000, 99)])
def test_how_many_columns(samples: int, frames: int) -> None:
    assert frame_count(samples) == frames
    assert mfcc(sound(samples)).shape == (frames, 13)


def test_pieces_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = mfcc(sound(9000))
    monkeypatch.setattr(module, "BLOCK", 7)
    np.testing.assert_allclose(mfcc(sound(9000)), whole, rtol=1e-12)


def test_loudness_moves_the_first_coefficient_alone() -> None:
    quiet, loud = mfcc(sound(4000)), mfcc(2 * sound(4000).astype(np.int32))
    np.testing.assert_allclose(loud[:, 0] - quiet[:, 0], np.log(4), rtol=1e-9)
    np.testing.assert_allclose(loud[:, 1:], quiet[:, 1:], atol=1e-9)


def test_silence_is_finite() -> None:
    assert np.isfinite(mfcc(np.zeros(3200, np.int16))).all()
