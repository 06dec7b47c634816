"""Whether someone speaks, for a voice that is still arriving."""

from __future__ import annotations

import numpy as np

from engines.joyvasa.motion.voice_activity import voice_activity
from engines.joyvasa.motion.windows import FPS

REMEMBERED = 5 * FPS
"""Frames whose loudness decides what is loud."""
MOST_CHANGE = 0.5
"""Per frame. What is loud changes with what was heard; the lips must not jump with it."""


def is_silence(heard: np.ndarray, ahead: np.ndarray, *, ended: bool) -> bool:
    """Whether no voice speaks, from the arguments of `engines.live.LiveFace.listen`."""
    return ended and not len(ahead) and not heard.any()


class RunningVoiceActivity:
    """The same as `voice_activity`, from the last five seconds of a voice and the sound ahead."""

    def __init__(self) -> None:
        self._frames: list[np.ndarray] = []
        self._activity: float | None = None

    def listen(self, heard: np.ndarray, ahead: np.ndarray, *, ended: bool) -> float:
        """0..1 for the next frame; the arguments are those of `engines.live.LiveFace.listen`."""
        if is_silence(heard, ahead, ended=ended):
            self._frames = []
            wanted = 0.0
        else:
            self._frames = [*self._frames[1 - REMEMBERED :], heard]
            place = len(self._frames) - 1
            sound = np.concatenate([*self._frames, ahead])
            wanted = float(voice_activity(sound, FPS, place + 1)[place])
        if self._activity is None:
            self._activity = wanted
        change = np.clip(wanted - self._activity, -MOST_CHANGE, MOST_CHANGE)
        self._activity = wanted if abs(change) < MOST_CHANGE else float(self._activity + change)
        return self._activity
