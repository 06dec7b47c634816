"""The scores of a comparison's videos, and the curves of their mouths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluation.catalogue import measurers
from evaluation.clips import Clip
from evaluation.metric import Measurer, Score
from evaluation.scoring import Scoring
from evaluation.table import Table

if TYPE_CHECKING:
    from evaluation.own.measurer import OwnMetrics, Watched
    from evaluation.video_file import VideoFile


@dataclass(frozen=True, eq=False)
class ColumnScores:
    """table: a row for every video, called by its column. watched: column -> opening and loudness."""

    table: Table
    watched: dict[str, Watched]


class _Keeper:
    """The own metrics, keeping the curves that they were made of."""

    def __init__(self, own: OwnMetrics) -> None:
        self._own = own
        self.metrics = own.metrics
        self.watched: dict[Path, Watched] = {}

    def form(self) -> dict[str, Any]:
        return self._own.form()

    def weights(self) -> list[Path]:
        return self._own.weights()

    def measure(self, video: VideoFile) -> dict[str, Score]:
        self.watched[video.path] = self._own.watch(video)
        return self.watched[video.path].scores


def score_columns(
    videos: Sequence[tuple[str, Path]], metrics: Sequence[str], device: str = "cpu"
) -> ColumnScores:
    """Score (column, video) with metrics by name; those whose weights are missing stay without."""
    from evaluation.own.measurer import OwnMetrics

    keeper = _Keeper(OwnMetrics())
    chosen: list[Measurer] = [*measurers([name for name in metrics if name != "own"], device), keeper]
    scoring = Scoring(chosen)
    rows = [scoring.row(Clip(path, title, title)) for title, path in videos]
    watched = {title: keeper.watched[path] for title, path in videos if path in keeper.watched}
    return ColumnScores(scoring.table(rows), watched)
