"""One video's folder: built in a hidden folder, and renamed to its final name when it is complete.

So a process may be killed at any moment: unfinished work is lost, finished work is kept. Several processes
may work on one dataset; the first to finish an item wins.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from media.errors import DatasetError
from media.file_lock import NoLocks, is_held, lock_file
from training.dataset.lines import read_document, write_document

ITEMS, FAILED = "items", "failed"
MARK = "item.json"
"""In an item's folder: describes the item and marks it as complete."""
PART = ".part-"
LOCK = ".lock-"


@dataclass(frozen=True)
class ItemFacts:
    """The facts about a prepared video.

    frames: number of frames at 25 per second; everything else in the item has the same length. width, height:
    pixels.
    random_weights: whether any network with random weights processed it. notes: sentences for the user, which
    the summary counts. more: further JSON values.
    """

    frames: int
    width: int
    height: int
    random_weights: bool = False
    notes: tuple[str, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)


def write_item(
    root: Path, name: str, source: str, make: Callable[[Path], ItemFacts], run: str | None = None
) -> bool:
    """Let `make` fill an empty folder, then give the folder its final name.

    Returns False if the item exists already. source: the video's path relative to the folder of videos. run:
    as of `new_part`. Whatever `make` raises is passed on, and the folder is deleted.
    """
    if is_done(root, name):
        return False
    part = new_part(root, run)
    try:
        began = time.time()
        facts = make(part)
        return publish(part, root, name, source, facts, time.time() - began)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def new_part(root: Path, run: str | None = None) -> Path:
    """An empty folder with an unguessable name beside the items.

    run: its owner, as of `run_name`; by default this process.
    """
    items = Path(root) / ITEMS
    items.mkdir(parents=True, exist_ok=True)
    part = items / f"{PART}{run or run_name()}-{secrets.token_hex(16)}"
    part.mkdir()
    return part


def publish(part: Path, root: Path, name: str, source: str, facts: ItemFacts, seconds: float) -> bool:
    """Mark a filled folder as complete and give it the item's name. Returns False, and deletes the folder, if
    the item exists already.
    """
    write_document(
        part / MARK,
        {
            "name": name,
            "source": source,
            "frames": facts.frames,
            "width": facts.width,
            "height": facts.height,
            **facts.more,
            "notes": list(facts.notes),
            "made_up_weights": facts.random_weights,
            "seconds": round(seconds, 3),
            "finished": round(time.time(), 3),
        },
    )
    try:
        part.rename(Path(root) / ITEMS / name)
    except OSError:
        if not is_done(root, name):
            raise
        shutil.rmtree(part, ignore_errors=True)
        return False
    failure_path(root, name).unlink(missing_ok=True)
    return True


def is_done(root: Path, name: str) -> bool:
    """Whether an item exists and is complete."""
    return (Path(root) / ITEMS / name / MARK).is_file()


def done_items(root: Path) -> Iterator[dict[str, Any]]:
    """The facts about every complete item, by name. Raises DatasetError for a damaged mark."""
    for folder in sorted(Path(root, ITEMS).glob("*/")):
        if not folder.name.startswith(PART) and (folder / MARK).is_file():
            yield _checked(folder / MARK, "name")


def write_failure(root: Path, name: str, source: str, code: str, reason: str, **more: Any) -> None:
    """Record why a video cannot be used. code: a word for the rule, such as `no_audio`. reason: a
    sentence.
    """
    path = failure_path(root, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    facts = {"name": name, "source": source, "reason": reason, "code": code, **more}
    write_document(path, {**facts, "finished": round(time.time(), 3)})


def failures(root: Path) -> Iterator[dict[str, Any]]:
    """The facts about every video that cannot be used, by name."""
    for path in sorted(Path(root, FAILED).glob("*.json")):
        with contextlib.suppress(FileNotFoundError):  # another process has just completed it
            yield _checked(path, "name", "code")


def _checked(path: Path, *named: str) -> dict[str, Any]:
    """A document with the required texts, and a valid time of its end if it has one. Raises DatasetError."""
    facts = read_document(path)
    lacking = [name for name in named if not isinstance(facts.get(name), str)]
    if not isinstance(facts.get("finished", 0.0), int | float):
        lacking.append("finished")
    if lacking:
        raise DatasetError(
            "{path} is damaged (it lacks {lacking}); run prepare again with --resume to write it again.",
            path=path,
            lacking=", ".join(lacking),
        )
    return facts


def failure_path(root: Path, name: str) -> Path:
    """The file that records a refused video."""
    return Path(root) / FAILED / f"{name}.json"


def run_name() -> str:
    """The name of this run: this machine and process."""
    host = "".join(c for c in socket.gethostname() if c.isalnum())[:32] or "host"
    return f"{host}-{os.getpid()}"


@contextmanager
def at_work(root: Path, run: str) -> Iterator[None]:
    """Show for the length of a `with` block that a run is working: it keeps a file with its name locked."""
    path = _lock_of(root, run)
    path.parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        # a run of the same name in another container locks it already
        with contextlib.suppress(BlockingIOError):
            held.enter_context(lock_file(path, remove=True))
        yield


def remove_parts(root: Path, run: str | None = None) -> None:
    """Remove the unfinished folders of a run and those of runs that have ended on any machine."""
    for folder in Path(root, ITEMS).glob(f"{PART}*/"):
        owner = folder.name[len(PART) :].rpartition("-")[0]
        if owner == run or _is_gone(root, owner):
            shutil.rmtree(folder, ignore_errors=True)
    for path in Path(root, ITEMS).glob(f"{LOCK}*"):
        if _is_gone(root, path.name[len(LOCK) :]):
            path.unlink(missing_ok=True)


def _lock_of(root: Path, run: str) -> Path:
    return Path(root) / ITEMS / f"{LOCK}{run}"


def _is_gone(root: Path, owner: str) -> bool:
    """Whether a run has ended, according to its lock, or to its process if it has no lock."""
    with contextlib.suppress(OSError, NoLocks):
        return not is_held(_lock_of(root, owner))
    return _has_no_process(owner)


def _has_no_process(owner: str) -> bool:
    host, _, process = owner.rpartition("-")
    if host != run_name().rpartition("-")[0] or not process.isdigit():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
