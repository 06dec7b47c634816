"""Moves and paints a live face elsewhere than in the event loop."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from engines.live import LiveFace
from studio.live.face_worker import FaceWorker, FrameWork, MadeFrame
from studio.live.voice import VoiceFrame


class Painting(ABC):
    """One face that is painted. Used by one event loop, for one frame at a time."""

    def __init__(self, first_image: np.ndarray, fps: int, look_ahead: int) -> None:
        """first_image: the face before it moves. look_ahead: as of `engines.live.LiveFace`."""
        self.first_image, self.fps, self.look_ahead = first_image, fps, look_ahead
        self.lost: Callable[[Exception], None] = _forget
        """Called in the event loop if nothing can be painted any more, with the reason."""
        self.curves = False
        """Whether the frames come with them."""
        self._options: Any = None
        self._interruptions = 0

    def change(self, options: Any) -> None:
        """Use other options from the next frame on."""
        self._options = options

    def begin(
        self, cut: VoiceFrame | None, hears: int, interruptions: int, *, paint: bool
    ) -> asyncio.Future[MadeFrame]:
        """Begin the next frame. It comes as the result, without a picture if that is left out.

        cut: the frame's part of a voice; None for silence of `hears` samples. interruptions: how many there
        were so far; a new one closes the mouth.
        """
        options, self._options = self._options, None
        interrupted = interruptions != self._interruptions
        self._interruptions = interruptions
        heard = cut.heard if cut else None
        return self._make(FrameWork(heard, hears, options, interrupted, paint, self.curves))

    @abstractmethod
    def _make(self, work: FrameWork) -> asyncio.Future[MadeFrame]:
        """Begin a frame."""

    def close(self) -> None:
        """Nothing is painted any more. A second call does nothing."""
        self.lost = _forget  # what listens refers to this painting
        self._close()

    @abstractmethod
    def _close(self) -> None:
        """Give back what this painting holds. It may be called again."""


class ThreadPainting(Painting):
    """Paints in a thread of this process.

    painters: the threads. closed: called when it is closed.
    """

    def __init__(
        self,
        face: LiveFace,
        first_image: np.ndarray,
        painters: ThreadPoolExecutor,
        closed: Callable[[], None],
    ) -> None:
        super().__init__(first_image, face.fps, face.look_ahead)
        self._worker, self._painters, self._closed = FaceWorker(face), painters, closed

    def _make(self, work: FrameWork) -> asyncio.Future[MadeFrame]:
        return asyncio.get_running_loop().run_in_executor(self._painters, self._worker.make, work)

    def _close(self) -> None:
        self._closed()


def _forget(_: Exception) -> None:
    """Nothing listens."""
