"""Lets the signals that end a program do what Ctrl-C does, so that everything is tidied up."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
"""What a service manager, `kill` and a batch system send, and what a terminal sends that is closed."""


@contextmanager
def signals_as_interrupts() -> Iterator[list[int]]:
    """Raise KeyboardInterrupt for them in the main thread; the numbers of those that came are in the list.

    A signal that is ignored, as under `nohup`, stays so. Outside the main thread nothing changes.
    """
    told: list[int] = []

    def stop(number: int, _: object) -> None:
        told.append(number)
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield told
        return
    before = {
        number: signal.signal(number, stop) for number in ENDING if signal.getsignal(number) is signal.SIG_DFL
    }
    try:
        yield told
    finally:
        for number, usual in before.items():
            signal.signal(number, usual)
