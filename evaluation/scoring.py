"""Scores a list of videos one after the other, and continues if one cannot be used."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engines.packages import NEURAL
from evaluation.metric import Measurer, Score
from evaluation.table import NOT_MEASURED, ScoreRow, Table
from media.errors import FacelessVideoError, JoyStudioError, SilentVideoError, VideoError, WeightsMissing

if TYPE_CHECKING:
    from evaluation.clips import Clip
    from evaluation.kept_scores import KeptScores
    from evaluation.video_file import VideoFile


@dataclass
class Scoring:
    """Runs measurers over clips.

    kept: scores of an earlier run that need not be measured again; None keeps nothing. missing: metric name
    -> what is missing to measure it, filled during the run. opener: opens a file instead of `VideoFile`, for
    callers that watch the progress.
    """

    measurers: Sequence[Measurer]
    kept: KeptScores | None = None
    missing: dict[str, str] = field(default_factory=dict)
    opener: Callable[..., VideoFile] | None = None

    def rows(self, clips: Sequence[Clip]) -> Generator[ScoreRow, None, None]:
        """One row for every clip, in order; a clip that cannot be used has a reason instead of scores."""
        for clip in clips:
            yield self.row(clip)

    def row(self, clip: Clip) -> ScoreRow:
        """Measure one clip, or use its kept scores."""
        from evaluation.video_file import VideoFile  # late: it brings the decoder with it

        began = time.monotonic()
        try:
            open_file = self.opener or VideoFile
            video = open_file(clip.path, audio=clip.audio, reference=clip.reference, phonemes=clip.phonemes)
        except VideoError as error:
            return ScoreRow(clip.name, clip.group, reason=str(error))
        scores: dict[str, Score] = {}
        broken: dict[str, None] = {}
        for measurer in self.measurers:
            known = self.kept.find(clip, measurer) if self.kept is not None else None
            scores |= self._measure(measurer, clip, video, broken) if known is None else known
        facts = {
            "frames": video.frame_count,
            "fps": round(video.fps, 3),
            "width": video.size[0],
            "height": video.size[1],
            "seconds": round(video.duration, 3),
            "variable_rate": video.variable_rate,
            "note": video.variable_note,
            "measured_in": round(time.monotonic() - began, 2),
        }
        reason = " ".join(broken) or _why_nothing(scores)
        return ScoreRow(clip.name, clip.group, scores, reason, facts)

    def table(self, rows: Sequence[ScoreRow], notes: tuple[str, ...] = ()) -> Table:
        """The finished table."""
        metrics = tuple(metric for measurer in self.measurers for metric in measurer.metrics)
        forms = {
            metric.name: form
            for measurer in self.measurers
            if (form := measurer.form())
            for metric in measurer.metrics
        }
        return Table(metrics, tuple(rows), dict(self.missing), notes, forms)

    def _measure(
        self, measurer: Measurer, clip: Clip, video: VideoFile, broken: dict[str, None]
    ) -> dict[str, Score]:
        """A measurer's scores, or for each of its metrics the reason why there is none."""
        names = [metric.name for metric in measurer.metrics]
        if any(name in self.missing for name in names):
            return dict.fromkeys(names, Score(None, NOT_MEASURED))
        try:
            scores = measurer.measure(video)
        except WeightsMissing as error:
            self.missing |= dict.fromkeys(names, str(error))
            return dict.fromkeys(names, Score(None, NOT_MEASURED))
        except ModuleNotFoundError as error:
            package = NEURAL.named_by(error)
            if package is None:
                raise
            why = f"The package {package} is missing. Install it with: {NEURAL.install}"
            self.missing |= dict.fromkeys(names, why)
            return dict.fromkeys(names, Score(None, NOT_MEASURED))
        except VideoError as error:
            if not isinstance(error, SilentVideoError | FacelessVideoError):
                broken[str(error)] = None
            scores = dict.fromkeys(names, Score(None, str(error)))
        except JoyStudioError as error:
            return dict.fromkeys(names, Score(None, str(error)))
        if self.kept is not None:
            self.kept.add(clip, measurer, scores)
        return scores


def _why_nothing(scores: dict[str, Score]) -> str:
    """The reasons for a video without any score, each once."""
    if any(score.value is not None for score in scores.values()):
        return ""
    return " ".join({score.note: None for score in scores.values() if score.note != NOT_MEASURED})
