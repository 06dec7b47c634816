"""Brings a voice to the rate at which the engine hears, frame by frame."""

from __future__ import annotations

import numpy as np

from media.sound.resampling import Resampler
from studio.live.samples import Samples


class Ear:
    """Hears one voice. The thread that paints uses it, so that the event loop only counts samples.

    rate: samples per second of the voice.
    """

    def __init__(self, rate: int) -> None:
        self._resampler = Resampler(rate)
        self._line = Samples(np.float32)

    def hear(
        self, came: np.ndarray, count: int, look_ahead: int, *, complete: bool
    ) -> tuple[np.ndarray, np.ndarray, bool]:
        """The next frame, as `engines.live.LiveFace.listen` takes it: heard, ahead, ended.

        came: (n,) int16, what follows what was given before. count: samples of the frame at 16 kHz.
        look_ahead: those after it that it wants. complete: nothing follows.
        """
        self._line.add(self._resampler.add(came.astype(np.float32) / 32768.0))
        if complete:
            self._line.add(self._resampler.finish())
        heard = self._line.take(count)
        # Not by `complete` alone: the same sound has to give the same frames, whenever its end was announced.
        ended = complete and len(self._line) < max(look_ahead, 1)
        return heard, self._line.first(look_ahead), ended
