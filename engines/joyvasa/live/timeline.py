"""The sound of a session, frame by frame, as far as it is known."""

from __future__ import annotations

import numpy as np

from engines.joyvasa.motion.windows import SAMPLES_PER_FRAME


class Timeline:
    """Remembers the sound of the last frames and knows the sound ahead. Its size is constant.

    behind: frames that are remembered, with the current one. Before the first frame there was silence.
    """

    def __init__(self, behind: int) -> None:
        self._past = np.zeros(behind * SAMPLES_PER_FRAME, np.float32)
        self._ahead = np.zeros(0, np.float32)
        self._ended = True
        self.frame = -1
        """The frame that is heard now; the first is 0."""

    def listen(self, heard: np.ndarray, ahead: np.ndarray, *, ended: bool) -> None:
        """Move to the next frame; the arguments are those of `engines.live.LiveFace.listen`."""
        self._past = np.roll(self._past, -SAMPLES_PER_FRAME)
        self._past[-SAMPLES_PER_FRAME:] = 0
        self._past[len(self._past) - SAMPLES_PER_FRAME :][: len(heard)] = heard
        self._ahead, self._ended = np.array(ahead, np.float32), ended
        self.frame += 1

    def forget(self) -> None:
        """Remember silence only."""
        self._past[:] = 0

    @property
    def known(self) -> int | None:
        """Samples since the first frame up to which the sound is known; None if silence follows."""
        return None if self._ended else (self.frame + 1) * SAMPLES_PER_FRAME + len(self._ahead)

    def samples(self, frame: int, count: int) -> np.ndarray:
        """(count,) float32 from the beginning of a frame on; zeros where nothing is remembered or known."""
        line = np.concatenate([self._past, self._ahead])
        start = (frame - self.frame - 1) * SAMPLES_PER_FRAME + len(self._past)
        inside = line[max(start, 0) : max(start + count, 0)]
        found = np.zeros(count, np.float32)
        offset = max(-start, 0)
        found[offset : offset + len(inside)] = inside
        return found
