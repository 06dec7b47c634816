"""Finds out which answer of the server belongs to which change of options."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

from joystudio_live.errors import LiveError


class Answers:
    """The server answers every change in the order in which they were sent, refusals included.

    So the answer to a change that its caller has given up is not taken for the answer to another.
    """

    def __init__(self) -> None:
        self._line: deque[asyncio.Future[dict[str, Any]] | None] = deque()

    def expect(self) -> asyncio.Future[dict[str, Any]]:
        """A change was put in line. Returns what its answer will be."""
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._line.append(answer)
        return answer

    def expect_unheard(self) -> None:
        """A change was put in line, and no caller waits for its answer."""
        self._line.append(None)

    def accept(self, options: dict[str, Any]) -> None:
        """The server made the first change: all options."""
        answer = self._next()
        if answer is not None:
            answer.set_result(options)

    def refuse(self, error: LiveError) -> bool:
        """The server refused the first change. Returns whether its caller still waits."""
        answer = self._next()
        if answer is not None:
            answer.set_exception(error)
        return answer is not None

    def end(self, error: LiveError) -> None:
        """No answers come any more."""
        while self._line:
            self.refuse(error)

    def _next(self) -> asyncio.Future[dict[str, Any]] | None:
        answer = self._line.popleft() if self._line else None
        return None if answer is None or answer.done() else answer
