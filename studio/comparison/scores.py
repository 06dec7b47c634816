"""The scores of a comparison's videos, and the curves of their mouth openings."""

from __future__ import annotations

import threading
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluation.catalogue import measurers
from evaluation.clips import Clip
from evaluation.metric import Measurer, Score
from evaluation.scoring import Scoring
from evaluation.table import ScoreRow, Table
from media.decoding.decoding import DIRECT, Decoding

if TYPE_CHECKING:
    from evaluation.builtin.measurer import BuiltinMetrics, Measured
    from evaluation.video_file import VideoFile


SECONDS_BETWEEN_NEWS = 0.2


@dataclass(frozen=True, eq=False)
class ColumnScores:
    """table: a row for every video, named after its column. measured: column -> opening and loudness."""

    table: Table
    measured: dict[str, Measured]

    @staticmethod
    def none() -> ColumnScores:
        """The scores of a comparison that has not been scored."""
        return ColumnScores(Table((), ()), {})


class _Keeper:
    """The built-in metrics; it keeps the curves that they are computed from."""

    def __init__(self, builtin: BuiltinMetrics) -> None:
        self._builtin = builtin
        self.metrics = builtin.metrics
        self.measured: dict[Path, Measured] = {}

    def form(self) -> dict[str, Any]:
        return self._builtin.form()

    def weights(self) -> list[Path]:
        return self._builtin.weights()

    def measure(self, video: VideoFile) -> dict[str, Score]:
        self.measured[video.path] = self._builtin.measure_with_curves(video)
        return self.measured[video.path].scores


def score_columns(
    videos: Sequence[tuple[str, Path]],
    metrics: Sequence[str],
    device: str = "cpu",
    reference: Path | None = None,
    decoding: Decoding = DIRECT,
) -> Generator[float | ColumnScores, None, None]:
    """Score (column, video) with metrics by name; metrics whose weights are missing give no score.

    reference: the portrait, for the likeness. decoding: where it is decoded. Yields the completed fraction,
    0..1, several times a second, and the scores at the end. Measures in a thread; closing the generator stops
    it at the next frame.
    """
    from evaluation.builtin.measurer import BuiltinMetrics
    from evaluation.video_file import VideoFile

    keeper = _Keeper(BuiltinMetrics())
    chosen: list[Measurer] = [*measurers([name for name in metrics if name != "builtin"], device), keeper]
    reading = _ReadingProgress(passes=len(videos) * len(chosen))
    scoring = Scoring(chosen, opener=partial(VideoFile, decoding=decoding, on_frame=reading.count))

    def measure() -> list[ScoreRow]:
        clips = [Clip(path, title, title, reference=reference) for title, path in videos]
        return [scoring.row(clip) for clip in clips]

    with ThreadPoolExecutor(1, thread_name_prefix="score") as pool:
        work = pool.submit(measure)
        try:
            yield 0.0
            while not wait([work], SECONDS_BETWEEN_NEWS).done:
                yield reading.fraction
        finally:
            reading.stopped.set()
        rows = work.result()
    measured = {title: keeper.measured[path] for title, path in videos if path in keeper.measured}
    yield ColumnScores(scoring.table(rows), measured)


class _Cancelled(Exception):
    """Ends the measuring thread once the comparison is cancelled; it is not shown to users."""


@dataclass
class _ReadingProgress:
    """The progress of measuring, by the number of frames read; it can also stop the measuring.

    passes: approximate number of times that each video is read; some metrics read it twice.
    """

    passes: int
    stopped: threading.Event = field(default_factory=threading.Event)
    read: float = 0.0

    @property
    def fraction(self) -> float:
        """The fraction of all passes, 0..1."""
        return min(1.0, self.read / max(1, self.passes))

    def count(self, part: float) -> None:
        """Count one more frame, the fraction `part` of a video."""
        if self.stopped.is_set():
            raise _Cancelled
        self.read += part
