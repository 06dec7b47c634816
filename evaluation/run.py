"""One evaluation from the list of videos to the report."""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from evaluation.catalogue import measurers
from evaluation.clips import Clip
from evaluation.kept_scores import KeptScores
from evaluation.metric_options import USUAL, MetricOptions
from evaluation.report import write_report
from evaluation.scoring import Scoring
from evaluation.table import ScoreRow, Table

KEPT = "scores.jsonl"


@dataclass(frozen=True)
class Scored:
    """A video is finished: its row, how many are finished, of how many, and the seconds that the others will
    take.
    """

    row: ScoreRow
    done: int
    total: int
    seconds_left: float


@dataclass(frozen=True)
class Reported:
    """The report has been written."""

    table: Table
    files: tuple[Path, ...]


def evaluate(
    clips: Sequence[Clip],
    names: Sequence[str],
    out: Path,
    *,
    title: str = "Evaluation",
    notes: tuple[str, ...] = (),
    device: str = "cpu",
    form: MetricOptions = USUAL,
) -> Generator[Scored | Reported, None, None]:
    """Score clips with the metrics of some names and write the report; yields each row as it is finished.

    device: where networks run. form: how published metrics are measured. Scores are stored in the folder at
    once, so that the same call continues a stopped run. Raises OptionError for an unknown metric, OutputError
    when the folder cannot be written.
    """
    from evaluation.video_file import VideoFile  # late: it brings the decoder with it

    opener = partial(VideoFile, isolated=True)  # a crash of a decoder affects only that video
    scoring = Scoring(measurers(names, device, form), KeptScores(out / KEPT), opener=opener)
    rows: list[ScoreRow] = []
    began = time.monotonic()
    for row in scoring.rows(clips):
        rows.append(row)
        left = (time.monotonic() - began) / len(rows) * (len(clips) - len(rows))
        yield Scored(row, len(rows), len(clips), left)
    table = scoring.table(rows, notes)
    yield Reported(table, tuple(write_report(table, out, title)))
