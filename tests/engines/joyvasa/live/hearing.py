"""Speaks to whatever listens frame by frame, as a live session does."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

FRAME = 640


def heard_by_frames(voice: np.ndarray, look_ahead: int, frames: int) -> Iterator[tuple]:
    """The arguments of `listen` for a voice (n,) and the silence after it, to be given frame by frame."""
    for frame in range(frames):
        start = frame * FRAME
        heard, rest = voice[start : start + FRAME], voice[start + FRAME :]
        if not len(heard):
            heard = np.zeros(FRAME, np.float32)
        yield heard, rest[:look_ahead], len(rest) < max(look_ahead, 1)
