"""What a live session hands out: its settings, and frames that carry their own sound."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engines.live import SAMPLE_RATE, FaceCurves


@dataclass(frozen=True)
class LiveSettings:
    """FPS: frames per second. INPUT_SAMPLE_RATE: the rate at which the engine hears; sound may come in at any
    rate from 8000 to 48000 Hz.
    """

    FPS: int
    INPUT_SAMPLE_RATE: int = SAMPLE_RATE


@dataclass(frozen=True, eq=False)
class AudioChunk:
    """The voice of one frame. data: (n,) int16 mono. last_chunk: whether the voice ends with it."""

    data: np.ndarray
    sample_rate: int
    last_chunk: bool = False

    @property
    def array(self) -> np.ndarray:
        """The same as `data`."""
        return self.data

    @property
    def bytes(self) -> bytes:
        """The samples as little-endian int16."""
        return self.data.astype("<i2", copy=False).tobytes()

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.data) / self.sample_rate


@dataclass(frozen=True, eq=False)
class LiveFrame:
    """One frame of a live session with the sound that belongs to it.

    frame_index: from 0; ``frame_index / session.settings.FPS`` is its time, and the only clock to go by.
    rgb_image: (H, W, 3) uint8, read-only; None if the computer was too slow to paint this frame in time.
    changed: False if the picture is the same array as in the frame before, and need not be encoded again.
    samples: (n,) int16 mono, the frame's sound; zeros where no voice speaks. sample_rate: samples per second,
    as they were pushed. speaking: whether the sound is a voice that was pushed. end_of_speech: whether that
    voice ends with this frame. source_message_id: as it was pushed with the voice. position: seconds of this
    voice before the frame. delay: seconds from the arrival of the last sound that the
    frame waits for to the finished picture; None without a voice. curves: how the face stands, if the session
    was opened with `curves`; also where there is no picture.
    """

    frame_index: int
    rgb_image: np.ndarray | None
    changed: bool
    samples: np.ndarray
    sample_rate: int
    speaking: bool = False
    end_of_speech: bool = False
    source_message_id: str | None = None
    position: float = 0.0
    delay: float | None = None
    curves: FaceCurves | None = None

    @property
    def has_image(self) -> bool:
        """Whether the frame was painted."""
        return self.rgb_image is not None

    @property
    def bgr_image(self) -> np.ndarray | None:
        """A copy of the picture with its channels in OpenCV's order."""
        return None if self.rgb_image is None else np.ascontiguousarray(self.rgb_image[..., ::-1])

    @property
    def audio_chunk(self) -> AudioChunk | None:
        """The frame's voice; None where no voice speaks."""
        return AudioChunk(self.samples, self.sample_rate, self.end_of_speech) if self.speaking else None


@dataclass(frozen=True)
class Interruption:
    """What an interruption left of a voice.

    position: seconds of the voice that was speaking which had been handed out. dropped: seconds of sound that
    were waiting, of that voice and those after it. source_message_id: of the voice that was speaking.
    """

    position: float
    dropped: float
    source_message_id: str | None = None
