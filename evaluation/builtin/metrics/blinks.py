"""Measures how often and for how long the eyes blink."""

from __future__ import annotations

import numpy as np

from evaluation.builtin.frame_metric import FREE, FrameMetric, TrackedFrame, VoiceTimeline, distance
from evaluation.metric import Metric, Score
from media.messages import said

EYES = (((33, 133), (159, 145), (158, 153)), ((263, 362), (386, 374), (385, 380)))
"""Of each eye: its corners, and two pairs of points across the lids."""
CLOSED = 0.6  # of the open eye's height: deep enough for a blink
BEGUN = 0.85  # of it: where a blink is on its way
LONGEST = 0.6  # seconds; a longer one is eyes kept shut
LEAST_SECONDS = 2.0


class Blinks(FrameMetric):
    """Blinks per minute, and how long one lasts.

    Meaning: people who talk blink 10 to 30 times a minute, for 100 to 300 ms. A blink takes the eyes below
    0.6 of their usual height, and lasts from half closed to half open.
    Range: 0 or more; neither more nor less is better than natural.
    Blind to: blinks of one frame at low rates, half blinks, sunglasses, eyes narrowed by a laugh or by
    looking down; clips of a few seconds, where none is natural, too.
    """

    order = 30
    metrics = (
        Metric(
            "blink_rate", "Blinks", "neither", (0.0, float("inf")), None, FREE,
            "Blinks per minute; 10 to 30 are natural in talk. Clips of a few seconds say little.", "/min", 1,
        ),
        Metric(
            "blink_time", "Blink time", "neither", (0.0, 1000 * LONGEST), None, FREE,
            "Mean length of a blink, from half closed to half open; 100 to 300 ms are natural.", "ms", 0,
        ),
    )  # fmt: skip

    def __init__(self, fps: float, size: tuple[int, int]) -> None:
        super().__init__(fps, size)
        self._open: list[float] = []

    def update(self, frame: TrackedFrame) -> None:
        """Keep the opening of the eyes."""
        self._open.append(float("nan") if frame.face is None else eye_opening(frame.face))

    def scores(self, timeline: VoiceTimeline) -> dict[str, Score]:
        """Rate and length."""
        eyes = np.array(self._open)
        seconds = float(np.isfinite(eyes).sum()) / self.fps
        if seconds < LEAST_SECONDS:
            short = Score(
                None, said("Fewer than {least_seconds:g} s show a face.", least_seconds=LEAST_SECONDS)
            )
            return {"blink_rate": short, "blink_time": short}
        lengths = blink_lengths(eyes, self.fps)
        rate = Score(60 * len(lengths) / seconds, extras={"blinks": len(lengths)})
        if not lengths:
            return {"blink_rate": rate, "blink_time": Score(None, "There are no blinks.")}
        return {"blink_rate": rate, "blink_time": Score(1000 * float(np.mean(lengths)))}


def eye_opening(face: np.ndarray) -> float:
    """Height of the eyes as a fraction of their width, mean of both."""
    ratios = [
        sum(distance(face, *pair) for pair in lids) / len(lids) / max(distance(face, *corners), 1e-6)
        for corners, *lids in EYES
    ]
    return sum(ratios) / len(ratios)


def blink_lengths(eyes: np.ndarray, fps: float) -> list[float]:
    """Length in seconds of every blink. eyes: (frames,) opening, NaN without a face."""
    usual = float(np.nanpercentile(eyes, 75))
    seen = np.nan_to_num(eyes, nan=usual)
    moving = np.concatenate([[False], seen < BEGUN * usual, [False]])
    edges = np.flatnonzero(np.diff(moving.astype(np.int8)))
    lengths = []
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        lowest = float(seen[start:end].min())
        if lowest >= CLOSED * usual:
            continue
        dip = np.concatenate([[usual], seen[start:end], [usual]])
        length = _width(dip, (usual + lowest) / 2) / fps
        if length <= LONGEST:
            lengths.append(length)
    return lengths


def _width(dip: np.ndarray, level: float) -> float:
    """Steps between the first and the last crossing of a level, on straight lines between the values."""
    below = np.flatnonzero(dip < level)
    first, last = int(below[0]), int(below[-1])
    before = (dip[first - 1] - level) / (dip[first - 1] - dip[first])
    after = (dip[last + 1] - level) / (dip[last + 1] - dip[last])
    return float(last - first + (1 - before) + (1 - after))


METRIC = Blinks
