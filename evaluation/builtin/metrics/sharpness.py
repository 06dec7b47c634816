"""Measures whether the mouth is as sharp as a face should be."""

from __future__ import annotations

import cv2
import numpy as np

from evaluation.builtin.frame_metric import FREE, FrameMetric, TrackedFrame, VoiceTimeline, distance
from evaluation.builtin.lips import LEFT_CORNER, RIGHT_CORNER
from evaluation.metric import Metric, Score

EYE_OUTER = (33, 263)
SIDE = 64
"""Every crop is scaled to this many pixels per side."""
FINE = 1.0  # pixels; detail finer than this counts as sharpness
WIDER = 1.3  # mouth widths on a side
DARK = 3.0  # levels; with less contrast there is no detail to measure


class MouthSharpness(FrameMetric):
    """Fine detail of the mouth region as a part of its contrast.

    Meaning: the region around the mouth is brought to 64 x 64 pixels; the strength of detail finer than one
    such pixel is divided by the strength of all contrast in it, in percent. The extra `to_eyes` divides it by
    the same figure of the region between the eyes: below 1 the mouth is softer than the rest of the face.
    Range: 0..100 %, higher is better; sharp portraits have 15 to 30, blurred ones below 8.
    Blind to: whether the detail is right (noise and compression blocks are sharp), and what is finer than a
    64th of the region. A wide open mouth is dark and smooth inside and reads lower than a closed one.
    """

    order = 80
    metrics = (
        Metric(
            "mouth_sharpness", "Mouth sharpness", "higher", (0.0, 100.0), None, FREE,
            "Share of fine detail in the contrast of the mouth region at 64 x 64 pixels. Noise counts as "
            "detail; an open mouth reads lower.", "%", 1,
        ),
    )  # fmt: skip

    def __init__(self, fps: float, size: tuple[int, int]) -> None:
        super().__init__(fps, size)
        self._mouth: list[float] = []
        self._eyes: list[float] = []

    def update(self, frame: TrackedFrame) -> None:
        """Keep the sharpness of mouth and eyes."""
        face = frame.face
        if face is None:
            return
        side = WIDER * distance(face, LEFT_CORNER, RIGHT_CORNER)
        eyes = WIDER * distance(face, *EYE_OUTER) / 1.8
        mouth = _fine_part(frame.grey, face[[LEFT_CORNER, RIGHT_CORNER], :2].mean(axis=0), side)
        between = _fine_part(frame.grey, face[[*EYE_OUTER], :2].mean(axis=0), eyes)
        if mouth is not None:
            self._mouth.append(mouth)
        if between is not None:
            self._eyes.append(between)

    def scores(self, timeline: VoiceTimeline) -> dict[str, Score]:
        """The score, or why there is none."""
        if not self._mouth:
            return {"mouth_sharpness": Score(None, "No frame shows a mouth with contrast.")}
        value = float(np.mean(self._mouth))
        extras = {"to_eyes": value / float(np.mean(self._eyes))} if self._eyes and np.mean(self._eyes) else {}
        return {"mouth_sharpness": Score(value, extras=extras)}


def _fine_part(grey: np.ndarray, centre: np.ndarray, side: float) -> float | None:
    """Strength of fine detail in percent of the contrast of a square; None where it shows nothing."""
    x0, y0 = (centre - side / 2).round().astype(int)
    whole = max(round(side), 2)
    crop = grey[max(y0, 0) : max(y0 + whole, 0), max(x0, 0) : max(x0 + whole, 0)]
    if min(crop.shape) < 2:
        return None
    down = cv2.INTER_AREA if min(crop.shape) > SIDE else cv2.INTER_LINEAR
    square = cv2.resize(crop.astype(np.float32), (SIDE, SIDE), interpolation=down)
    contrast = float(square.std())
    if contrast < DARK:
        return None
    fine = square - cv2.GaussianBlur(square, (0, 0), FINE)
    return min(100.0, 100 * float(fine.std()) / contrast)


METRIC = MouthSharpness
