"""Decides when lips are closed, and counts how often they are when they should be.

**When lips count as closed.** The gap is that of the inner lips' middle (landmarks 13 and 14), the width that
of the mouth's corners (61 and 291), as MediaPipe sees them in the video.

- Photographs of closed mouths read 0.002 to 0.005 of the width, lips parted in a smile 0.16.
- The preview engine knows the true gap, so the reading was measured against it on random poses. Lips with no
  pixel between them read 0.002 in the median and 0.057 at the 95th percentile on the smiling astronaut, whose
  mouth is 43 pixels wide (0.032 to 0.048 on the painting and the drawing, 0.003 on a larger neutral face):
  the mesh takes the dark line between lips that are closed and rounded for a gap. Lips 0.04 of the width
  apart read 0.05.
- Looked at in frames of the astronaut, teeth begin to show above 0.06.

The threshold is 0.05, where the two errors meet: two pixels on the astronaut, 2.5 mm on a mouth of 50 mm.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from media.messages import Message, said

CLOSED = 0.05
LEAST_WIDTH = 30.0
"""Pixels of a mouth's width from which closed lips can be told from parted ones. On narrower mouths the mesh
reads up to two pixels of gap between closed lips while eyes and head move a little: at 26 pixels, in three
quarters of the frames of a smiling face.
"""
UPPER_LIP, LOWER_LIP, LEFT_CORNER, RIGHT_CORNER = 13, 14, 61, 291

SETTLED_AFTER = 0.2  # seconds without voice after which lips must rest closed
READY_BEFORE = 0.12  # seconds before the voice continues in which they may part
LONG_ENOUGH = 0.06  # seconds; a shorter p, b or m is not required to be closed


def gap_and_width(face: np.ndarray | None) -> tuple[float, float]:
    """Inner-lip gap and mouth width in pixels of (478, 2 or 3) landmarks; NaN without a face."""
    if face is None:
        return float("nan"), float("nan")
    gap = np.linalg.norm(face[UPPER_LIP, :2] - face[LOWER_LIP, :2])
    return float(gap), float(np.linalg.norm(face[LEFT_CORNER, :2] - face[RIGHT_CORNER, :2]))


def opening(gaps: Sequence[float], widths: Sequence[float]) -> np.ndarray:
    """Gap per frame as a fraction of the mouth's median width; NaN without a face.

    The width is the clip's median, since lips that are rounded make a mouth narrow, not open.
    """
    known = np.asarray(widths, np.float64)
    if not np.isfinite(known).any():
        return np.full(len(known), np.nan)
    return np.asarray(gaps, np.float64) / max(float(np.nanmedian(known)), 1e-6)


def too_narrow(widths: Sequence[float]) -> Message | None:
    """Why closed lips cannot be told from parted ones in a clip; None if its mouth is wide enough.

    widths: pixels per frame, NaN without a face.
    """
    known = np.asarray(widths, np.float64)
    if not np.isfinite(known).any() or (width := float(np.nanmedian(known))) >= LEAST_WIDTH:
        return None
    return said(
        "The mouth is {width:.0f} pixels wide; closed lips can be told from {least:.0f} on. Use a larger "
        "video.",
        width=width,
        least=LEAST_WIDTH,
    )


def closures_shown(
    gap: np.ndarray, closures: Sequence[tuple[float, float]], fps: float, below: float = CLOSED
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


def silence_shown(gap: np.ndarray, speech: Sequence[tuple[float, float]], fps: float) -> tuple[int, int]:
    """How many of the frames that lie in a settled silence have closed lips, and how many there are."""
    silent = settled_silence(len(gap), speech, fps)
    return int((gap[silent] < CLOSED).sum()), int(silent.sum())


def settled_silence(frames: int, speech: Sequence[tuple[float, float]], fps: float) -> np.ndarray:
    """(frames,) bool: the voice has paused for a while and does not return at once."""
    edges = [-np.inf, *(edge for part in speech for edge in part), np.inf]
    start, end = np.arange(frames) / fps, np.arange(1, frames + 1) / fps
    silent = np.zeros(frames, bool)
    for before, after in zip(edges[::2], edges[1::2], strict=True):
        silent |= (start >= before + SETTLED_AFTER) & (end <= after - READY_BEFORE)
    return silent
