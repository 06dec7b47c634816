"""What is measured: a metric's facts, one video's score, and whatever measures."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from evaluation.video_file import VideoFile

Better = Literal["higher", "lower", "zero", "neither"]
"""Which way is good. zero: the nearer to 0 the better; neither: no more is good than is natural."""


@dataclass(frozen=True)
class Metric:
    """One column of the report.

    name: the column's key, as in "sync_c". title: as papers print it, as in "Sync-C".
    range: lowest and highest possible value; infinite where there is no bound.
    needs: the group of weight files without which it cannot be measured; None when it needs none.
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

    value: None when it could not be measured; then `note` says why and what to do.
    note: what else a reader of the number has to know, such as the mode it was taken in.
    extras: further numbers behind it, in values that `json.dumps` takes.
    """

    value: float | None
    note: str = ""
    extras: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises ValueError for a value that is not finite: a reader cannot tell it from a measured one."""
        if self.value is not None and not math.isfinite(self.value):
            raise ValueError(f"A score is a finite number or None, not {self.value}.")


class Measurer(Protocol):
    """Measures one or several metrics in one go."""

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """Its columns."""
        ...

    def form(self) -> Mapping[str, Any]:
        """How it measures where that can be chosen, in values that `json.dumps` takes.

        It stands in the report, and kept scores of another form are not used.
        """
        ...

    def weights(self) -> Sequence[Path]:
        """The weight files that it reads or would read; kept scores of other files are not used."""
        ...

    def measure(self, video: VideoFile) -> dict[str, Score]:
        """One score for every name in `metrics`.

        Raises WeightsMissing, which names the command that downloads the files, when they are missing (the
        column is then "not measured"), and VideoError when this video cannot be used.
        """
        ...
