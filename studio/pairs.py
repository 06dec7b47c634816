"""Makes a whole list of videos, and goes on where it was stopped."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media.errors import InputError, JoyStudioError, OptionError
from studio.events import Finished, Progress
from studio.job import Job
from studio.presets import load_preset
from studio.progress import Pace
from studio.run import run
from studio.settings import Settings

VIDEOS = "videos"
MADE = "made.jsonl"
COLUMNS = ("portrait", "voice")


@dataclass(frozen=True)
class Pair:
    """One line of the list: what is to be made, and under which name and group."""

    portrait: Path
    voice: Path
    name: str
    group: str
    seed: int


@dataclass(frozen=True)
class Made:
    """A video is there: made now, kept from before, or not to be had, and then why."""

    pair: Pair
    path: Path
    error: str = ""


@dataclass(frozen=True)
class Making:
    """How far the list is: which pair is at work, 0..1 of everything, and the seconds that are left."""

    pair: Pair
    fraction: float
    seconds_left: float | None


def read_pairs(path: Path) -> list[Pair]:
    """The lines of a CSV file with the columns portrait and voice; name, group and seed may be there, too.

    Relative files are looked for beside the list. Raises InputError for a file without these columns, without
    lines, or with two lines of one name.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f'The list "{path}" cannot be read: {error}.') from error
    if not lines or any(not line.get(column) for line in lines for column in COLUMNS):
        raise InputError(
            f'The list "{path}" has {len(lines)} lines; it needs the columns portrait and voice, '
            "filled in each, and may have name, group and seed."
        )
    pairs = [_pair(line, path.parent) for line in lines]
    names = [(pair.group, pair.name) for pair in pairs]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(
            f'The list "{path}" has two lines called "{twice[1]}"; tell them apart in a column "name".'
        )
    return pairs


def make_pairs(
    pairs: Sequence[Pair],
    out: Path,
    *,
    engine: str,
    preset: str | None = None,
    settings: Settings | None = None,
) -> Generator[Making | Made, None, None]:
    """Make every video that is not there yet, into out/videos/GROUP/NAME.mp4.

    A video counts as there when it was made from the same files with the same options. One that cannot
    be made is told with its reason, and the next begins. Closing the generator stops it.
    """
    values = load_preset(engine, preset).values if preset else {}
    made = _Made(out / MADE)
    pace = Pace()
    for number, pair in enumerate(pairs):
        path = out / VIDEOS / pair.group / f"{pair.name}.mp4"
        try:
            job = Job(
                engine=engine, portrait=pair.portrait, speech=pair.voice, options=values, preset=preset,
                seed=pair.seed, output=path,
            )  # fmt: skip
            stamp = _stamp(job)
            if made.has(path, stamp):
                yield Made(pair, path)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            for event in run(job, settings):
                if isinstance(event, Progress):
                    yield Making(pair, *pace.at((number + event.fraction) / len(pairs)))
                elif isinstance(event, Finished):
                    made.add(path, stamp)
        except OptionError:
            raise
        except JoyStudioError as error:
            yield Made(pair, path, str(error))
            continue
        yield Made(pair, path)


class _Made:
    """A file with a line for every finished video."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamps: dict[str, str] = {}
        for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else []:
            try:
                entry = json.loads(line)
                self._stamps[entry["video"]] = entry["stamp"]
            except (ValueError, KeyError, TypeError):  # the last line of a run that was stopped
                continue

    def has(self, video: Path, stamp: str) -> bool:
        return video.is_file() and self._stamps.get(self._name(video)) == stamp

    def add(self, video: Path, stamp: str) -> None:
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"video": self._name(video), "stamp": stamp}) + "\n")

    def _name(self, video: Path) -> str:
        return video.relative_to(self._path.parent).as_posix()


def _pair(line: dict[str, Any], folder: Path) -> Pair:
    portrait, voice = (folder / line[column].strip() for column in COLUMNS)
    name = (line.get("name") or "").strip() or f"{portrait.stem}_{voice.stem}"
    group = (line.get("group") or "").strip() or "all"
    for part in (name, group):
        if part in (".", "..") or any(sign in part for sign in '/\\:*?"<>|\0'):
            raise InputError(f'"{part}" cannot be the name of a file; leave out signs such as / and :.')
    seed = (line.get("seed") or "0").strip()
    if not seed.isdecimal():
        raise InputError(f'A seed is a whole number from 0, not "{seed}".')
    return Pair(portrait, voice, name, group, int(seed))


def _stamp(job: Job) -> str:
    """Changes when the job or one of its files does."""
    files = []
    for path in (job.portrait, job.speech):
        about = path.stat() if isinstance(path, Path) and path.is_file() else None
        files.append([str(path), about.st_size, about.st_mtime_ns] if about else [str(path)])
    facts = [job.engine, job.options.model_dump(mode="json"), job.seed, files]
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]
