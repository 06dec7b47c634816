"""The portraits and voices of visitors' videos, kept in the outputs for as long as a video made from them.

Each pair of a portrait and a voice has a folder, which only the user who runs the page can read. All takes of
the pair share it, and it is removed with the last of them.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import secrets
import shutil
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from media.errors import OutputError
from studio.events import Result
from studio.gallery.history_file import open_history
from studio.gallery.visitors import NO_OWNER
from studio.settings import Settings

FOLDER = "projects"
"""Inside the outputs; it has a folder per pair."""
PARTS = ("portrait", "voice", "second_voice")
"""The inputs that are kept, by their names in a job. The second voice is part of the speech of its pair."""
_OWN_NAME = re.compile("[0-9a-f]{16}")
_log = logging.getLogger("joystudio.projects")


@dataclass(frozen=True)
class InputPair:
    """A visitor's portrait and voice, by their checksums."""

    owner: str
    portrait_sha256: str
    speech_sha256: str

    @property
    def id(self) -> str:
        """16 characters, which reveal neither the owner nor the files."""
        text = f"project:{self.owner}:{self.portrait_sha256}:{self.speech_sha256}"
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def values(self) -> tuple[str, str, str]:
        """For a query with these three columns."""
        return self.owner, self.portrait_sha256, self.speech_sha256


OF_PAIR = "owner = ? AND portrait_sha256 = ? AND speech_sha256 = ?"
"""The condition of a query for the videos of a pair, with its `values`."""


def pair_of(db: sqlite3.Connection, job_id: str) -> InputPair | None:
    """The pair that a video was made from; None for a video that the history does not list."""
    row = db.execute(
        "SELECT owner, portrait_sha256, speech_sha256 FROM results WHERE job_id = ?", (job_id,)
    ).fetchone()
    return InputPair(*row) if row else None


def has_takes(db: sqlite3.Connection, pair: InputPair) -> bool:
    """Whether the history lists a video made from a pair."""
    return db.execute(f"SELECT 1 FROM results WHERE {OF_PAIR} LIMIT 1", pair.values).fetchone() is not None


def folder_of(video: Path, pair: InputPair) -> Path | None:
    """The folder of a pair, next to one of its videos; None for a video that the program has not named."""
    if pair.owner == NO_OWNER or not _OWN_NAME.fullmatch(video.stem):
        return None
    return video.parent / FOLDER / pair.id


def keep_inputs(result: Result, files: Mapping[str, Path], settings: Settings) -> None:
    """Keep the files that a visitor's video was made from, unless an earlier take of the pair has kept them.

    files: by the names in PARTS, as far as there are files, and others by names of their own. They are linked
    if they are on the same disk, else copied. If they cannot be kept, the log says why: a finished
    video matters more.
    """
    try:
        with open_history(settings.history) as db:
            pair = pair_of(db, result.job_id)
        folder = folder_of(result.path, pair) if pair else None
        lacking = {part: file for part, file in files.items() if folder and kept_file(folder, part) is None}
        if pair is None or folder is None or not lacking:
            return
        new = folder.with_name(f".new-{secrets.token_hex(16)}")
        try:
            for part, file in lacking.items():
                _link(file, new / part)
            with open_history(settings.history) as db:
                db.execute("BEGIN IMMEDIATE")  # its last take may be deleted at this moment
                if has_takes(db, pair):
                    _move(new, folder, lacking)
        finally:
            shutil.rmtree(new, ignore_errors=True)
    except (OSError, OutputError) as error:
        _log.warning("The portrait and voice of a video could not be kept: %s", error)


def kept_file(folder: Path, part: str) -> Path | None:
    """The kept file of a part in the folder of a pair; None if there is none."""
    here = folder / part
    if here.is_symlink() or not here.is_dir():
        return None
    return next((path for path in sorted(here.iterdir()) if path.is_file() and not path.is_symlink()), None)


def link_or_copy(source: Path, target: Path) -> None:
    """Give a file a second name; on another disk, or one without links, a copy. Raises OSError."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def inputs_size(folder: Path) -> int:
    """Size in bytes of the files in the folder of a pair."""
    names = [one.name for one in folder.iterdir()] if folder.is_dir() else []
    files = (kept_file(folder, part) for part in names)
    return sum(file.lstat().st_size for file in files if file is not None)


def forget_inputs(video: Path, pair: InputPair) -> None:
    """Remove the kept files of a pair. video: one of its videos, which may be gone."""
    folder = folder_of(video, pair)
    if folder is not None and not folder.is_symlink():
        shutil.rmtree(folder, ignore_errors=True)


def _link(source: Path, folder: Path) -> None:
    folder.parent.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.parent.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(mode=0o700)
    link_or_copy(source, folder / source.name)


def _move(new: Path, folder: Path, parts: Mapping[str, Path]) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    for part in parts:
        if kept_file(folder, part) is None:
            shutil.rmtree(folder / part, ignore_errors=True)
            (new / part).rename(folder / part)
