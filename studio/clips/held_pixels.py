"""Keeps nearly unchanged pixels of a GIF exactly unchanged; the format stores those at no cost."""

from __future__ import annotations

from typing import Any

import numpy as np

HARDLY = 8
"""Levels by which a channel may differ. The noise of a video codec is smaller, a moving mouth is larger."""


def held(clip: Any) -> Any:
    """A moviepy.VideoClip in which each pixel stays until it differs by more than HARDLY levels."""
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
