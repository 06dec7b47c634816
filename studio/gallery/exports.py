"""The exports of a visitor's finished video: they lie next to the video, and are deleted with it."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from media.errors import InputError, OutputError
from studio.clips.options import ExportOptions, FileFormat
from studio.downloads import GONE, download_name
from studio.in_use import holding

if TYPE_CHECKING:
    from studio.clips.events import ClipEvent
    from studio.events import Result
    from studio.settings import Settings

FOLDER = "exports"
"""In the outputs folder; it has one folder per video."""
TYPES = {
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".gif": "image/gif",
    ".csv": "text/csv",
    ".dat": "text/plain",
    ".json": "application/json",
    ".tsv": "text/tab-separated-values",
    ".vrma": "model/gltf-binary",
    ".xml": "application/xml",
}
"""Endings of videos and curves, with their media types."""
_OWN_NAME = re.compile("[0-9a-f]{16}")


@dataclass(frozen=True)
class ExportRequest:
    """A requested export. subtitles: the uploaded file, or None."""

    options: ExportOptions
    format: FileFormat
    subtitles: Path | None = None

    def name(self, result: Result) -> str:
        """The file's name; a new export of the same kind replaces the file."""
        stem = download_name(result, "video").removesuffix(".mp4")
        shape = "" if self.options.shape == "original" else f"-{self.options.shape}"
        clear = "-transparent" if self.options.background == "transparent" else ""
        said = "-subtitles" if self.subtitles is not None else ""
        return f"{stem}{shape}{clear}{said}.{self.format}"


def exports_folder(video: Path) -> Path | None:
    """The folder of a video's exports; None for a video whose name the program did not choose."""
    return video.parent / FOLDER / video.stem if _OWN_NAME.fullmatch(video.stem) else None


def list_exports(video: Path) -> list[Path]:
    """The finished exports of a video, by name."""
    folder = exports_folder(video)
    if folder is None or folder.is_symlink() or not folder.is_dir():
        return []
    return [path for path in sorted(folder.iterdir()) if path.suffix in TYPES and path.name[0] != "."]


def find_export(video: Path, name: str) -> Path:
    """An export by its name. Raises InputError if there is none."""
    for path in list_exports(video):
        if path.name == name and not os.path.islink(path):  # noqa: PTH114 (answers for every text)
            return path
    raise InputError(GONE)


def exports_size(video: Path) -> int:
    """Total size of a video's exports in bytes."""
    return sum(path.lstat().st_size for path in list_exports(video))


def make_exports_folder(video: Path) -> Path:
    """The folder of a video's exports, which exists then. Raises InputError or OutputError."""
    folder = exports_folder(video)
    if folder is None:
        raise InputError(GONE)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            'The folder "{folder}" cannot be created ({reason}); choose another.',
            folder=folder,
            reason=error.strerror,
        ) from error
    return folder


def delete_exports(video: Path) -> None:
    """Remove a video's exports, if there are any."""
    folder = exports_folder(video)
    if folder is not None and not folder.is_symlink():
        shutil.rmtree(folder, ignore_errors=True)


def export_video(result: Result, wish: ExportRequest, settings: Settings) -> Generator[ClipEvent, None, None]:
    """Export a finished video of the page into its folder of exports. Closing the generator leaves no file.

    Raises the errors of `studio.clips.export.export`.
    """
    from studio.clips.events import Edited
    from studio.clips.export import export

    target = make_exports_folder(result.path) / wish.name(result)
    with holding(result.path):
        for event in export(result.path, target, wish.options, settings, subtitles=wish.subtitles):
            if isinstance(event, Edited) and not result.path.is_file():
                delete_exports(result.path)  # its video was deleted in the meantime
                raise InputError(GONE)
            yield event
