"""A gate before everything that reads visitors' uploads: a few at once, the others wait their turn."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import wraps
from typing import Any

MOST_WAITING = 200
"""Largest number of waiting views; further ones get a message to try again."""
BUSY = "The page is examining too many portraits and voices at the moment. Choose the file again in a minute."


class ViewingGate:
    """Shared by all tabs of one page.

    The number of simultaneous views limits their memory. Waiting ones use no thread: Gradio has forty in
    total, and videos that are being rendered need them, too.
    """

    def __init__(self, at_once: int, most_waiting: int = MOST_WAITING) -> None:
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="view")
        self._turn = asyncio.Semaphore(at_once)
        self._room = at_once + most_waiting
        self._inside = 0

    def guard(
        self, view: Callable[..., Any], refused: Callable[..., Any]
    ) -> Callable[..., Coroutine[Any, Any, Any]]:
        """The same function behind the gate.

        refused: called instead, with the same arguments, if too many are already waiting.
        """

        @wraps(view)
        async def guarded(*given: Any) -> Any:
            # Handlers of a page run in one event loop, so nothing else runs between these lines.
            if self._inside >= self._room:
                return refused(*given)
            self._inside += 1
            # A visitor who leaves does not end the work; it keeps its turn until it has ended.
            return await asyncio.shield(asyncio.ensure_future(self._in_turn(view, given)))

        return guarded

    async def _in_turn(self, view: Callable[..., Any], given: tuple[Any, ...]) -> Any:
        context = contextvars.copy_context()  # Gradio stores there whose request it is
        try:
            async with self._turn:  # not in the pool's own queue, which a process works off before it ends
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(self._pool, context.run, view, *given)
        finally:
            self._inside -= 1
