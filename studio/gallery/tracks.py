"""The subtitles that players show with a finished video: a WebVTT file among its exports, deleted with it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from media.documents.subtitles import parse_subtitles, webvtt
from media.errors import DocumentError, OutputError
from studio.clips.subtitle_track import read_cues
from studio.gallery.exports import exports_folder, make_exports_folder
from studio.gallery.videos import Gallery

NAME = "subtitles.vtt"
TYPE = "text/vtt"


def keep_track(gallery: Gallery, job_id: str, subtitles: Path) -> int:
    """Show a .srt or .vtt file with one of the gallery's videos. Returns the number of its cues.

    Raises InputError for a video that is not in the gallery or a file that cannot be used, and OutputError if
    it cannot be stored.
    """
    video = gallery.get(job_id).result.path
    cues = read_cues(subtitles)
    path = make_exports_folder(video) / NAME
    part = path.with_name(f".{NAME}.part")
    try:
        part.write_text(webvtt(cues), encoding="utf-8")
        part.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise OutputError("The subtitles cannot be stored: {reason}.", reason=error.strerror) from error
    return len(cues)


def remove_track(gallery: Gallery, job_id: str) -> None:
    """Show one of the gallery's videos without subtitles. Raises InputError."""
    path = track_of(gallery.get(job_id).result.path)
    if path is not None:
        path.unlink(missing_ok=True)


def track_of(video: Path) -> Path | None:
    """The WebVTT file of a video; None without one."""
    folder = exports_folder(video)
    path = folder / NAME if folder is not None and not folder.is_symlink() else None
    return path if path is not None and path.is_file() and not os.path.islink(path) else None  # noqa: PTH114


def track_text(video: Path) -> str | None:
    """The content of that file."""
    path = track_of(video)
    try:
        return path.read_text(encoding="utf-8") if path else None
    except OSError:  # removed at this moment
        return None


def track_cues(video: Path) -> list[tuple[float, float, str]]:
    """Start and end in seconds, and the text, of every cue; empty without subtitles."""
    text = track_text(video)
    try:
        return [(cue.start, cue.end, cue.text) for cue in parse_subtitles(text)] if text else []
    except DocumentError:  # changed by something else
        return []
