"""Measures whether everything but the person stands still."""

from __future__ import annotations

import cv2
import numpy as np

from evaluation.builtin.frame_metric import FREE, FrameMetric, TrackedFrame, VoiceTimeline
from evaluation.metric import Metric, Score

HEAD = 1.9
"""The radius of the head with its hair, in half-sizes of the landmarks' box."""
SHOULDERS = 2.2
"""Half the width of what is left out below the head, in widths of the landmarks' box."""
LEAST_PART = 0.05


class Background(FrameMetric):
    """Mean change of the frame around the person, from frame to frame.

    Meaning: levels of 255 by which a pixel outside head and shoulders changes from one frame to the next. A
    still background read from H.264 has 0.05 to 0.5; a swimming one 1 and more.
    Range: 0..255, lower is better.
    Blind to: what moves behind the shoulders and close to the hair, slow drift (its extra `from_first` is the
    change against the first frame), and it takes a camera that moves on purpose for a fault. People are
    left out by the place of their face alone: arms that are waved count as background.
    """

    order = 50
    metrics = (
        Metric(
            "background_change", "Background change", "lower", (0.0, 255.0), None, FREE,
            "Mean change of a pixel around head and shoulders between frames, in levels of 255. Takes "
            "waving arms and a moving camera for faults.", "", 2,
        ),
    )  # fmt: skip

    def __init__(self, fps: float, size: tuple[int, int]) -> None:
        super().__init__(fps, size)
        self._first: np.ndarray | None = None
        self._before: np.ndarray | None = None
        self._outside: np.ndarray | None = None
        self._box: np.ndarray | None = None
        self._changes: list[float] = []
        self._from_first = 0.0
        self._parts: list[float] = []

    def update(self, frame: TrackedFrame) -> None:
        """Keep the mean change around the person."""
        grey = frame.grey
        if self._before is None or self._first is None:
            self._first = self._before = grey
            self._follow(frame)
            return
        if self._follow(frame) and self._outside is not None:
            part = float(self._outside.mean()) / 255
            self._parts.append(part)
            if part >= LEAST_PART:
                self._changes.append(cv2.mean(cv2.absdiff(grey, self._before), mask=self._outside)[0])
                self._from_first = cv2.mean(cv2.absdiff(grey, self._first), mask=self._outside)[0]
        self._before = grey

    def scores(self, timeline: VoiceTimeline) -> dict[str, Score]:
        """The score, or why there is none."""
        if not self._changes:
            why = "Fewer than two frames show a face." if not self._parts else "The person fills the frame."
            return {"background_change": Score(None, why)}
        extras = {"from_first": self._from_first, "part": float(np.mean(self._parts))}
        return {"background_change": Score(float(np.mean(self._changes)), extras=extras)}

    def _follow(self, frame: TrackedFrame) -> bool:
        """Draw the mask again when the face has moved. Returns False without a face."""
        if frame.face is None:
            return False
        low, high = frame.face[:, :2].min(axis=0), frame.face[:, :2].max(axis=0)
        box = np.concatenate([low, high])
        if self._box is None or np.abs(box - self._box).max() > 0.04 * float(high[1] - low[1]):
            self._box = box
            self._outside = outside(frame.grey.shape, box)
        return True


def outside(shape: tuple[int, ...], box: np.ndarray) -> np.ndarray:
    """(H, W) uint8, 255 outside of the expected head and shoulders around a face (x0, y0, x1, y1)."""
    x0, y0, x1, y1 = box
    centre = (round((x0 + x1) / 2), round((y0 + y1) / 2 - 0.15 * (y1 - y0)))
    mask = np.full(shape[:2], 255, np.uint8)
    axes = (round(HEAD * (x1 - x0) / 2), round(HEAD * (y1 - y0) / 2))
    cv2.ellipse(mask, centre, axes, 0, 0, 360, 0, cv2.FILLED)
    half, neck, chin = SHOULDERS * (x1 - x0), 0.8 * (x1 - x0), round(y1)
    middle, shoulder = (x0 + x1) / 2, round(y1 + 0.7 * (y1 - y0))
    corners = [
        (middle - neck, chin), (middle + neck, chin), (middle + half, shoulder),
        (middle + half, shape[0]), (middle - half, shape[0]), (middle - half, shoulder),
    ]  # fmt: skip
    cv2.fillPoly(mask, [np.array(corners).round().astype(np.int32)], 0)
    return mask


METRIC = Background
