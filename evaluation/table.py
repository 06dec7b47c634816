"""The result of an evaluation: videos down, metrics across."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from evaluation.metric import Metric, Score

NOT_MEASURED = "not measured"


@dataclass(frozen=True)
class ScoreRow:
    """One video.

    video: its file name as it was given. group: the folder it is compared under. scores: by metric name.
    reason: why the video could not be used; empty for one that could. facts: such as its frames, fps and
    size.
    """

    video: str
    group: str
    scores: Mapping[str, Score] = field(default_factory=dict)
    reason: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    def value(self, name: str) -> float | None:
        """The value of a metric, or None."""
        score = self.scores.get(name)
        return None if score is None else score.value


@dataclass(frozen=True)
class Table:
    """All videos of one evaluation.

    metrics: the columns. missing: why columns are not measured at all, and the command that solves it.
    notes: sentences about how the table was made. forms: by metric, the chosen form of its measurement.
    """

    metrics: tuple[Metric, ...]
    rows: tuple[ScoreRow, ...]
    missing: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    forms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def groups(self) -> list[str]:
        """The groups in the order of their first video."""
        return list(dict.fromkeys(row.group for row in self.rows))

    def values(self, name: str, group: str | None = None) -> dict[str, float]:
        """Video -> value of a metric, of one group or of all, for videos that have one."""
        found = ((row.video, row.value(name)) for row in self.rows if group in (None, row.group))
        return {video: value for video, value in found if value is not None}

    def weighed(self, metric: Metric, group: str | None = None) -> dict[str, float]:
        """The values for means and comparisons: distances from zero if zero is best.

        Otherwise an early clip would cancel a late one.
        """
        values = self.values(metric.name, group)
        return {k: abs(v) for k, v in values.items()} if metric.better == "zero" else values

    def mean(self, metric: Metric, group: str | None = None) -> float | None:
        """The plain mean over videos; None where no video has a value."""
        values = self.weighed(metric, group).values()
        return sum(values) / len(values) if values else None

    def score_notes(self) -> dict[str, list[str]]:
        """Metric name -> the different notes of its values, in order of appearance."""
        notes: dict[str, dict[str, None]] = {}
        for row in self.rows:
            for name, score in row.scores.items():
                if score.note and score.value is not None:
                    notes.setdefault(name, {})[score.note] = None
        return {name: list(found) for name, found in notes.items()}
