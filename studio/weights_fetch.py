"""Downloads a group of an engine's weights and reports its progress."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from media.errors import Cancelled, OptionError
from studio.weight_sets import weight_set_of

if TYPE_CHECKING:
    from engines.weights.catalogue import WeightFile


PATIENCE = 0.5
"""Seconds without news after which the last report is repeated."""


@dataclass(frozen=True)
class Fetching:
    """Progress of a group: the current file, its number, the number of files, and the received bytes.

    total: None until the Hub has sent the file's size.
    """

    file: str
    number: int
    files: int
    received: int
    total: int | None


def fetch_group(engine: str, group: str) -> Generator[Fetching, None, None]:
    """Download the missing or random files of an engine's or a speech engine's group; an interrupted download
    resumes.

    Closing the generator stops the transfer at its next piece. Raises OptionError for a group that the engine
    does not have, WeightsMissing if the Hub cannot be reached, and OutputError if the disk fails.
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
    worker = threading.Thread(
        target=_work, args=(known, group, events, stop), name="joystudio-fetch", daemon=True
    )
    worker.start()
    latest: Fetching | None = None
    try:
        while True:
            try:
                news = events.get(timeout=PATIENCE)
            except queue.Empty:
                # Repeat it: the reader can close this generator only between two reports.
                news = latest or Fetching("", 1, 1, 0, None)
            if news is None:
                return
            if isinstance(news, BaseException):
                raise news
            latest = news
            yield news
    finally:
        stop.set()


def _work(known: Any, group: str, events: queue.Queue[Any], stop: threading.Event) -> None:
    from engines.weights.download import download

    try:
        folder = known.catalogue.folder()
        wanted = [file for file in known.wanted(folder, (group,)) if not file.made_here]
        numbers = {file: number for number, file in enumerate(wanted, 1)}

        def fetch(file: WeightFile, below: Path) -> Path:
            if stop.is_set():
                raise Cancelled("The download was stopped.")
            place = file.path, numbers[file], len(wanted)
            events.put(Fetching(*place, 0, None))
            return _fetch(file, below, lambda done, total: events.put(Fetching(*place, done, total)), stop)

        for _ in download(wanted, folder, fetch, replaceable=known.is_random):
            if stop.is_set():
                return
        for _ in known.make(folder, (group,)):
            pass
        events.put(None)
    except BaseException as error:
        events.put(error)


def _fetch(file: WeightFile, below: Path, tell: Any, stop: threading.Event) -> Path:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.utils import tqdm

    from engines.weights.hub import check_hub

    class Bar(tqdm):
        """Passes on the progress of the Hub's client, and can stop it."""

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

    check_hub()
    return Path(hf_hub_download(file.repository, file.name, local_dir=below, tqdm_class=Bar))
