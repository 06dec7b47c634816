"""All own metrics in one pass over a video."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from evaluation.metric import Score
from evaluation.own.background import Background
from evaluation.own.blinks import Blinks
from evaluation.own.closures import Closures
from evaluation.own.face_track import FaceTrack
from evaluation.own.flicker import Flicker
from evaluation.own.floor import above_floor, measure_floor
from evaluation.own.head import Head
from evaluation.own.heard import level_of_pictures, loudness_steps, speech_stretches
from evaluation.own.mouth_sound import MouthSound
from evaluation.own.phonemes import read_closures
from evaluation.own.picture import Heard, Picture
from evaluation.own.seam import Seam
from evaluation.own.sharpness import MouthSharpness
from media.errors import SilentVideoError

if TYPE_CHECKING:
    from evaluation.video_file import VideoFile

WATCHERS = (MouthSound, Closures, Blinks, Head, Background, Seam, Flicker, MouthSharpness)
MOST_WITHOUT = 0.5
"""Part of the pictures that may show no face before that is said of all face metrics."""


@dataclass(frozen=True, eq=False)
class Watched:
    """What one pass over a video found.

    scores: by metric. opening: (pictures,) gap of the lips in parts of the mouth's width, NaN without a face.
    level: (pictures,) loudness 0..1; None without sound. fps: pictures per second of both.
    """

    scores: dict[str, Score]
    fps: float
    opening: np.ndarray
    level: np.ndarray | None


class OwnMetrics:
    """The metrics that need no downloads. Memory grows by some numbers a picture, and by nothing else."""

    metrics = tuple(metric for watcher in WATCHERS for metric in watcher.metrics)

    def form(self) -> dict[str, Any]:
        """It has one form only."""
        return {}

    def weights(self) -> list[Path]:
        """It needs none."""
        return []

    def measure(self, video: VideoFile) -> dict[str, Score]:
        """A score for every metric; what cannot be measured says why.

        Raises VideoError when the pictures cannot be decoded.
        """
        return self.watch(video).scores

    def watch(self, video: VideoFile) -> Watched:
        """As `measure`, with the curves of mouth and loudness."""
        track = FaceTrack()
        watchers = [watcher(video.fps, video.size) for watcher in WATCHERS]
        pictures = faces = 0
        floor: dict[str, float] = {}
        for image in video.frames():
            grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
            picture = Picture(pictures, image, grey, track.next(image))
            for watcher in watchers:
                watcher.see(picture)
            if picture.face is not None and not faces:
                floor = measure_floor(image, grey)
            pictures += 1
            faces += picture.face is not None
        heard = self._listen(video, pictures)
        scores: dict[str, Score] = {}
        for watcher in watchers:
            scores |= watcher.scores(heard)
        scores = above_floor(scores, floor)
        if faces < pictures:
            scores = {name: _explained(score, pictures - faces, pictures) for name, score in scores.items()}
        (mouth,) = (watcher for watcher in watchers if isinstance(watcher, MouthSound))
        return Watched(scores, video.fps, mouth.opening(), heard.level)

    def _listen(self, video: VideoFile, pictures: int) -> Heard:
        closures = None if video.phonemes is None else read_closures(video.phonemes)
        try:
            power = loudness_steps(video.sound_blocks())
        except SilentVideoError:
            return Heard(None, closures=closures)
        if not np.sqrt(power.max(initial=0.0)) > 1e-4:
            return Heard(None, closures=closures)
        return Heard(level_of_pictures(power, pictures, video.fps), speech_stretches(power), closures)


def _explained(score: Score, without: int, pictures: int) -> Score:
    """A score that could not be taken says how many pictures have no face, where those are many."""
    if score.value is not None or without <= MOST_WITHOUT * pictures:
        return score
    return Score(None, f"{without} of {pictures} frames show no face.", score.extras)
