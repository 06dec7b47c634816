"""Cutting a voice into the windows that the motion generator works on."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

SAMPLE_RATE = 16000
FPS = 25
"""The only frame rate that the generator knows."""
SAMPLES_PER_FRAME = SAMPLE_RATE // FPS
LEAD_FRAMES = 2
TAIL_FRAMES = 1
"""Silence that the original puts before and behind the sound."""


@dataclass(frozen=True)
class WindowPlan:
    """Where the windows lie in a voice; nothing of the voice itself, so its length costs no memory.

    lead: samples of silence in front. windows: how many of `motions` frames each, end to end.
    dropped: generated frames at the start that are not delivered. frames: how many are.
    speech_frames: generated frames that lie over the sound (the rest of the last window is padding).
    """

    lead: int
    windows: int
    motions: int
    dropped: int
    frames: int
    speech_frames: int

    def samples_of(self, window: int, samples: np.ndarray) -> np.ndarray:
        """The sound of a window: (motions * 640,) float32, zeros where the voice (n,) has none."""
        size = self.motions * SAMPLES_PER_FRAME
        start = window * size - self.lead
        inside = samples[max(start, 0) : max(start + size, 0)]
        out = np.zeros(size, np.float32)
        offset = max(-start, 0)
        out[offset : offset + len(inside)] = inside
        return out

    def kept(self, window: int) -> slice:
        """The frames of a window that are delivered."""
        first = window * self.motions
        return slice(max(self.dropped - first, 0), min(self.dropped + self.frames - first, self.motions))

    def shortened(self, frames: int | None) -> WindowPlan:
        """The same cutting, delivering at most `frames` frames and without windows that none come from."""
        frames = self.frames if frames is None else min(frames, self.frames)
        if frames < 1:
            raise ValueError(f"a voice needs at least one frame, not {frames}")
        return replace(self, frames=frames, windows=math.ceil((self.dropped + frames) / self.motions))


def aligned_plan(frames: int, motions: int = 100) -> WindowPlan:
    """`frames` frames, the i-th for the samples from 640 i on.

    The generator still hears two silent frames first, as it does in the original, but they are dropped, so
    that lips and sound agree, and no part of the sound is left out.
    """
    if frames < 1:
        raise ValueError(f"a voice needs at least one frame, not {frames}")
    generated = frames + LEAD_FRAMES
    windows = math.ceil(generated / motions)
    return WindowPlan(LEAD_FRAMES * SAMPLES_PER_FRAME, windows, motions, LEAD_FRAMES, frames, generated)


def original_plan(samples: int, motions: int = 100) -> WindowPlan:
    """The original's cutting of `samples` samples, with its faults.

    The two silent frames are delivered, so that the lips come 80 ms late; with the silent one at the end the
    motion is about three frames too long; an overlap of less than a frame over whole windows is dropped.
    """
    length = samples + (LEAD_FRAMES + TAIL_FRAMES) * SAMPLES_PER_FRAME
    whole = int(length / SAMPLE_RATE * FPS)  # in this order: the rounding decides at whole windows
    windows = 1 if whole <= motions else math.ceil(whole / motions)
    padding = max(windows * motions * SAMPLES_PER_FRAME - length, 0)
    frames = windows * motions - math.ceil(padding / SAMPLES_PER_FRAME)
    return WindowPlan(LEAD_FRAMES * SAMPLES_PER_FRAME, windows, motions, 0, frames, frames)


def aligned_frames(samples: int) -> int:
    """How many frames a voice of `samples` samples has: at least one."""
    return max(1, round(samples / SAMPLES_PER_FRAME))
