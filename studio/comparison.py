"""One portrait and one voice through several engines, presets or options, side by side."""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from media.errors import JoyStudioError, OptionError, OutputError
from studio.comparison_scores import ColumnScores, score_columns
from studio.events import Finished, Progress, Result
from studio.job import Job
from studio.options import make_options
from studio.peak_memory import PeakMemory
from studio.presets import load_preset
from studio.run import run
from studio.settings import Settings

MOST = 8
"""Columns; more do not fit beside one another."""


@dataclass(frozen=True)
class Column:
    """What one column is made with. values: options that go before those of the preset."""

    engine: str
    preset: str | None = None
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """As it is typed: `joyvasa:balanced,cfg_scale=3`."""
        name = f"{self.engine}:{self.preset}" if self.preset else self.engine
        return ",".join([name, *(f"{option}={value}" for option, value in self.values.items())])


@dataclass(frozen=True)
class Making:
    """A column is at work: its number, how far it is, and the seconds that it will still take."""

    number: int
    column: Column
    fraction: float
    seconds_left: float | None


@dataclass(frozen=True)
class ColumnDone:
    """A column is there, or why it is not."""

    number: int
    column: Column
    result: Result | None
    memory_mb: float | None = None
    gpu_mb: float | None = None
    error: str = ""

    @property
    def facts(self) -> dict[str, str]:
        """The table's rows, in words."""
        result = self.result
        if result is None:
            return {}
        memory = f"{self.memory_mb:.0f} MB" if self.memory_mb is not None else "not known"
        facts = {
            "Time": f"{result.seconds:.1f} s",
            "First pictures after": f"{result.first_chunk_seconds:.1f} s",
            "Pictures rendered": f"{result.frames / result.seconds:.1f} per second",
            "Frame rate": f"{result.fps} per second",
            "Size": f"{result.size[0]}x{result.size[1]}",
            "Peak memory": memory + (f", {self.gpu_mb:.0f} MB on the GPU" if self.gpu_mb is not None else ""),
            "Seed": str(result.seed),
        }
        if (steps := result.options.get("inference_steps")) is not None:
            facts["Steps"] = str(steps)
        if result.made_up_weights:
            facts["Weights"] = "made up"
        return facts


@dataclass(frozen=True)
class Scoring:
    """The videos are there; they are put side by side and scored."""


@dataclass(frozen=True)
class Compared:
    """Everything is written. archive: the zip of all files."""

    columns: tuple[ColumnDone, ...]
    scores: ColumnScores
    files: tuple[Path, ...]
    archive: Path


Event = Making | ColumnDone | Scoring | Compared


def parse_column(text: str) -> Column:
    """A column from `ENGINE`, `ENGINE:PRESET` or either with `,option=value` behind. Raises OptionError."""
    name, *settings = text.split(",")
    engine, _, preset = name.strip().partition(":")
    values = {}
    for setting in settings:
        option, equals, value = setting.partition("=")
        if not equals:
            raise OptionError(
                f'The column "{text}" cannot be read at "{setting}"; '
                "write ENGINE:PRESET,option=value, as in preview:lively,fps=30."
            )
        values[option.strip().replace("-", "_").lstrip("_")] = value.strip()
    column = Column(engine, preset or None, values)
    _options(column)
    return column


def compare(
    columns: Sequence[Column],
    portrait: Path,
    voice: Path,
    out: Path,
    *,
    seed: int = 0,
    metrics: Sequence[str] = ("own",),
    settings: Settings | None = None,
) -> Generator[Event, None, None]:
    """Make each column's video, one after the other, then score them and write the report.

    Into `out` go a video for every column, side-by-side.mp4, comparison.html, .csv, .json and .zip.
    A column that cannot be made keeps its place with the reason. Closing the generator stops the work.
    Raises OptionError for no column, too many, two that are the same, or wrong options; OutputError when
    `out` cannot be written; and what went wrong when no column could be made.
    """
    from studio.comparison_report import write_comparison
    from studio.comparison_video import side_by_side

    settings = settings or Settings()
    if not 1 <= len(columns) <= MOST:
        raise OptionError(f"A comparison has 1 to {MOST} columns, not {len(columns)}.")
    titles = [column.title for column in columns]
    if twice := next((title for title in titles if titles.count(title) > 1), None):
        raise OptionError(
            f'The column "{twice}" is there twice; change a preset or an option in one of them.'
        )
    options = [_options(column) for column in columns]
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f'The folder "{out}" cannot be made ({error.strerror}); choose another.') from error
    done: list[ColumnDone] = []
    for number, column in enumerate(columns):
        memory = PeakMemory(settings.device)
        result, trouble = None, None
        try:
            job = Job(
                engine=column.engine, portrait=portrait, speech=voice, options=options[number],
                preset=column.preset, seed=seed, output=out / f"{number + 1}-{_file_name(column)}.mp4",
            )  # fmt: skip
            for event in run(job, settings):
                if isinstance(event, Progress):
                    yield Making(number, column, event.fraction, event.seconds_left)
                elif isinstance(event, Finished):
                    result = event.result
        except JoyStudioError as error:
            trouble = error
        column_done = ColumnDone(
            number, column, result, memory.ram_mb(), memory.gpu_mb(), str(trouble) if trouble else ""
        )
        done.append(column_done)
        yield column_done
        if trouble is not None and number == len(columns) - 1 and not any(one.result for one in done):
            raise trouble
    yield Scoring()
    made = [(one.column.title, one.result.path) for one in done if one.result is not None]
    together = side_by_side(made, out / "side-by-side.mp4")
    scores = score_columns(made, metrics, settings.device)
    files, archive = write_comparison(done, scores, together, out, portrait.name, voice.name)
    yield Compared(tuple(done), scores, files, archive)


def _options(column: Column) -> Any:
    values = load_preset(column.engine, column.preset).values if column.preset else {}
    return make_options(column.engine, values | column.values)


def _file_name(column: Column) -> str:
    return re.sub(r"[^\w.=-]+", "-", column.title).strip("-")[:80]
