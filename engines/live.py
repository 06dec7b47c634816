"""The contract between a live session and an engine that can speak while the voice is still arriving."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import numpy as np

SAMPLE_RATE = 16000
"""Samples per second that an engine hears."""


class FaceCurves(NamedTuple):
    """How a face stands in one frame, in ARKit's terms.

    blendshapes: (52,) float32, 0..1, as `media.performance.blendshapes.BLENDSHAPES`. angles: (9,) float32
    radians, as ROTATIONS. Left and right are the person's.
    """

    blendshapes: np.ndarray
    angles: np.ndarray


class LiveFace(ABC):
    """A face that listens. It belongs to one session and is called by one thread at a time.

    Time passes only by `listen`: each call is one frame.
    """

    fps: int
    look_ahead: int
    """Samples after a frame's end that it wants to hear before it moves."""

    @abstractmethod
    def listen(self, heard: np.ndarray, ahead: np.ndarray, *, ended: bool) -> None:
        """Move to the next frame.

        heard: (n,) float32 at 16 kHz, the sound of this frame: zeros where no voice speaks. ahead: (m,), the
        sound after it as far as it is known, at most `look_ahead` samples. It is heard again as `heard` of
        the next frames. ended: whether the voice ends after `ahead`; otherwise what follows is unknown.
        """

    @abstractmethod
    def paint(self) -> np.ndarray:
        """The picture of the frame that `listen` moved to: (H, W, 3) uint8 RGB, which is never written again.

        It is the array that was painted last if it shows the same. A frame may be left out; the next one is
        complete.
        """

    @abstractmethod
    def interrupt(self) -> None:
        """Forget the voice that was heard. The mouth closes within 200 ms; head and eyes go on moving."""

    def curves(self) -> FaceCurves | None:
        """The frame that `listen` moved to, also if it is not painted.

        None for an engine whose spec does not say `curves`.
        """
        return None

    def measured_load(self) -> float | None:
        """Measure now how long the face works for a second of voice, in seconds; this takes about as long.

        None for a face that is fast enough on any machine. Called before the first frame, which stays as it
        is.
        """
        return None

    @abstractmethod
    def change(self, options: Any) -> None:
        """Use other options from the next frame on, without a jump. Only options marked `live` may differ."""
