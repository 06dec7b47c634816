"""Makes the items of a generator in a separate thread, a few before they are wanted.

What makes the items and what uses them then work at the same time, where most of their work is done outside
of Python: decoders, OpenCV, and networks.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from typing import TypeVar

_Item = TypeVar("_Item")


@dataclass(frozen=True)
class _End:
    error: BaseException | None


def read_ahead(items: Generator[_Item], most: int, name: str = "read ahead") -> Generator[_Item]:
    """The items of a generator that runs in a thread of its own, started with the first item.

    most: items at once, at least 1, with the one being made and the one in use. name: of the thread.

    An error in `items` is raised after the items before it. Closing this generator closes `items`, after the
    item that is being made, and ends the thread.
    """
    made: queue.SimpleQueue[_Item | _End] = queue.SimpleQueue()
    room = threading.Semaphore(most)
    stop = threading.Event()

    def work() -> None:
        try:
            with closing(items):
                while room.acquire() and not stop.is_set():
                    try:
                        made.put(next(items))
                    except StopIteration:
                        break
        except BaseException as error:
            made.put(_End(error))
        else:
            made.put(_End(None))

    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    try:
        while not isinstance(item := made.get(), _End):
            yield item
            del item  # or it would stay in memory while the next one is awaited
            room.release()
        if item.error is not None:
            raise item.error
    finally:
        stop.set()
        room.release()
        thread.join()
