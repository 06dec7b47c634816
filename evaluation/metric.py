"""The types of an evaluation: a metric's facts, one video's score, and a measurer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from evaluation.video_file import VideoFile

Better = Literal["higher", "lower", "zero", "neither"]
"""The direction of better values. zero: the nearer to 0 the better; neither: a natural amount is best."""


@dataclass(frozen=True)
class Metric:
    """One column of the report.

    name: the column's key, as in "sync_c". title: as papers print it, as in "Sync-C".
    range: lowest and highest possible value; infinite if there is no bound. needs: the group of weight files
    that it needs; None if it needs none.
    licence: what the measuring program and its weights allow, in words.
    description: one or two sentences for the report: what it means and where it is blind.
    unit: as printed behind the number. digits: decimals that mean something.
    """

    name: str
    title: str
    better: Better
    range: tuple[float, float]
    needs: str | None
    licence: str
    description: str
    unit: str = ""
    digits: int = 3


@dataclass(frozen=True)
class Score:
    """One video's value of one metric.

    value: None if it could not be measured; `note` then says why and what to do. note: further information
    for the reader, such as the mode of the measurement.
    extras: further numbers behind it, in values that `json.dumps` takes.
    """

    value: float | None
    note: str = ""
    extras: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises ValueError for a value that is not finite: readers could not tell it from a measured one."""
        if self.value is not None and not math.isfinite(self.value):
            raise ValueError(f"A score is a finite number or None, not {self.value}.")


class Measurer(Protocol):
    """Measures one or several metrics in one go."""

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """Its columns."""
        ...

    def form(self) -> Mapping[str, Any]:
        """The chosen form of the measurement, in values that `json.dumps` takes.

        The report shows it, and kept scores of another form are not used.
        """
        ...

    def weights(self) -> Sequence[Path]:
        """The weight files that it reads or would read; kept scores of other files are not used."""
        ...

    def measure(self, video: VideoFile) -> dict[str, Score]:
        """One score for every name in `metrics`.

        Raises WeightsMissing, which names the command that downloads the files, if they are missing (the
        column is then "not measured"), and VideoError if this video cannot be used.
        """
        ...
