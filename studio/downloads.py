"""The files that you can download of a finished video: the video, its settings, its motion, a still."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

from media.errors import InputError
from studio.dubbing.job import DUB_FIELDS
from studio.events import Result
from studio.spoken_text import SpokenText

_INNER = ("job_id", "path", "motion")
"""Fields by which only this machine knows a video."""

DownloadKind = Literal["video", "preset", "settings", "motion", "still", "poster"]
KINDS: tuple[DownloadKind, ...] = get_args(DownloadKind)
GONE = "This video does not exist: it was deleted, or the address is wrong."
STILLS, POSTERS = 256, 32
"""Number of stills and of posters kept in memory, about 15 kB and 150 kB each."""
POSTER_SIDE = 1280
"""Pixels of a poster's longest side, at most: a player shows it in the place of the video."""


@dataclass(frozen=True)
class Download:
    """One file of a finished video: its name for saving, its media type, and its content.

    content: bytes, or a file. inline: whether a browser shows it instead of saving it.
    """

    name: str
    media_type: str
    content: Path | bytes
    inline: bool = False


def download_of(
    result: Result, kind: DownloadKind, *, named: bool = True, spoken: SpokenText | None = None
) -> Download:
    """One file of a finished video; nothing is copied. Raises InputError if it does not exist.

    named: whether its name contains the portrait's. spoken: the text that the settings contain; only for the
    video's owner.
    """
    name = download_name(result, kind, named=named)
    if kind == "preset":
        return Download(name, "application/yaml", preset_yaml(result).encode())
    if kind == "settings":
        return Download(name, "application/json", settings_json(result, spoken).encode())
    if kind == "still":
        return Download(name, "image/jpeg", still(result), inline=True)
    if kind == "poster":
        return Download(name, "image/jpeg", poster(result), inline=True)
    path = result.path if kind == "video" else result.motion
    if path is None or not path.is_file():
        raise InputError(GONE)
    if kind == "video":
        return Download(name, "video/mp4", path, inline=True)
    return Download(name, "application/octet-stream", path)


def download_name(result: Result, kind: DownloadKind, *, named: bool = True) -> str:
    """The name for saving a file: ASCII letters and characters that every file system accepts."""
    if kind == "preset":
        return f"{result.engine}-seed{result.seed}.yaml"
    portrait = re.sub(r"[^\w-]+", "-", Path(result.portrait).stem, flags=re.ASCII).strip("-")[:40]
    stem = f"joystudio-{portrait if named and portrait else 'portrait'}-seed{result.seed}"
    endings = {
        "video": ".mp4", "settings": ".json", "motion": ".motion.safetensors", "poster": "-poster.jpg"
    }  # fmt: skip
    return f"{stem}{endings.get(kind, '.jpg')}"


def preset_yaml(result: Result) -> str:
    """The options as a preset: a file in presets/<engine>/ is offered under its file name."""
    import yaml

    preset: dict[str, Any] = {
        "description": f"Taken from a video of seed {result.seed}.",
        "engine": result.engine,
        "seed": result.seed,
        "options": result.options,
    }
    if result.dub is not None:
        preset["dub"] = {name: result.dub[name] for name in DUB_FIELDS if result.dub.get(name) is not None}
    return f"# {result.engine}\n" + yaml.safe_dump(preset, sort_keys=False, allow_unicode=True)


def settings_json(result: Result, spoken: SpokenText | None = None) -> str:
    """Everything that decided the video, and the result, without the folders of files.

    spoken: the text that was spoken, if it is for the eyes of the video's owner only.
    """
    facts = {name: value for name, value in result.as_json().items() if name not in _INNER}
    if spoken is not None:
        facts["spoken"] = spoken.model_dump()
    return json.dumps(facts, indent=2, ensure_ascii=False) + "\n"


def still(result: Result) -> bytes:
    """The video's first frame as a small JPEG. Raises InputError if the video cannot be read."""
    return _still(*_version(result))


def poster(result: Result) -> bytes:
    """The same as large as a player shows the video, at most POSTER_SIDE pixels on its longest side."""
    return _poster(*_version(result))


def poster_size(result: Result) -> tuple[int, int]:
    """(width, height) of the poster in pixels."""
    scale = min(1.0, POSTER_SIDE / max(result.size))
    width, height = (max(1, round(scale * side)) for side in result.size)
    return width, height


def _version(result: Result) -> tuple[Path, int, int]:
    """What changes together with a video's frames: its path, its bytes and its time."""
    try:
        about = result.path.stat()
    except OSError as error:
        raise InputError(GONE) from error
    return result.path, about.st_size, about.st_mtime_ns


@lru_cache(maxsize=STILLS)
def _still(path: Path, size: int, time: int) -> bytes:
    from media.thumbnail import thumbnail

    return thumbnail(path)


@lru_cache(maxsize=POSTERS)
def _poster(path: Path, size: int, time: int) -> bytes:
    from media.thumbnail import thumbnail

    return thumbnail(path, POSTER_SIDE)
