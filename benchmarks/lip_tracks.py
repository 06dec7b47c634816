"""From a finished video and the phonemes that were spoken to the four lip-sync figures; no engine in here.

**When lips count as closed.** The gap is that of the inner lips' middle (landmarks 13 and 14), the width that
of the mouth's corners (61 and 291), as MediaPipe sees them in the output video.

- Photographs of closed mouths read 0.002 to 0.005 of the width, lips parted in a smile 0.16.
- The renderer knows the true gap, so the reading was measured against it on random poses. Lips with no pixel
  between them read 0.002 in the median and 0.057 at the 95th percentile on the smiling astronaut, whose mouth
  is 43 pixels wide (0.032 to 0.048 on the painting and the drawing, 0.003 on a larger neutral face): the mesh
  takes the dark line between lips that are closed and rounded for a gap. Lips 0.04 of the width apart read
  0.05.
- Looked at in frames of the astronaut, teeth begin to show above 0.06.

The threshold is 0.05, where the two errors meet: two pixels on the astronaut, 2.5 mm on a mouth of 50 mm. The
share under the stricter 0.03 is printed beside it, without a gate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

CLOSED = 0.05
CLOSED_STRICTLY = 0.03
UPPER_LIP, LOWER_LIP, LEFT_CORNER, RIGHT_CORNER = 13, 14, 61, 291

SETTLED_AFTER = 0.2  # seconds without voice after which lips must rest closed
READY_BEFORE = 0.12  # seconds before the voice goes on in which they may part
LONG_ENOUGH = 0.06  # seconds; a shorter p, b or m is not asked for
WIDEST_LAG = 10  # frames looked at to either side


@dataclass(frozen=True)
class Spoken:
    """What was said, on the time axis of the video.

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
        points = faces[0].landmarks[:, :2] if faces else np.full((478, 2), np.nan)
        gaps.append(np.linalg.norm(points[UPPER_LIP] - points[LOWER_LIP]))
        widths.append(np.linalg.norm(points[LEFT_CORNER] - points[RIGHT_CORNER]))
    return np.array(gaps) / np.nanmedian(widths)


def closures_shown(
    gap: np.ndarray, closures: Sequence[tuple[float, float]], fps: int, below: float = CLOSED
) -> tuple[int, int]:
    """Long closures of which an overlapping frame has closed lips, and how many there are."""
    shown = asked = 0
    for start, end in closures:
        if end - start <= LONG_ENOUGH:
            continue
        first, last = int(start * fps), max(int(start * fps) + 1, int(np.ceil(end * fps)))
        asked += 1
        shown += bool((gap[first:last] < below).any())
    return shown, asked


def silence_shown(gap: np.ndarray, speech: Sequence[tuple[float, float]], fps: int) -> tuple[int, int]:
    """How many of the frames that lie in a settled silence have closed lips, and how many there are."""
    edges = [-np.inf, *(edge for part in speech for edge in part), np.inf]
    start, end = np.arange(len(gap)) / fps, np.arange(1, len(gap) + 1) / fps
    silent = np.zeros(len(gap), bool)
    for before, after in zip(edges[::2], edges[1::2], strict=True):
        silent |= (start >= before + SETTLED_AFTER) & (end <= after - READY_BEFORE)
    return int((gap[silent] < CLOSED).sum()), int(silent.sum())


def correlation(gap: np.ndarray, opening: np.ndarray, lag: int = 0) -> float:
    """Pearson's r of the picture, moved `lag` frames earlier, with the target."""
    a, b = (gap[lag:], opening[: len(opening) - lag]) if lag >= 0 else (gap[:lag], opening[-lag:])
    seen = np.isfinite(a)
    return float(np.corrcoef(a[seen], b[seen])[0, 1])


def best_lag(gap: np.ndarray, opening: np.ndarray) -> int:
    """Frames by which the picture comes late (below zero: early), by the highest correlation."""
    lags = range(-WIDEST_LAG, WIDEST_LAG + 1)
    return max(lags, key=lambda lag: correlation(gap, opening, lag))
