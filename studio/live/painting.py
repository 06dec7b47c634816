"""Moves and paints a live face in another thread than the event loop's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from engines.live import LiveFace
from studio.live.voice import Cut

_NOTHING = np.zeros(0, np.float32)


class Painting:
    """One face and the threads that paint it. Used by one event loop, for one frame at a time.

    first_image: the face before it moves. painters: the threads. closed: called when it is closed.
    """

    def __init__(
        self,
        face: LiveFace,
        first_image: np.ndarray,
        painters: ThreadPoolExecutor,
        closed: Callable[[], None],
    ) -> None:
        self.first_image = first_image
        self.fps = face.fps
        self.look_ahead = face.look_ahead
        """Samples at 16 kHz after a frame that it waits for."""
        self._face, self._painters, self._closed = face, painters, closed
        self._options: Any = None
        self._interruptions = 0

    def change(self, options: Any) -> None:
        """Use other options from the next frame on."""
        self._options = options

    def begin(
        self, cut: Cut | None, hears: int, interruptions: int, *, paint: bool
    ) -> asyncio.Future[np.ndarray | None]:
        """Begin the next frame. Its picture comes as the result, (H, W, 3) uint8; None if it is left out.

        cut: the frame's part of a voice; None for silence of `hears` samples. interruptions: how many there
        were so far; a new one closes the mouth.
        """
        options, self._options = self._options, None
        interrupted = interruptions != self._interruptions
        self._interruptions = interruptions

        def work() -> np.ndarray | None:
            if options is not None:
                self._face.change(options)
            if interrupted:
                self._face.interrupt()
            heard, ahead, ended = cut.hear() if cut else (np.zeros(hears, np.float32), _NOTHING, True)
            self._face.listen(heard, ahead, ended=ended)
            return self._face.paint() if paint else None

        return asyncio.get_running_loop().run_in_executor(self._painters, work)

    def close(self) -> None:
        """Nothing is painted any more."""
        self._closed()
