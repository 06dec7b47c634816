"""All built-in metrics in one pass over a video."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from evaluation.builtin import metrics
from evaluation.builtin.face_track import FaceTrack
from evaluation.builtin.floor import above_floor, measure_floor
from evaluation.builtin.frame_metric import FrameMetric, TrackedFrame, VoiceTimeline
from evaluation.builtin.metrics.mouth_sound import MouthSound
from evaluation.builtin.voice_timeline import level_of_frames, loudness_steps, speech_stretches
from evaluation.metric import Score
from evaluation.sounds.reading import read_sounds
from media.errors import SilentVideoError
from media.messages import said
from media.offered import offered

if TYPE_CHECKING:
    from evaluation.video_file import VideoFile


def found_metrics() -> tuple[type[FrameMetric], ...]:
    """Every metric in evaluation/builtin/metrics/, in the order of reports."""
    return tuple(sorted(offered(metrics, "METRIC"), key=lambda metric: metric.order))


FRAME_METRICS = found_metrics()
MOST_WITHOUT = 0.5
"""Share of frames without a face above which all face metrics report it."""


@dataclass(frozen=True, eq=False)
class Measured:
    """The result of one pass over a video.

    scores: by metric. opening: (frames,) gap of the lips in parts of the mouth's width, NaN without a face.
    level: (frames,) loudness 0..1; None without sound. fps: frames per second of both.
    """

    scores: dict[str, Score]
    fps: float
    opening: np.ndarray
    level: np.ndarray | None


class BuiltinMetrics:
    """The metrics that need no downloads. Memory grows only by a few numbers per frame."""

    metrics = tuple(metric for one in FRAME_METRICS for metric in one.metrics)

    def form(self) -> dict[str, Any]:
        """Empty: they have only one form."""
        return {}

    def weights(self) -> list[Path]:
        """None are needed."""
        return []

    def measure(self, video: VideoFile) -> dict[str, Score]:
        """A score for every metric; a metric that cannot be measured says why.

        Raises VideoError when the frames cannot be decoded.
        """
        return self.measure_with_curves(video).scores

    def measure_with_curves(self, video: VideoFile) -> Measured:
        """As `measure`, with the curves of mouth and loudness."""
        track = FaceTrack()
        frame_metrics = [one(video.fps, video.size) for one in FRAME_METRICS]
        count = faces = 0
        floor: dict[str, float] = {}
        for image in video.frames():
            grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
            frame = TrackedFrame(count, image, grey, track.next(image))
            for one in frame_metrics:
                one.update(frame)
            if frame.face is not None and not faces:
                floor = measure_floor(image, grey, track)
            count += 1
            faces += frame.face is not None
        timeline = self._timeline(video, count)
        scores: dict[str, Score] = {}
        for one in frame_metrics:
            scores |= one.scores(timeline)
        scores = above_floor(scores, floor)
        if faces < count:
            scores = {name: _explained(score, count - faces, count) for name, score in scores.items()}
        (mouth,) = (one for one in frame_metrics if isinstance(one, MouthSound))
        return Measured(scores, video.fps, mouth.opening(), timeline.level)

    def _timeline(self, video: VideoFile, count: int) -> VoiceTimeline:
        sounds = None if video.phonemes is None else read_sounds(video.phonemes, video.path.stem)
        try:
            power = loudness_steps(video.sound_blocks())
        except SilentVideoError:
            return VoiceTimeline(None, sounds=sounds)
        if not np.sqrt(power.max(initial=0.0)) > 1e-4:
            return VoiceTimeline(None, sounds=sounds, silent=True)
        return VoiceTimeline(level_of_frames(power, count, video.fps), speech_stretches(power), sounds)


def _explained(score: Score, without: int, count: int) -> Score:
    """The score; if it is missing and many frames have no face, it says how many."""
    if score.value is not None or without <= MOST_WITHOUT * count:
        return score
    return Score(
        None,
        said("No face is visible in {without} of {count} frames.", without=without, count=count),
        score.extras,
    )
