"""Makes a whole list of videos, and goes on where it was stopped."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path

from media.documents.paths import given_path
from media.documents.quoting import quoted
from media.errors import InputError, JoyStudioError, OptionError
from studio.events import Finished, Progress
from studio.job import Job
from studio.list_file import NEEDED, ListRow, checked_name, read_rows, wants_columns
from studio.presets import load_preset
from studio.progress import Pace
from studio.render_cache import RenderCache, fingerprint
from studio.run import run
from studio.settings import Settings

VIDEOS = "videos"
MADE = "made.jsonl"
ALL = "all"
"""The group of lines that name none."""
_DIGITS = 10
"""Of the largest seed; whether one of so many is in range is for the job to say."""


@dataclass(frozen=True)
class Pair:
    """One line of the list: what is to be made, and under which name and group.

    trouble: why nothing can be made of it. Such a line has no files, and its number for a name.
    """

    portrait: Path
    voice: Path
    name: str
    group: str
    seed: int
    trouble: str = ""


@dataclass(frozen=True)
class Made:
    """A video is there: made now, kept from before, or missing, with the reason."""

    pair: Pair
    path: Path
    error: str = ""


@dataclass(frozen=True)
class PairProgress:
    """How far the list is: which pair is at work, 0..1 of everything, and the seconds that are left."""

    pair: Pair
    fraction: float
    seconds_left: float | None


def read_pairs(path: Path) -> list[Pair]:
    """The lines of a CSV or JSONL file with portrait and voice; name, group and seed may be there, too.

    Relative files are looked for beside the list. A line that cannot be used is in trouble and the others are
    not concerned. Raises InputError for a file without these columns, or in which no line can be used.
    """
    rows = read_rows(path)
    taken: dict[tuple[str, str], int] = {}
    pairs = [_pair(row, path.parent, taken) for row in rows]
    if all(pair.trouble for pair in pairs):
        raise wants_columns(
            path, [ListRow(row.number, {}, pair.trouble) for row, pair in zip(rows, pairs, strict=True)]
        )
    return pairs


def make_pairs(
    pairs: Sequence[Pair],
    out: Path,
    *,
    engine: str,
    preset: str | None = None,
    settings: Settings | None = None,
) -> Generator[PairProgress | Made, None, None]:
    """Make every video that is not there yet, into out/videos/GROUP/NAME.mp4.

    A video counts as there when it was made from the same files with the same options. One that cannot
    be made is reported with its reason, and the next begins. Closing the generator stops it.
    """
    settings = settings or Settings()
    values = load_preset(engine, preset).values if preset else {}
    made = RenderCache(out / MADE)
    pace = Pace()
    for number, pair in enumerate(pairs):
        path = out / VIDEOS / pair.group / f"{pair.name}.mp4"
        if pair.trouble:
            yield Made(pair, path, pair.trouble)
            continue
        try:
            job = Job(
                engine=engine, portrait=pair.portrait, speech=pair.voice, options=values, preset=preset,
                seed=pair.seed, output=path,
            )  # fmt: skip
            stamp = fingerprint(job, settings)
            if made.has(path, stamp):
                yield Made(pair, path)
                continue
            path.parent.mkdir(parents=True, exist_ok=True)
            for event in run(job, settings):
                if isinstance(event, Progress):
                    yield PairProgress(pair, *pace.at((number + event.fraction) / len(pairs)))
                elif isinstance(event, Finished):
                    made.add(path, stamp)
        except OptionError:
            raise
        except JoyStudioError as error:
            yield Made(pair, path, str(error))
            continue
        yield Made(pair, path)


def _pair(row: ListRow, folder: Path, taken: dict[tuple[str, str], int]) -> Pair:
    """taken: the line of every group and name so far."""
    try:
        if row.trouble:
            raise InputError(row.trouble)
        return _usable(row, folder, taken)
    except InputError as error:
        return Pair(folder, folder, f"line {row.number}", ALL, 0, str(error))


def _usable(row: ListRow, folder: Path, taken: dict[tuple[str, str], int]) -> Pair:
    portrait, voice = (given_path(folder / given_path(row.values[column])) for column in NEEDED)
    name = checked_name(str(row.values.get("name", f"{portrait.stem}_{voice.stem}")))
    group = checked_name(str(row.values.get("group", ALL)))
    if (group, name) in taken:
        raise InputError(
            f'"{quoted(name)}" is the video of line {taken[group, name]} already; '
            "give this line another name."
        )
    seed = str(row.values.get("seed", 0))
    if not (seed.isascii() and seed.isdecimal() and len(seed) <= _DIGITS):
        raise InputError(f'A seed is a whole number of at least 0, not "{quoted(seed)}".')
    taken[group, name] = row.number
    return Pair(portrait, voice, name, group, int(seed))
