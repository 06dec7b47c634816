"""One portrait and one voice through several engines, presets or options, side by side."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from media.errors import EngineError, JoyStudioError, OutputError
from studio.comparison.columns import MOST, Column, ColumnDone, check_columns, parse_column
from studio.comparison.jobs import Subject, column_job
from studio.comparison.scores import ColumnScores, score_columns
from studio.decoding import decoding_for
from studio.events import Finished, Progress, Stage
from studio.job import Job
from studio.peak_memory import PeakMemory
from studio.run import run
from studio.settings import Settings
from studio.speaking import write_spoken
from studio.spoken_text import SpokenText

_log = logging.getLogger("joystudio.comparison")

__all__ = [
    "MOST",
    "Column",
    "ColumnDone",
    "ColumnProgress",
    "Compared",
    "Event",
    "Finishing",
    "Subject",
    "compare",
    "parse_column",
]  # fmt: skip


@dataclass(frozen=True)
class ColumnProgress:
    """Progress of a column: its number from 0, the progress, and the remaining seconds."""

    number: int
    column: Column
    fraction: float
    seconds_left: float | None
    stage: Stage = "rendering"


@dataclass(frozen=True)
class Finishing:
    """The videos are made; they are joined side by side and scored. fraction: 0..1 of each step."""

    what: Literal["joining", "scoring"]
    fraction: float


@dataclass(frozen=True)
class Compared:
    """Everything is written. together: the side-by-side video. archive: the zip of all files."""

    columns: tuple[ColumnDone, ...]
    scores: ColumnScores
    together: Path
    files: tuple[Path, ...]
    archive: Path


Event = ColumnProgress | ColumnDone | Finishing | Compared


@dataclass
class _Round:
    """A running comparison."""

    columns: Sequence[Column]
    portrait: Path
    voice: Path
    out: Path
    seed: int
    subject: Subject
    settings: Settings
    remembered: bool
    audio_track: int | None = None
    done: list[ColumnDone] = field(default_factory=list)

    def videos(self) -> list[tuple[str, Path]]:
        """(title, file) of every column with a video."""
        return [(one.column.title, one.result.path) for one in self.done if one.result is not None]

    def make(self, number: int) -> Generator[ColumnProgress, None, JoyStudioError | None]:
        """Make a column's video. Returns its error, which is also in its ColumnDone."""
        column, result = self.columns[number], None
        trouble: JoyStudioError | None = None
        memory = PeakMemory(self.settings.device)
        try:
            with closing(run(self._job(number), self.settings, remembered=self.remembered)) as events:
                for event in events:
                    if isinstance(event, Progress):
                        yield ColumnProgress(number, column, event.fraction, event.seconds_left, event.stage)
                    elif isinstance(event, Finished):
                        result = event.result
        except JoyStudioError as error:
            trouble = error
        except Exception as error:
            trouble = _unexpected(column, error)
        why = str(trouble) if trouble else ""
        self.done.append(ColumnDone(number, column, result, memory.ram_mb(), memory.gpu_mb(), why))
        return trouble

    def _job(self, number: int) -> Job:
        column = self.columns[number]
        output = self.out / f"{number + 1}-{column.file_name}.mp4"
        job = column_job(column, self.portrait, self.voice, self.subject, self.settings.presets)
        return job.model_copy(update={"seed": self.seed, "audio_track": self.audio_track, "output": output})


def _unexpected(column: Column, error: Exception) -> EngineError:
    """A fault in the program costs only its column; the log has the traceback with the number."""
    number = secrets.token_hex(4)
    _log.error("Unexpected error %s in the column %s", number, column.title, exc_info=error)
    return EngineError(
        "An error in the program stopped this column; the others are not affected. If it happens again, "
        "report it with the number {number}.",
        number=number,
    )


def compare(
    columns: Sequence[Column],
    portrait: Path,
    voice: Path | SpokenText,
    out: Path,
    *,
    seed: int = 0,
    subject: Subject | None = None,
    metrics: Sequence[str] = ("builtin",),
    settings: Settings | None = None,
    remembered: bool = True,
    audio_track: int | None = None,
) -> Generator[Event, None, None]:
    """Make each column's video, one after the other, then score them and write the report.

    `out` receives a video for every column, side-by-side.mp4, comparison.html, .csv, .json and .zip. A text
    is spoken once, into voice.wav there. A column that fails keeps its place with the reason. Closing the
    generator stops the work. remembered: whether the history records the videos. audio_track: of the voice's
    file, from 1. Raises OptionError for no column, too many, equal ones, or invalid options; OutputError if
    `out` is not writable; what `write_spoken` raises; and the first error if every column fails.
    """
    from studio.comparison.report import write_comparison
    from studio.comparison.video import side_by_side

    settings, subject = settings or Settings(), subject or Subject()
    check_columns(columns, subject.mode, settings.presets)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            'The folder "{out}" cannot be created ({reason}); choose another.', out=out, reason=error.strerror
        ) from error
    if isinstance(voice, SpokenText):
        write_spoken(voice, out / "voice.wav", settings)
        voice = out / "voice.wav"
    work = _Round(columns, portrait, voice, out, seed, subject, settings, remembered, audio_track)
    for number in range(len(columns)):
        trouble = yield from work.make(number)
        yield work.done[-1]
        if trouble is not None and number == len(columns) - 1 and not work.videos():
            raise trouble
    together = out / "side-by-side.mp4"
    for fraction in side_by_side(work.videos(), together, settings):
        yield Finishing("joining", fraction)
    scores = ColumnScores.none()
    for step in score_columns(work.videos(), metrics, settings.device, portrait, decoding_for(settings)):
        if isinstance(step, ColumnScores):
            scores = step
        else:
            yield Finishing("scoring", step)
    files, archive = write_comparison(work.done, scores, together, out, portrait.name, voice.name)
    yield Compared(tuple(work.done), scores, together, files, archive)
