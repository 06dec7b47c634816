"""Measures whether the light jumps from frame to frame."""

from __future__ import annotations

import cv2
import numpy as np

from evaluation.builtin.frame_metric import FREE, FrameMetric, TrackedFrame, VoiceTimeline
from evaluation.metric import Metric, Score

GRID = 16


class Flicker(FrameMetric):
    """Mean jump of the light of a 16th of the frame.

    Meaning: the frame is cut into 16 x 16 fields; of each, the brightness of a frame is compared with the
    mean of those before and after it. What moves steadily cancels, what jumps forth and back adds up.
    Range: 0..255 levels, lower is better; a steady clip has 0.02 to 0.2.
    Blind to: flicker slower than a few frames, texture that crawls inside a field without changing its
    light. Cuts and very quick motion count as flicker; so do frames in the wrong order, which is meant.
    """

    order = 70
    metrics = (
        Metric(
            "flicker", "Flicker", "lower", (0.0, 255.0), None, FREE,
            "Mean jump of the brightness of a field (16 x 16 of them) against the frames before and "
            "after, in levels of 255. Cuts and quick motion count, too.", "", 3,
        ),
    )  # fmt: skip

    def __init__(self, fps: float, size: tuple[int, int]) -> None:
        super().__init__(fps, size)
        self._last: list[np.ndarray] = []
        self._jumps: list[float] = []

    def update(self, frame: TrackedFrame) -> None:
        """Keep the mean jump of the frame before this one."""
        # Rounding the means of fields to whole levels would hide the jumps.
        fields = cv2.resize(frame.grey.astype(np.float32), (GRID, GRID), interpolation=cv2.INTER_AREA)
        self._last = [*self._last[-2:], fields]
        if len(self._last) == 3:
            before, middle, after = self._last
            self._jumps.append(float(np.abs(middle - (before + after) / 2).mean()))

    def scores(self, timeline: VoiceTimeline) -> dict[str, Score]:
        """The score; None for fewer than three frames."""
        if not self._jumps:
            return {"flicker": Score(None, "There are fewer than 3 frames.")}
        worst = float(np.max(self._jumps))
        return {"flicker": Score(float(np.mean(self._jumps)), extras={"worst": worst})}


METRIC = Flicker
