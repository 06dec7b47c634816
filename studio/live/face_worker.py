"""Makes the frames of one face, wherever that is done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engines.live import FaceCurves, LiveFace
from studio.live.voice_resampler import FrameSound, VoiceResampler

_NOTHING = np.zeros(0, np.float32)


@dataclass(frozen=True, eq=False)
class FrameWork:
    """What one frame is made from.

    sound: the frame's part of a voice; None for silence. silence: samples of it at 16 kHz. options: other
    options, from this frame on. interrupted: the voice before was interrupted, so the mouth closes. paint:
    whether a picture is wanted. curves: whether they are.
    """

    sound: FrameSound | None
    silence: int = 0
    options: Any = None
    interrupted: bool = False
    paint: bool = True
    curves: bool = False


@dataclass(frozen=True, eq=False)
class MadeFrame:
    """What became of it. picture: as `engines.live.LiveFace.paint` gives it; None if none was wanted. curves:
    None if they were not wanted, or the engine has none.
    """

    picture: np.ndarray | None
    curves: FaceCurves | None = None


class FaceWorker:
    """Moves and paints one face. Used by one thread at a time."""

    def __init__(self, face: LiveFace) -> None:
        self._face = face
        self._resampler: VoiceResampler | None = None

    def make(self, work: FrameWork) -> MadeFrame:
        """Move to the next frame."""
        if work.options is not None:
            self._face.change(work.options)
        if work.interrupted:
            self._face.interrupt()
        heard, ahead, ended = self._hear(work)
        self._face.listen(heard, ahead, ended=ended)
        picture = self._face.paint() if work.paint else None
        return MadeFrame(picture, self._face.curves() if work.curves else None)

    def _hear(self, work: FrameWork) -> tuple[np.ndarray, np.ndarray, bool]:
        sound = work.sound
        if sound is None:
            return np.zeros(work.silence, np.float32), _NOTHING, True
        if sound.begins or self._resampler is None:
            self._resampler = VoiceResampler(sound.rate)
        return self._resampler.hear(sound)
