"""Stands in for the package `spaces` of a ZeroGPU Space: the work runs in a forked process, as it does there.

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
            results, stop = context.SimpleQueue(), context.Event()
            worker = context.Process(target=_work, args=(task, args, kwargs, results, stop), daemon=True)
            worker.start()
            try:
                while (result := results.get()) is not None:
                    kind, value = result
                    if kind == "error":
                        raise Error(value)
                    yield value
            finally:
                stop.set()
                while worker.is_alive() and result is not None:
                    result = results.get()
                worker.join(30)
                assert worker.exitcode == 0

        return lent

    return decorate


def _work(task: Any, args: Any, kwargs: Any, results: Any, stop: Any) -> None:
    work = task(*args, **kwargs)
    try:
        for value in work:
            if stop.is_set():
                work.close()
                break
            results.put(("value", value))
    except BaseException as error:
        results.put(("error", type(error).__name__))
    results.put(None)
