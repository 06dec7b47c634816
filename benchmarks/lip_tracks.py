"""Computes the four lip-sync figures from a finished video and its spoken phonemes, for any engine.

`evaluation.builtin.lips` defines when lips count as closed, and how that was measured. The share under the
stricter 0.03 is printed beside it, without a gate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evaluation.builtin.lips import CLOSED, closures_shown, gap_and_width, opening, silence_shown

__all__ = [
    "CLOSED",
    "CLOSED_STRICTLY",
    "SpokenTracks",
    "best_lag",
    "closures_shown",
    "correlation",
    "inner_gap",
    "silence_shown",
]

CLOSED_STRICTLY = 0.03
WIDEST_LAG = 10  # frames looked at to either side


@dataclass(frozen=True)
class SpokenTracks:
    """The spoken sounds, on the time axis of the video.

    opening: (frames,) target opening, 0..1. closures: (start, end) of every p, b, m in seconds.
    speech: (start, end) of every stretch without a pause, in seconds.
    """

    opening: np.ndarray
    closures: Sequence[tuple[float, float]]
    speech: Sequence[tuple[float, float]]


def inner_gap(path: Path) -> np.ndarray:
    """Inner-lip gap per frame of a video as a fraction of the mouth's median width; NaN without a face.

    The width is the clip's median, since lips that are rounded make a mouth narrow, not open.
    """
    from media.faces import default_detector
    from media.video import VideoReader

    detector = default_detector()
    gaps, widths = [], []
    for frame in VideoReader(path):
        faces = detector.detect(frame)
        gap, width = gap_and_width(faces[0].landmarks if faces else None)
        gaps.append(gap)
        widths.append(width)
    return opening(gaps, widths)


def correlation(gap: np.ndarray, opening: np.ndarray, lag: int = 0) -> float:
    """Pearson's r of the picture, moved `lag` frames earlier, with the target."""
    a, b = (gap[lag:], opening[: len(opening) - lag]) if lag >= 0 else (gap[:lag], opening[-lag:])
    seen = np.isfinite(a)
    return float(np.corrcoef(a[seen], b[seen])[0, 1])


def best_lag(gap: np.ndarray, opening: np.ndarray) -> int:
    """Frames by which the video is late (below zero: early), by the highest correlation."""
    lags = range(-WIDEST_LAG, WIDEST_LAG + 1)
    return max(lags, key=lambda lag: correlation(gap, opening, lag))
