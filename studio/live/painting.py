"""Moves and paints a live face in another thread than the event loop's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import numpy as np

from engines.live import LiveFace, Picture
from studio.live.voice import Cut

_NOTHING = np.zeros(0, np.float32)
T = TypeVar("T")


class Painting:
    """One face and the thread that paints it. Used by one event loop.

    painters: the threads. closed: called once when it is closed.
    """

    def __init__(self, face: LiveFace, painters: ThreadPoolExecutor, closed: Callable[[], None]) -> None:
        self._face, self._painters, self._closed = face, painters, closed
        self._options: Any = None
        self._interruptions = 0
        self.first_image: np.ndarray = np.zeros((0, 0, 3), np.uint8)

    async def first(self) -> None:
        """Paint the face before it moves, as `first_image`."""
        self.first_image = (await self._in_thread(self._face.paint)).image

    def change(self, options: Any) -> None:
        """Use other options from the next frame on."""
        self._options = options

    async def next(self, cut: Cut | None, hears: int, interruptions: int, *, paint: bool) -> Picture | None:
        """Move to the next frame, and paint it unless the picture is left out.

        cut: the frame's part of a voice; None for silence of `hears` samples. interruptions: how many there
        were so far; a new one closes the mouth.
        """
        options, self._options = self._options, None
        interrupted = interruptions != self._interruptions
        self._interruptions = interruptions

        def work() -> Picture | None:
            if options is not None:
                self._face.change(options)
            if interrupted:
                self._face.interrupt()
            if cut is None:
                self._face.listen(np.zeros(hears, np.float32), _NOTHING, ended=True)
            else:
                heard, ahead, ended = cut.hear()
                self._face.listen(heard, ahead, ended=ended)
            return self._face.paint() if paint else None

        return await self._in_thread(work)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._painters, work)

    def close(self) -> None:
        """Nothing is painted any more."""
        self._closed()
