"""Lets the signals that end a program do what Ctrl-C does, so that it cleans up."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from studio.ending import ENDING, Ending

SAME_WISH = 1.0
"""Seconds in which further signals count as the first one: make and other programs that start this one send
it the Ctrl-C that it already has from the terminal.
"""
_USUAL = (signal.SIG_DFL, signal.default_int_handler)


@contextmanager
def signals_as_interrupts() -> Iterator[list[int]]:
    """Raise KeyboardInterrupt for these signals in the main thread; the list receives their numbers.

    An ignored signal, as under `nohup`, stays ignored. Outside the main thread, nothing changes. After one
    signal the handlers stay, so that another does not interrupt the end of the program.
    """
    ending = Ending()
    if threading.current_thread() is not threading.main_thread():
        yield ending.received
        return
    before = {
        number: signal.signal(number, ending) for number in ENDING if signal.getsignal(number) in _USUAL
    }
    try:
        yield ending.received
    finally:
        for number, usual in before.items():
            if not ending.received:
                signal.signal(number, usual)


@contextmanager
def first_signal_calls(action: Callable[[], object]) -> Iterator[None]:
    """Let the running event loop call `action` for the first of these signals; a later one does what it did
    before.

    An ignored signal stays ignored. Outside the main thread, nothing changes.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in ENDING}
    first: list[float] = []
    loop = asyncio.get_running_loop()

    def handle(number: int, frame: object) -> None:
        usual = before[number]
        if not first:
            first.append(time.monotonic())
            loop.call_soon_threadsafe(action)  # which wakes it up, while anything else here would not
        elif time.monotonic() - first[0] > SAME_WISH and callable(usual):
            usual(number, None)

    taken = [number for number, usual in before.items() if callable(usual)]
    for number in taken:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, before[number])
