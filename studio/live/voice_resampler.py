"""Brings a voice to the rate at which the engine hears, frame by frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from media.sound.resampling import Resampler
from studio.live.samples import Samples


@dataclass(frozen=True, eq=False)
class FrameSound:
    """What is heard in one frame of a voice.

    rate: samples per second of the voice. begins: whether a new resampler takes it, because the voice begins
    or goes on after a part that was left out. came: (n,) int16, what follows what came before. count: samples
    of the frame at 16 kHz. look_ahead: those after it that the engine wants. complete: nothing follows.
    """

    rate: int
    begins: bool
    came: np.ndarray
    count: int
    look_ahead: int
    complete: bool


class VoiceResampler:
    """Hears one voice. Whatever paints the frames has it, so that the event loop only counts samples.

    rate: samples per second of the voice.
    """

    def __init__(self, rate: int) -> None:
        self._resampler = Resampler(rate)
        self._line = Samples(np.float32)

    def hear(self, sound: FrameSound) -> tuple[np.ndarray, np.ndarray, bool]:
        """The next frame, as `engines.live.LiveFace.listen` takes it: heard, ahead, ended."""
        self._line.add(self._resampler.add(sound.came.astype(np.float32) / 32768.0))
        if sound.complete:
            self._line.add(self._resampler.finish())
        heard = self._line.take(sound.count)
        # Not by `complete` alone: the same sound has to give the same frames, whenever its end was announced.
        ended = sound.complete and len(self._line) < max(sound.look_ahead, 1)
        return heard, self._line.first(sound.look_ahead), ended
