"""Measures how far and how steadily the head moves, and whether it stays the same head."""

from __future__ import annotations

import numpy as np

from evaluation.builtin.frame_metric import FREE, FrameMetric, TrackedFrame, VoiceTimeline
from evaluation.metric import Metric, Score
from media.messages import said

RIGID = np.array(
    [10, 9, 8, 168, 6, 197, 195, 5, 4, 33, 133, 362, 263, 127, 356, 234, 454, 151, 67, 297, 109, 338]
)
"""Landmarks that neither speech nor blinks move: forehead, bridge of the nose, eyes' corners, temples."""
EYE_CORNERS = ([9, 10], [11, 12])
"""Of `RIGID`: the corners of the two eyes."""
LEAST_SECONDS = 1.0


def fit(points: np.ndarray, shape: np.ndarray) -> tuple[np.ndarray, float, np.ndarray]:
    """Turn, scale and centre that bring a shape nearest to points, both (n, 3) (Kabsch, Umeyama).

    Returns (rotation (3, 3), scale, centre (3,)): points ~ scale * shape @ rotation.T + centre, for a
    centred shape.
    """
    centre = points.mean(axis=0)
    away = points - centre
    left, values, right = np.linalg.svd(away.T @ shape)
    sign = np.array([1.0, 1.0, np.sign(np.linalg.det(left @ right))])
    return (left * sign) @ right, float((values * sign).sum() / max(float((shape**2).sum()), 1e-12)), centre


def angles(turn: np.ndarray) -> tuple[float, float, float]:
    """Yaw, pitch and roll in degrees of a rotation (3, 3) in image axes (x right, y down, z away)."""
    yaw = np.arctan2(turn[0, 2], turn[2, 2])
    pitch = np.arctan2(-turn[1, 2], np.hypot(turn[0, 2], turn[2, 2]))
    roll = np.arctan2(turn[1, 0], turn[1, 1])
    return tuple(float(np.degrees(angle)) for angle in (yaw, pitch, roll))  # type: ignore[return-value]


class Head(FrameMetric):
    """Range and jitter of the head's pose, and drift of the face's shape.

    Meaning: the range is that of the liveliest of yaw, pitch and roll, between the 5th and the 95th
    percentile, relative to the first frame. Jitter is the unsteadiness of the head's place: the median
    change of its speed from frame to frame, in thousandths of the distance between the eyes. Drift
    compares the shape of the rigid part of the face, freed of pose and size, in the first second with every
    later second; the largest difference counts, in percent of the distance between the eyes. Of all three
    what they read on a frozen frame of the same video is subtracted (see floor).
    Range: degrees 0..180, neither is better; jitter 0 or more and drift 0 or more, lower is better.
    Blind to: jitter of the face's inside while the head is at rest (see flicker); a person swapped for one of
    the same proportions; turns beyond 40 degrees, where the mesh guesses the far side and reads as drift.
    Jitter of two clips compares at the same frame rate only.
    """

    order = 40
    metrics = (
        Metric(
            "head_range", "Head range", "neither", (0.0, 180.0), None, FREE,
            "How far the head turns: the widest of yaw, pitch and roll, 5th to 95th percentile. Talking "
            "people turn by 5 to 20 degrees.", "°", 1,
        ),
        Metric(
            "head_jitter", "Head jitter", "lower", (0.0, float("inf")), None, FREE,
            "Median change of the head's speed between frames, in thousandths of the distance between the "
            "eyes. Compare at the same frame rate only.", "‰", 2,
        ),
        Metric(
            "identity_drift", "Identity drift", "lower", (0.0, float("inf")), None, FREE,
            "Largest change of the face's rigid shape against the first second, in percent of the distance "
            "between the eyes. Blind to changes of skin and hair; wide turns read as drift.", "%", 2,
        ),
    )  # fmt: skip

    def __init__(self, fps: float, size: tuple[int, int]) -> None:
        super().__init__(fps, size)
        self._shape: np.ndarray | None = None
        self._eyes = 1.0
        self._angles: list[tuple[float, float, float]] = []
        self._places: list[tuple[float, float]] = []
        self._seconds: list[np.ndarray] = []
        self._sum, self._summed = np.zeros((len(RIGID), 3)), 0

    def update(self, frame: TrackedFrame) -> None:
        """Keep angles and place; add the shape to that of the current second."""
        if frame.face is None:
            self._places.append((float("nan"), float("nan")))
            return
        points = frame.face[RIGID].astype(np.float64)
        if self._shape is None:
            self._shape = points - points.mean(axis=0)
            left, right = (self._shape[corners].mean(axis=0) for corners in EYE_CORNERS)
            self._eyes = max(float(np.linalg.norm(left - right)), 1e-6)
        turn, scale, centre = fit(points, self._shape)
        self._angles.append(angles(turn))
        self._places.append((float(centre[0]), float(centre[1])))
        self._sum += (points - centre) @ turn / max(scale, 1e-6)
        self._summed += 1
        if self._summed >= round(self.fps):
            self._end_second()

    def scores(self, timeline: VoiceTimeline) -> dict[str, Score]:
        """Three scores, or why there are none."""
        if len(self._angles) < max(3.0, LEAST_SECONDS * self.fps):
            short = Score(
                None, said("Fewer than {least_seconds:g} s show a face.", least_seconds=LEAST_SECONDS)
            )
            return {metric.name: short for metric in self.metrics}
        low, high = np.percentile(np.array(self._angles), [5, 95], axis=0)
        turned = dict(zip(("yaw", "pitch", "roll"), (high - low).round(2).tolist(), strict=True))
        bends = np.linalg.norm(np.diff(np.array(self._places), 2, axis=0), axis=1)
        if self._summed > self.fps / 2:
            self._end_second()
        first = self._seconds[0]
        apart = [float(np.sqrt(((s - first) ** 2).sum(axis=1).mean())) for s in self._seconds[1:]]
        drift = Score(None, "Fewer than 2 s show a face.")
        if apart:
            drift = Score(100 * max(apart) / self._eyes, extras={"last": 100 * apart[-1] / self._eyes})
        return {
            "head_range": Score(max(turned.values()), extras=turned),
            "head_jitter": Score(1000 * float(np.nanmedian(bends)) / self._eyes)
            if np.isfinite(bends).any()
            else Score(None, "No three consecutive frames show a face."),
            "identity_drift": drift,
        }

    def _end_second(self) -> None:
        self._seconds.append(self._sum / self._summed)
        self._sum, self._summed = np.zeros_like(self._sum), 0


METRIC = Head
