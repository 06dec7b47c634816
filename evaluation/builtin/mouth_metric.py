"""The base of the mouth's metrics: the gap of the lips and the mouth's width in every frame."""

from __future__ import annotations

import numpy as np

from evaluation.builtin.frame_metric import FrameMetric, TrackedFrame
from evaluation.builtin.lips import gap_and_width, opening, too_narrow
from evaluation.metric import Score


class MouthMetric(FrameMetric):
    """Keeps the gap and the width of each frame."""

    def __init__(self, fps: float, size: tuple[int, int]) -> None:
        super().__init__(fps, size)
        self._gaps: list[float] = []
        self._widths: list[float] = []

    def update(self, frame: TrackedFrame) -> None:
        """Keep gap and width."""
        gap, width = gap_and_width(frame.face)
        self._gaps.append(gap)
        self._widths.append(width)

    def opening(self) -> np.ndarray:
        """(frames,) gap as a fraction of the mouth's median width, as `lips.opening`; NaN without a face."""
        return opening(self._gaps, self._widths)

    def closed_or_parted(self, score: Score) -> Score:
        """A score about closed lips, without a value where the mouth is too narrow to tell."""
        why = None if score.value is None else too_narrow(self._widths)
        return score if why is None else Score(None, why)
