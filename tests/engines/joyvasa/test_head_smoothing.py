from __future__ import annotations

import numpy as np
import pytest

from engines.joyvasa.motion.head_smoothing import ExponentialSmoothing, GaussianSmoothing, head_smoothing
from engines.joyvasa.motion.pose import HeadMotion
from tests.parity.smoothing import ema

FRAMES = 137


@pytest.fixture(scope="module")
def motion() -> HeadMotion:
    return HeadMotion.from_vectors(np.random.default_rng(0).standard_normal((FRAMES, 70)).astype(np.float32))


def cut(motion: HeadMotion, *places: int):
    return iter([motion[a:b] for a, b in zip((0, *places), (*places, len(motion)), strict=True)])


@pytest.mark.parametrize(
    "smoothing", [ExponentialSmoothing(0.2), GaussianSmoothing(0.1), GaussianSmoothing(0.5)]
)
def test_the_result_does_not_depend_on_where_stretches_end(motion: HeadMotion, smoothing) -> None:
    whole = HeadMotion.joined(list(smoothing.apply(cut(motion))))
    parts = list(smoothing.apply(cut(motion, 1, 3, 50, 100)))
    joined = HeadMotion.joined(parts)
    assert all(len(part) for part in parts)
    assert len(whole) == len(joined) == FRAMES
    assert np.array_equal(whole.exp, motion.exp)
    for name in ("scale", "t", "pitch", "yaw", "roll"):
        assert np.abs(getattr(whole, name) - getattr(joined, name)).max() < 1e-5
        assert getattr(whole, name).std() < 0.6 * getattr(motion, name).std()


def test_the_exponential_one_is_the_originals(motion: HeadMotion) -> None:
    ours = HeadMotion.joined(list(ExponentialSmoothing(0.01).apply(cut(motion, 60))))
    assert np.abs(ours.yaw - ema(motion.yaw, 0.01)).max() < 1e-6


def test_the_centred_filter_does_not_lag() -> None:
    """A slow swing keeps its phase; the original's filter would be a quarter of a turn late."""
    swing = np.zeros((200, 70), np.float32)
    swing[:, 68] = 10 * np.sin(np.arange(200) / 10)
    smooth = HeadMotion.joined(list(GaussianSmoothing(0.1).apply(iter([HeadMotion.from_vectors(swing)]))))
    middle = slice(30, 170)
    ours, truth = smooth.yaw[middle, 0], swing[middle, 68]
    assert np.corrcoef(ours, truth)[0, 1] > 0.9999
    assert ours.std() > 0.95 * truth.std()


def test_one_frame_is_left_as_it_is(motion: HeadMotion) -> None:
    for smoothing in (ExponentialSmoothing(0.01), GaussianSmoothing(0.3)):
        (only,) = smoothing.apply(iter([motion[:1]]))
        assert np.allclose(only.to_vectors(), motion[:1].to_vectors(), atol=1e-6)
    assert list(GaussianSmoothing(0.3).apply(iter(()))) == []


def test_settings_out_of_range() -> None:
    with pytest.raises(ValueError, match="alpha"):
        ExponentialSmoothing(0)
    with pytest.raises(ValueError, match="above 0"):
        GaussianSmoothing(0)


def test_the_filter_that_options_choose(motion: HeadMotion) -> None:
    assert head_smoothing(0.0) is None
    assert isinstance(head_smoothing(0.1), GaussianSmoothing)
    frozen = head_smoothing(0.1, freeze=True)
    assert isinstance(frozen, ExponentialSmoothing)
    assert frozen.alpha == 0.01


@pytest.mark.parametrize("smoothing", [ExponentialSmoothing(0.2), GaussianSmoothing(0.1)])
def test_other_values_than_motion_pass_through_at_once(motion: HeadMotion, smoothing) -> None:
    pieces = iter(["first", motion, "last"])
    assert next(smoothing.apply(pieces)) == "first"
