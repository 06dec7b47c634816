"""The jobs that a comparison makes: one for each column."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engines.base import AnimationMode
from media.desk.edit import PLAIN, PortraitEdit
from studio.comparison.columns import Column
from studio.job import Job, Point
from studio.spoken_text import SpokenText


@dataclass(frozen=True)
class Subject:
    """What the portrait shows. mode: for every column; None leaves it to each column's options.

    face_index: the face to animate, 0 is the largest. anchors: an animal's left eye, right eye and mouth in
    pixels. edit: what is changed about the portrait first.
    """

    mode: AnimationMode | None = None
    face_index: int = 0
    anchors: tuple[Point, Point, Point] | None = None
    edit: PortraitEdit = PLAIN


def column_job(
    column: Column, portrait: Path, voice: Path | SpokenText, subject: Subject, presets: Path
) -> Job:
    """The job of one column, with the seed 0 and no output. Raises OptionError."""
    mode = subject.mode
    return Job(
        engine=column.engine,
        portrait=portrait,
        voice=voice if isinstance(voice, Path) else None,
        spoken=voice if isinstance(voice, SpokenText) else None,
        options=column.options_for(mode, presets) if mode else column.options(presets),
        preset=column.preset,
        face_index=subject.face_index,
        anchors=subject.anchors,
        portrait_edit=subject.edit,
    )


def column_jobs(
    columns: Sequence[Column],
    portrait: Path,
    voice: Path | SpokenText,
    presets: Path,
    *,
    mode: AnimationMode | None = None,
    audio_track: int | None = None,
) -> list[Job]:
    """The jobs of all columns, for an estimate of their time. Raises OptionError."""
    jobs = (column_job(column, portrait, voice, Subject(mode), presets) for column in columns)
    return [job.model_copy(update={"audio_track": audio_track}) for job in jobs]
