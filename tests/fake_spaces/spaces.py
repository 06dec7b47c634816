"""Replaces the package `spaces` of a ZeroGPU Space: the work runs in a forked process, as it does there.

As in the real one: what goes in and comes out is pickled, an exception comes back as its class's name only,
and closing the generator stops the work at its next result.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Generator
from functools import wraps
from typing import Any

DURATIONS: list[int] = []
"""What was asked for, job by job."""
REFUSAL: list[str] = []
"""A message here refuses the next job."""


class Error(Exception):
    """As gr.Error, which has its text in `message`."""

    def __init__(self, message: str) -> None:
        super().__init__(repr(message))
        self.message = message


Task = Callable[..., Generator[Any, None, None]]


def GPU(  # noqa: N802 (its name in the real package)
    duration: Callable[..., int],
) -> Callable[[Callable[..., Generator[Any, None, None]]], Callable[..., Generator[Any, None, None]]]:
    def decorate(
        task: Callable[..., Generator[Any, None, None]],
    ) -> Callable[..., Generator[Any, None, None]]:
        @wraps(task)
        def lent(*args: Any, **kwargs: Any) -> Generator[Any, None, None]:
            DURATIONS.append(duration(*args, **kwargs))
            if REFUSAL:
                raise Error(REFUSAL.pop())
            context = multiprocessing.get_context("fork")
            # Pipes, and no locks that both sides share: a worker that is forked may not find them free.
            results, given = context.Pipe(duplex=False)
            stopped, stop = context.Pipe(duplex=False)
            worker = context.Process(target=_work, args=(task, args, kwargs, given, stopped), daemon=True)
            worker.start()
            given.close()
            try:
                while (result := results.recv()) is not None:
                    kind, value = result
                    if kind == "error":
                        raise Error(value)
                    yield value
            finally:
                stop.send(True)
                while result is not None:
                    result = results.recv()
                worker.join(30)
                assert worker.exitcode == 0

        return lent

    return decorate


def _work(task: Any, args: Any, kwargs: Any, given: Any, stopped: Any) -> None:
    work = task(*args, **kwargs)
    try:
        for value in work:
            if stopped.poll():
                work.close()
                break
            given.send(("value", value))
    except BaseException as error:
        given.send(("error", type(error).__name__))
    given.send(None)
