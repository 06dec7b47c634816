"""Measures the face detector's own movement on a frozen frame of the video."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from evaluation.builtin.frame_metric import TrackedFrame, VoiceTimeline
from evaluation.builtin.metrics.head import Head
from evaluation.metric import Score

if TYPE_CHECKING:
    import numpy as np

    from evaluation.builtin.face_track import FaceTrack

LOOKS = 20
"""Detections in one frame: two seconds at the rate below, so that a drift shows."""
RATE = 10.0


def measure_floor(image: np.ndarray, grey: np.ndarray, track: FaceTrack) -> dict[str, float]:
    """The values of `Head` if nothing moves, by metric.

    image: an (H, W, 3) uint8 RGB frame of the video, grey: the same in (H, W) brightness, track: of the face
    that was found in it, which is the first of the looks.
    """
    track = track.copy()
    head = Head(RATE, (image.shape[1], image.shape[0]))
    head.update(TrackedFrame(0, image, grey, track.landmarks))
    for number in range(1, LOOKS):
        head.update(TrackedFrame(number, image, grey, track.next(image)))
    scores = head.scores(VoiceTimeline(None))
    return {name: score.value for name, score in scores.items() if score.value is not None}


def above_floor(scores: Mapping[str, Score], floor: Mapping[str, float]) -> dict[str, Score]:
    """The scores minus the floor of their metric, which becomes the extra `floor`; never below 0."""
    result = dict(scores)
    for name, value in floor.items():
        score = scores.get(name)
        if score is not None and score.value is not None:
            said = f"Less {value:.1f}, which the detector reads where nothing moves."
            result[name] = replace(
                score,
                value=max(0.0, score.value - value),
                note=f"{score.note} {said}".strip(),
                extras={**score.extras, "floor": value},
            )
    return result
