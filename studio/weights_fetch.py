"""Downloads a group of an engine's weights and reports its progress."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from media.errors import Cancelled, OptionError, WeightsMissing
from studio.weight_sets import weight_set_of

if TYPE_CHECKING:
    from engines.weights.catalogue import WeightFile


PATIENCE = 0.5
"""Seconds without news after which the last report is repeated."""
MOST_SILENT = 90.0
"""Seconds in which nothing comes before the download ends. The Hub's client tries again every ten."""


@dataclass(frozen=True)
class Fetching:
    """Progress of a group: the current file, its number, the number of files, and the received bytes.

    total: None until the Hub has sent the file's size. silent: seconds since anything came.
    """

    file: str
    number: int
    files: int
    received: int
    total: int | None
    silent: float = 0.0


def fetch_group(engine: str, group: str) -> Generator[Fetching, None, None]:
    """Download the missing or random files of an engine's or a speech engine's group; an interrupted download
    resumes.

    Closing the generator stops the transfer at its next piece. Raises OptionError for a group that the engine
    does not have, WeightsMissing if the Hub cannot be reached or stops sending, and OutputError if the disk
    fails.
    """
    known = weight_set_of(engine)
    if group not in known.catalogue.groups:
        raise OptionError(
            "There is no group {group!r}. Available: {groups}.",
            group=group,
            groups=", ".join(known.catalogue.groups),
        )
    events: queue.Queue[Fetching | BaseException | None] = queue.Queue()
    stop = threading.Event()
    signs = _Signs()
    worker = threading.Thread(
        target=_work, args=(known, group, events, stop, signs), name="joystudio-fetch", daemon=True
    )
    worker.start()
    latest = Fetching("", 1, 1, 0, None)
    try:
        while True:
            try:
                news = events.get(timeout=PATIENCE)
            except queue.Empty:
                # Repeat it: the reader can close this generator only between two reports.
                news = replace(latest, silent=signs.silence)
                if news.silent > MOST_SILENT:
                    raise WeightsMissing(
                        "{name} is incomplete: nothing has come for {seconds:.0f} seconds. Try again later; "
                        "the download resumes.",
                        name=news.file,
                        seconds=news.silent,
                    ) from None
            if news is None:
                return
            if isinstance(news, BaseException):
                raise news
            latest = news
            yield news
    finally:
        stop.set()


class _Signs:
    """When anything came last, while a file is on its way."""

    def __init__(self) -> None:
        self._last: float | None = None

    def note(self) -> None:
        self._last = time.monotonic()

    def end(self) -> None:
        """The file is here; what follows is work on this machine."""
        self._last = None

    @property
    def silence(self) -> float:
        """Seconds since then."""
        last = self._last
        return 0.0 if last is None else time.monotonic() - last


def _work(known: Any, group: str, events: queue.Queue[Any], stop: threading.Event, signs: _Signs) -> None:
    from engines.weights.download import download, fetch
    from engines.weights.received_pieces import on_each_piece

    try:
        folder = known.catalogue.folder()
        wanted = [file for file in known.wanted(folder, (group,)) if not file.made_here]
        numbers = {file: number for number, file in enumerate(wanted, 1)}

        def check(file: WeightFile, path: Path) -> str:
            return str(known.fault_of(folder, file, path))

        def get(file: WeightFile, below: Path) -> Path:
            if stop.is_set():
                raise Cancelled("The download was stopped.")
            place = file.path, numbers[file], len(wanted)
            signs.note()
            events.put(Fetching(*place, 0, None))

            def tell(done: int, total: int | None) -> None:
                signs.note()
                events.put(Fetching(*place, done, total))

            with on_each_piece(signs.note):
                path = fetch(file, below, check=check, bar=_bar(tell, stop))
            signs.end()
            return path

        for _ in download(wanted, folder, get, replaceable=known.is_random):
            if stop.is_set():
                return
        for _ in known.make(folder, (group,)):
            pass
        events.put(None)
    except BaseException as error:
        events.put(error)


def _bar(tell: Any, stop: threading.Event) -> type[Any]:
    """A class of bars for the Hub's client that passes on its progress, and can stop it."""
    from huggingface_hub.utils import tqdm

    class Bar(tqdm):
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            self.done = int(named.get("initial") or 0)
            self.whole = named.get("total")

        def update(self, n: float | None = 1) -> bool | None:
            if stop.is_set():
                raise Cancelled("The download was stopped.")
            self.done += int(n or 0)
            tell(self.done, int(self.whole) if self.whole else None)
            return super().update(n)

    return Bar
