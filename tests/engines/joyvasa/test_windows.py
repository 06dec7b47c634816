from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.joyvasa.motion.windows import SAMPLES_PER_FRAME, aligned_frames, aligned_plan, original_plan
from tests.parity.originals import indicator

MOTIONS = 100


@given(samples=st.integers(1, 400_000))
def test_every_frame_hears_its_own_sound_and_none_is_lost(samples: int) -> None:
    frames = aligned_frames(samples)
    plan = aligned_plan(frames)
    kept = [plan.kept(window) for window in range(plan.windows)]
    assert sum(part.stop - part.start for part in kept) == frames
    assert all(part.stop > part.start for part in kept)
    # a voice whose every sample says in which frame it lies
    voice = np.arange(samples, dtype=np.float32) // SAMPLES_PER_FRAME + 1
    heard = []
    for window, part in enumerate(kept):
        cut = plan.samples_of(window, voice).reshape(MOTIONS, SAMPLES_PER_FRAME)
        heard += cut[part].max(axis=1).tolist()
    count = min(frames, -(-samples // SAMPLES_PER_FRAME))
    assert heard[:count] == list(range(1, count + 1))


@pytest.mark.parametrize(
    ("samples", "frames", "sums"),
    [
        (3200, 8, [8]),
        (62400, 100, [100]),
        (64000, 103, [100, 3]),
        (126400, 200, [100, 100]),
        (128000, 203, [100, 100, 3]),
    ],
)
def test_the_originals_counts(samples: int, frames: int, sums: list[int]) -> None:
    plan = original_plan(samples)
    assert plan.frames == frames
    assert [int(indicator(plan, window).sum()) for window in range(plan.windows)] == sums


def test_the_original_hears_80_ms_late_and_drops_a_tail() -> None:
    voice = np.ones(62400, np.float32)
    late, right = original_plan(62400), aligned_plan(98)
    assert int(np.argmax(late.samples_of(0, voice))) == int(np.argmax(right.samples_of(0, voice))) == 1280
    assert late.kept(0) == slice(0, 100)
    assert right.kept(0) == slice(2, 100)
    assert (62400 + 1920) - late.windows * 64000 == 320  # what the original never hears


def test_a_shortened_plan_has_no_windows_to_spare() -> None:
    plan = original_plan(128000).shortened(200)
    assert (plan.frames, plan.windows) == (200, 2)
    assert original_plan(3200).shortened(50).frames == 8
    assert original_plan(3200).shortened(None).frames == 8
    for wrong in (lambda: original_plan(3200).shortened(0), lambda: aligned_plan(0)):
        with pytest.raises(ValueError, match="not 0"):
            wrong()
