"""Lets the signals that end a program do what Ctrl-C does, so that it cleans up."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from studio.ending import ENDING, Ending

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
