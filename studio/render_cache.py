"""Records which videos of a list exist, so that a stopped list can resume."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from media.documents.bounds import RECORD_LINE
from media.documents.json_text import parse_json
from media.documents.text import decoded_loosely, filled_lines, read_bytes
from media.errors import DocumentError, OutputError
from studio.dubbing.job import DubJob
from studio.job import Job
from studio.settings import Settings

DECIDING = ("max_side", "quality", "sign", "device")
"""The settings that change a video. Devices count by kind: cuda:1 renders the same as cuda:0."""

LIST_SIZE = 2_000_000_000
"""Bytes of the record of a million videos."""


class RenderCache:
    """A file with a line for every finished video: its fingerprint, its size and time, and facts about it.

    A video counts as existing if its fingerprint is the same and its file is the recorded one.
    """

    def __init__(self, path: Path) -> None:
        """Raises OutputError if an existing file cannot be read."""
        self._path = path
        self._entries: dict[str, dict[str, Any]] = {}
        try:
            text = decoded_loosely(read_bytes(path, LIST_SIZE)) if path.is_file() else ""
        except DocumentError as error:
            raise OutputError(
                'The record "{path}" cannot be read: {reason}.', path=path, reason=error
            ) from error
        self._torn = bool(text) and not text.endswith("\n")  # by a run that was killed while writing
        for _, line in filled_lines(text):
            try:
                entry = parse_json(line, RECORD_LINE)
                self._entries[entry["video"]] = entry
            except (DocumentError, KeyError, TypeError):
                continue

    def knows(self, video: Path) -> bool:
        """Whether a video of this name was ever made."""
        return self._name(video) in self._entries

    def has(self, video: Path, stamp: str) -> bool:
        """Whether this very video exists, complete."""
        entry = self._entries.get(self._name(video))
        if entry is None or entry.get("stamp") != stamp:
            return False
        try:
            about = video.stat()
        except OSError:
            return False
        if about.st_size != entry.get("size"):
            return False
        return about.st_mtime_ns == entry.get("time") or sha256_of(video) == entry.get("sha256")

    def facts(self, video: Path) -> dict[str, Any]:
        """The recorded facts of a video."""
        facts = self._entries.get(self._name(video), {}).get("facts")
        return dict(facts) if isinstance(facts, dict) else {}

    def add(self, video: Path, stamp: str, facts: Mapping[str, Any] | None = None) -> None:
        """Record a finished video; it is on the disk when this returns. Raises OutputError."""
        about = video.stat()
        name = self._name(video)
        entry = {
            "video": name, "stamp": stamp, "size": about.st_size, "time": about.st_mtime_ns,
            "sha256": sha256_of(video), "facts": dict(facts or {}),
        }  # fmt: skip
        line = json.dumps(entry, ensure_ascii=False) + "\n"
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(f"\n{line}" if self._torn else line)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise OutputError(
                'The record "{path}" cannot be written: {reason}.', path=self._path, reason=error.strerror
            ) from error
        self._torn = False
        self._entries[name] = entry

    def _name(self, video: Path) -> str:
        return video.relative_to(self._path.parent).as_posix()


def fingerprint(job: Job | DubJob, settings: Settings) -> str:
    """A hash of everything that decides the video: the content of its files, engine, options, seed, face, and
    the relevant settings, but not names and folders of files.

    64 hexadecimal digits. A missing file counts by its name.
    """
    if isinstance(job, DubJob):
        wish = job.model_dump(mode="json", exclude={"video", "voice", "output", "preset"})
        return _hash(["dub", wish], settings, [_content(file) for file in job.files.values()])
    performance = job.performance.file if job.performance is not None else None
    sources = (job.portrait, job.voice, job.motion, job.second_voice, performance)
    files = [_content(source) for source in sources if source is not None]
    wish = job.model_dump(
        mode="json",
        exclude={
            **dict.fromkeys(("portrait", "voice", "second_voice", "motion", "output", "preset"), True),
            "performance": {"file"},
        },
    )
    # Fingerprints from before these choices existed stay valid.
    for later in ("audio_track", "spoken", "second_start", "second_face", "stereo_voices", "performance"):
        if wish[later] is None or wish[later] is False:
            del wish[later]
    for name, absent in job.options.added.items():
        if wish["options"][name] == absent:
            del wish["options"][name]
    if job.portrait_edit.plain:
        del wish["portrait_edit"]
    return _hash(wish, settings, files)


def _hash(wish: Any, settings: Settings, files: list[str]) -> str:
    machine = {name: getattr(settings, name) for name in DECIDING}
    machine["device"] = str(machine["device"]).partition(":")[0]
    text = json.dumps([wish, machine, files], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _content(source: Path | bytes) -> str:
    if isinstance(source, bytes):
        return hashlib.sha256(source).hexdigest()
    try:
        about = source.stat()
        return _kept_sha256(source, about.st_size, about.st_mtime_ns)
    except OSError:
        return str(source)


@lru_cache(maxsize=65_536)
def _kept_sha256(path: Path, size: int, time: int) -> str:
    """Cached, because one portrait may be on a thousand lines."""
    return sha256_of(path)
