"""Finds finished videos in a folder by their own metadata, to rebuild the history."""

from __future__ import annotations

import hashlib
import os
import re
import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from media.errors import InputError
from studio.dubbing.found import VIDEO, found_dub
from studio.events import Result
from studio.motion import motion_path
from studio.provenance.origin import Origin, read_facts

PRIVATE = frozenset({"served", "comparisons", "exports", "waiting", "projects"})
"""Subfolders with files of visitors that no history lists."""
NOTE = (
    "This line was restored from the video itself, after the history was damaged: the time is that of the "
    "file, and the names of portrait and voice are not known."
)
_ID = re.compile(r"[0-9a-f]{16}")
_C2PA = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
"""The type of the `uuid` box that holds an mp4's signed manifest (C2PA 2.1, A.5)."""


def found_videos(outputs: Path, *, deep: bool = True) -> list[tuple[datetime, Result]]:
    """(time of the file, facts) of every video of this program in a folder, oldest first.

    Nothing is decoded. The metadata does not name a video's owner. deep: search subfolders, too. Files that
    are not videos, or come from other programs, are skipped.
    """
    found = []
    for path in _files(outputs, deep):
        try:
            found.append((_changed(path), _result(path)))
        except (InputError, OSError, ValueError, LookupError, TypeError, AttributeError, OverflowError):
            continue
    return sorted(found, key=lambda one: one[0])


def _files(outputs: Path, deep: bool) -> Iterator[Path]:
    for folder, folders, names in os.walk(outputs):
        folders[:] = [name for name in folders if deep and name not in PRIVATE and name[0] != "."]
        for name in names:
            path = Path(folder, name)
            # A pipe or a device of that name would never end.
            if name.endswith(".mp4") and name[0] != "." and path.is_file():
                yield path


def _changed(path: Path) -> datetime:
    """When a file was written, but no later than now, in case the clock was ahead."""
    now = datetime.now(UTC)
    return min(now, datetime.fromtimestamp(path.stat().st_mtime, UTC))


def _result(path: Path) -> Result:
    """Raises InputError for an unreadable video, and LookupError or TypeError for another program's."""
    from media.video_reader import VideoReader  # late: imports the decoder

    video = VideoReader(path)
    facts = read_facts(video.metadata)
    if facts is None:
        raise LookupError("The comment is not JoyStudio's.")
    motion = motion_path(path)
    shared = found_dub(facts) if VIDEO in facts else Origin.from_facts(facts).shared()
    return Result(
        **shared,
        job_id=id_of(path),
        path=path.absolute(),
        frames=video.frames,
        fps=round(video.fps),
        size=video.size,
        duration=round(video.duration, 3),
        seconds=0.0,
        first_chunk_seconds=0.0,
        realtime_factor=0.0,
        portrait="",
        speech="",
        notes=(NOTE,),
        motion=motion if motion.is_file() else None,
        signed=_has_manifest(path),
    )


def id_of(path: Path) -> str:
    """The id of the job in the file's name; without one, an id that is always the same for this file."""
    if _ID.fullmatch(path.stem):
        return path.stem
    return hashlib.sha256(str(path.absolute()).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _has_manifest(path: Path) -> bool:
    """Whether an mp4 has a box with a manifest; its validity is not checked."""
    with path.open("rb") as file:
        end, at = file.seek(0, os.SEEK_END), 0
        while at + 8 <= end:
            file.seek(at)
            size, kind = struct.unpack(">I4s", file.read(8))
            if size == 1:
                size = int.from_bytes(file.read(8), "big")
            if kind == b"uuid" and file.read(16) == _C2PA:
                return True
            if size < 8:  # the last box, or a damaged one
                return False
            at += size
    return False
