"""Makes the frames of one face, wherever that is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engines.live import LiveFace
from studio.live.voice_resampler import FrameSound, VoiceResampler

_NOTHING = np.zeros(0, np.float32)


@dataclass(frozen=True, eq=False)
class FrameWork:
    """What one frame is made from.

    sound: the frame's part of a voice; None for silence. silence: samples of it at 16 kHz. options: other
    options, from this frame on. interrupted: the voice before was interrupted, so the mouth closes. paint:
    whether a picture is wanted.
    """

    sound: FrameSound | None
    silence: int = 0
    options: Any = None
    interrupted: bool = False
    paint: bool = True


class FaceWorker:
    """Moves and paints one face. Used by one thread at a time."""

    def __init__(self, face: LiveFace) -> None:
        self._face = face
        self._resampler: VoiceResampler | None = None

    def make(self, work: FrameWork) -> np.ndarray | None:
        """The next frame's picture, as `engines.live.LiveFace.paint` gives it; None if none is wanted."""
        if work.options is not None:
            self._face.change(work.options)
        if work.interrupted:
            self._face.interrupt()
        heard, ahead, ended = self._hear(work)
        self._face.listen(heard, ahead, ended=ended)
        return self._face.paint() if work.paint else None

    def _hear(self, work: FrameWork) -> tuple[np.ndarray, np.ndarray, bool]:
        sound = work.sound
        if sound is None:
            return np.zeros(work.silence, np.float32), _NOTHING, True
        if sound.begins or self._resampler is None:
            self._resampler = VoiceResampler(sound.rate)
        return self._resampler.hear(sound)
