"""Visitors' work besides single videos: downloads of weights, exports, and lists of videos.

It is stored on disk so that a restart of the page does not lose it. Each has a folder in
`outputs/waiting-tasks`: `task.json` says who asked for what in which part of the page, and the uploads that
it needs lie next to it. `made.json` says which part of it is made.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from media.file_lock import let_go
from studio.clock import SureClock
from studio.gallery.kept_inputs import link_or_copy
from studio.settings import Settings
from studio.waiting_folders import ClaimedFolder, WaitingFolders, gone, read_facts, tries

FOLDER = "waiting-tasks"
ABOUT = "task.json"
MADE = "made.json"


@dataclass(frozen=True)
class TaskRequest:
    """What a visitor asked for. values: as JSON has them. files: uploads by their names in the wish."""

    values: list[Any]
    files: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True)
class InterruptedTask:
    """A task that no process does any more.

    kind: the part of the page. tries: how often it was interrupted in the middle.
    """

    id: str
    kind: str
    tries: int


class KeptTask(ClaimedFolder):
    """A task that this process has."""

    def __init__(
        self, wish: TaskRequest, path: Path | None, held: int | None, ending: Callable[[], bool]
    ) -> None:
        super().__init__(path, held, ending)
        self.wish = wish
        self.made: dict[str, str] = read_facts(path / MADE) if path else {}
        """The ids of what is made of it, such as those of videos by the numbers of their lines."""

    def note(self, line: str, made: str, *, progress: bool = True) -> None:
        """Record that a part of it is made, so that it is known after a restart.

        progress: whether a restart continues after this part.
        """
        self.made[line] = made
        if self.path is not None:
            part = self.path / f"{MADE}.part"
            with contextlib.suppress(OSError):
                part.write_text(json.dumps(self.made), encoding="utf-8")
                part.replace(self.path / MADE)
        if progress:
            self.progressed()


class WaitingTasks:
    """All tasks of one page's visitors. Safe to use from several threads and processes."""

    def __init__(self, settings: Settings, ending: Callable[[], bool] = lambda: False) -> None:
        """ending: whether the page is stopping."""
        self._folders = WaitingFolders(settings.outputs / FOLDER, ABOUT, settings.keep_hours * 3600)
        self._ending = ending

    def keep(self, kind: str, wish: TaskRequest, owner: str) -> KeptTask:
        """Store a task with its files for its visitor; this process has it until it is done.

        A task without an owner is not stored, and one that cannot be stored is done anyway.
        """

        def facts(new: Path) -> dict[str, Any]:
            return {"kind": kind, "values": wish.values, "files": _link(wish.files, new)}

        kept = KeptTask(wish, *self._folders.keep(owner, facts), self._ending)
        if kept.path is not None:
            kept.copies = dict(zip(wish.files.values(), _places(wish.files, kept.path), strict=True))
        return kept

    def interrupted(self, owner: str) -> list[InterruptedTask]:
        """A visitor's tasks that no process does any more, oldest first."""
        return [
            InterruptedTask(folder.name, str(about.get("kind")), tries(folder))
            for folder, about in self._folders.interrupted(owner)
        ]

    def take(self, owner: str, task_id: str) -> KeptTask:
        """Take an interrupted task, to do it now. Raises InputError if it is gone or belongs to
        someone else.
        """
        folder, held, about = self._folders.take(owner, task_id)
        try:
            return KeptTask(_wish(folder, about), folder, held, self._ending)
        except (KeyError, TypeError, ValueError, AttributeError):
            let_go(held)
            shutil.rmtree(folder, ignore_errors=True)
            raise gone() from None

    def discard(self, owner: str, task_id: str) -> None:
        """Remove an interrupted task with its files. Raises InputError as `take` does."""
        self.take(owner, task_id).done()

    def sweep(self, clock: SureClock) -> int:
        """Remove interrupted tasks that are certainly too old, and incomplete ones. Returns their number."""
        return self._folders.sweep(clock)


def _link(files: Mapping[str, Path], folder: Path) -> dict[str, list[str]]:
    """Put a task's files into its folder, each in one of its own, because two can have one name. Returns the
    places. Raises OSError.
    """
    places = {}
    for (name, source), place in zip(files.items(), _places(files, folder), strict=True):
        place.parent.mkdir(mode=0o700)
        link_or_copy(source, place)
        places[name] = [place.parent.name, place.name]
    return places


def _places(files: Mapping[str, Path], folder: Path) -> list[Path]:
    return [folder / str(number) / source.name for number, source in enumerate(files.values())]


def _wish(folder: Path, about: dict[str, Any]) -> TaskRequest:
    places = {name: [Path(part).name for part in place] for name, place in about["files"].items()}
    return TaskRequest(
        list(about["values"]), {name: folder.joinpath(*place) for name, place in places.items()}
    )
