"""Finds the videos to score, with their groups, sounds and references."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from evaluation.sounds.reading import ENDINGS as SOUND_TIMES
from media.documents.quoting import whole
from media.errors import VideoError

ENDINGS = frozenset((".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".gif", ".mpg", ".mpeg", ".ts", ".flv"))
SOUNDS = (".wav", ".flac", ".mp3", ".m4a", ".ogg", ".opus", ".aac")
PICTURES = (".png", ".jpg", ".jpeg", ".webp")


@dataclass(frozen=True)
class Clip:
    """One video to score. name: as shown, relative to the given folder; group: its folder."""

    path: Path
    name: str
    group: str
    audio: Path | None = None
    reference: Path | None = None
    phonemes: Path | None = None


def find_clips(
    given: Iterable[Path],
    *,
    audio: Path | None = None,
    reference: Path | None = None,
    phonemes: Path | None = None,
) -> list[Clip]:
    """The given videos, and those in the given folders and their subfolders.

    audio, reference: a file for all videos, or a folder in which each video has one of its own name.
    phonemes: the same for the times of sounds; without it, VIDEO.TextGrid,
    VIDEO.ctm or VIDEO.phonemes.csv, .ctm, .json beside a video is taken.
    Raises VideoError when there is nothing at a place, or no video anywhere.
    """
    found: dict[Path, Clip] = {}
    for place in given:
        for path, group in _videos(place):
            if path not in found:
                found[path] = Clip(
                    path,
                    str(path),
                    group,
                    _own(audio, path, SOUNDS),
                    _own(reference, path, PICTURES),
                    _own(phonemes or path.parent, path, SOUND_TIMES),
                )
    if not found:
        endings = ", ".join(sorted(ENDINGS))
        raise VideoError(
            "There is no video to score. Name video files, or folders that contain some ({endings}).",
            endings=endings,
        )
    common = _common_folder(clip.path for clip in found.values())
    return [_shown(clip, common) for clip in found.values()]


def _videos(place: Path) -> Iterator[tuple[Path, str]]:
    if not place.exists():
        raise VideoError('There is no video or folder at "{place}"; check the path.', place=place)
    if not place.is_dir():
        yield place, place.absolute().parent.name
        return
    for path in sorted(p for p in place.rglob("*") if p.suffix.lower() in ENDINGS and p.is_file()):
        below = path.relative_to(place).parent
        yield path, str(below) if below.parts else place.absolute().name


def _own(given: Path | None, video: Path, endings: tuple[str, ...]) -> Path | None:
    if given is None or not given.is_dir():
        return given
    return next((p for end in endings if (p := given / f"{video.stem}{end}").is_file()), None)


def _common_folder(paths: Iterable[Path]) -> Path:
    return Path(os.path.commonpath([path.absolute().parent for path in paths]))


def _shown(clip: Clip, common: Path) -> Clip:
    """The clip with names that can be printed: file names may contain half characters and control
    characters.
    """
    name = clip.path.absolute().relative_to(common).as_posix()
    return replace(clip, name=whole(name), group=whole(clip.group))
