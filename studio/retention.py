"""How long finished videos stay: by age and total size, and never while a job uses them.

Only files that the program has named itself are ever removed: `<id>.mp4` in the outputs, its motion, the
portrait and voice that were kept with it, and the folders of comparisons. Videos that a user named with `-o`,
and those of `batch`, stay.
"""

from __future__ import annotations

import logging
import re
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from media.errors import JoyStudioError
from studio.comparison.folders import FOLDER, delete_comparison, list_comparisons
from studio.free_space import GB
from studio.gallery.exports import FOLDER as EXPORTS
from studio.gallery.exports import exports_size
from studio.gallery.history import History
from studio.gallery.history_file import open_history
from studio.gallery.kept_inputs import FOLDER as PROJECTS
from studio.gallery.kept_inputs import InputPair, folder_of, inputs_size
from studio.in_use import in_use
from studio.motion import motion_path
from studio.settings import Settings

PUBLIC_DAYS = 7.0
"""Days for which a Space or a public page keeps finished videos; as long as a link is valid."""
PUBLIC_GB = 10.0
"""Gigabytes that they may take there; a Space without its own storage has 50 GB in all."""
SPARED = 600.0
"""Seconds for which a finished video stays however much room it takes: its maker is watching it."""
DAY, HOUR = 86_400.0, 3600.0

_OWN_NAME = re.compile("[0-9a-f]{16}")
"""The names that `studio.run` gives to videos without a name."""
_log = logging.getLogger("joystudio.retention")


def for_visitors(settings: Settings) -> Settings:
    """The settings of a public page: what its owner has not set gets a sensible limit, and live pictures the
    mark "AI".
    """
    bounds = {"keep_days": PUBLIC_DAYS, "keep_gb": PUBLIC_GB, "live_mark": True}
    return settings.model_copy(
        update={name: value for name, value in bounds.items() if getattr(settings, name) is None}
    )


@dataclass(frozen=True)
class Swept:
    """The result of a sweep."""

    videos: int = 0
    comparisons: int = 0
    bytes: int = 0


@dataclass(frozen=True)
class _Removable:
    """A video or comparison that may be removed.

    created: seconds since 1970. linked: whether a link to it is valid. files: those that a job may be
    reading. inputs: the folder of the kept portrait and voice, which goes with the last video made from them.
    """

    created: float
    size: int
    linked: bool
    files: tuple[Path, ...]
    remove: Callable[[], object]
    comparison: bool = False
    inputs: Path | None = None


def sweep_finished(settings: Settings, *, now: float | None = None, ages: bool = True) -> Swept:
    """Remove finished videos and comparisons that are too old, and the oldest ones if they take too much
    room.

    A video with a valid link stays until the link ends, and is removed last if room is short. now: seconds
    since 1970. ages: False keeps what is only too old, for a clock that may be wrong. Raises OutputError if
    the history cannot be read; a file that cannot be removed is logged and skipped.
    """
    now = time.time() if now is None else now
    _sweep_orphans(settings, now if ages else 0.0)
    units = sorted(
        (*_videos(settings, now), *_comparisons(settings)), key=lambda one: (one.linked, one.created)
    )
    room = settings.keep_gb * GB if settings.keep_gb is not None else float("inf")
    takes = Counter(one.inputs for one in units if one.inputs is not None)
    sizes = {folder: inputs_size(folder) for folder in takes}
    taken = sum(one.size for one in units) + sum(sizes.values())
    videos = comparisons = freed = 0
    for one in units:
        age = now - one.created
        old = ages and not one.linked and age > _longest(one, settings)
        crowded = taken > room and age > SPARED
        if not (old or crowded) or any(map(in_use, one.files)):
            continue
        try:
            one.remove()
        except JoyStudioError:
            _log.warning("A finished video could not be removed.", exc_info=True)
            continue
        removed = one.size
        if one.inputs is not None:
            takes[one.inputs] -= 1
            removed += 0 if takes[one.inputs] else sizes[one.inputs]
        taken -= removed
        freed += removed
        videos += not one.comparison
        comparisons += one.comparison
    return Swept(videos, comparisons, freed)


def _longest(one: _Removable, settings: Settings) -> float:
    """Seconds for which something is kept."""
    if one.comparison:
        return settings.keep_hours * HOUR
    return settings.keep_days * DAY if settings.keep_days is not None else float("inf")


def _videos(settings: Settings, now: float) -> Iterator[_Removable]:
    """Every finished video that the program has named itself and the history lists."""
    history = History(settings.history)
    with open_history(settings.history) as db:
        rows = db.execute("SELECT job_id, created, owner, portrait_sha256, speech_sha256 FROM results")
        known = {job_id: (created, InputPair(*pair)) for job_id, created, *pair in rows}
        linked = {row[0] for row in db.execute("SELECT job_id FROM shares WHERE expires > ?", (now,))}
    for path in settings.outputs.resolve().glob("*.mp4"):
        job_id = path.stem
        if _OWN_NAME.fullmatch(path.stem) and job_id in known:
            created, pair = known[job_id]
            yield _Removable(
                datetime.fromisoformat(created).timestamp(),
                _size(path) + _size(motion_path(path)) + exports_size(path),
                bool(settings.share_hours) and job_id in linked,
                (path, motion_path(path)),
                partial(history.delete, job_id, file=True),
                inputs=folder_of(path, pair),
            )


def _comparisons(settings: Settings) -> Iterator[_Removable]:
    for made in list_comparisons(settings):
        size = sum(map(_size, made.path.glob("*")))
        remove = partial(delete_comparison, made, settings)
        yield _Removable(made.created, size, False, (made.path,), remove, comparison=True)


def _sweep_orphans(settings: Settings, now: float) -> None:
    """Remove folders of comparisons that the history does not list, kept inputs of no video, and exports of
    deleted videos.
    """
    outputs = settings.outputs.resolve()
    for exported in (outputs / EXPORTS).glob("*"):
        if not (outputs / f"{exported.name}.mp4").exists() and not exported.is_symlink():
            shutil.rmtree(exported, ignore_errors=True)
    known = {made.path for made in list_comparisons(settings)}
    with open_history(settings.history) as db:
        rows = db.execute("SELECT job_id, owner, portrait_sha256, speech_sha256 FROM results").fetchall()
    there = {path.stem for path in outputs.glob("*.mp4")}
    known |= {outputs / PROJECTS / InputPair(*pair).id for job_id, *pair in rows if job_id in there}
    for path in (*(outputs / FOLDER).glob("*"), *(outputs / PROJECTS).glob("*")):
        if path in known or path.is_symlink() or in_use(path):
            continue
        if now - path.stat().st_mtime > settings.keep_hours * HOUR:
            shutil.rmtree(path, ignore_errors=True)


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0
