"""Keeps the pixels of a GIF that hardly change exactly as they are, which its format stores for nothing."""

from __future__ import annotations

from typing import Any

import numpy as np

HARDLY = 8
"""Levels by which a channel may be off. What a video codec leaves of noise is smaller, a mouth is larger."""


def held(clip: Any) -> Any:
    """A moviepy.VideoClip in which each pixel stays until it is off by more than HARDLY levels."""
    shown: list[np.ndarray] = []

    def frame_at(get_frame: Any, time: float) -> np.ndarray:
        frame: np.ndarray = get_frame(time)
        if not shown or time <= 0:
            shown[:] = [frame]
            return frame
        off = np.abs(frame.astype(np.int16) - shown[0]).max(axis=2, keepdims=True) > HARDLY
        shown[0] = np.where(off, frame, shown[0])
        return shown[0]

    return clip.transform(frame_at)
