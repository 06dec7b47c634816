"""Measures whether an edge shows where a face was pasted back."""

from __future__ import annotations

import cv2
import numpy as np

from evaluation.builtin.frame_metric import FREE, FrameMetric, TrackedFrame, VoiceTimeline
from evaluation.metric import Metric, Score

EVERY = 5  # frames; an edge that shows does so for longer
SIDE = 160
"""The examined square is scaled to this many pixels per side: 40 per half-size of the face."""
REACH = 2.0  # half-sizes of the landmarks' box to each side
NEAREST = 0.75  # half-sizes from the middle at which an edge may begin
AGREEING = 75  # percent of a line's pixels that must step at least as far, the same way
RIM = 3  # pixels inside the frame's own border that are ignored


class Seam(FrameMetric):
    """Strength of a straight edge around the face.

    Meaning: lines along the four sides of the face, from inside its outline to two face sizes out, are tried
    as the side of a pasted square. The strength of one is the step across it, beyond either side's own
    slope, that three quarters of its pixels reach the same way: a seam does so, texture does not. Of the
    four sides' strongest lines, the mean of the middle two counts: a door frame is on one side, a square on
    all four.
    Range: 0..255 levels, lower is better; clean frames have 0 to 0.5, a seam one can see 2 and more.
    Blind to: feathered and round seams, squares turned by more than a few degrees, seams in hair and other
    busy texture. Windows and pictures on a wall around the head read as seams: compare with the
    portrait.
    """

    order = 60
    metrics = (
        Metric(
            "seam", "Seam", "lower", (0.0, 255.0), None, FREE,
            "Strongest straight step around the face that texture does not explain, in levels of 255. Blind "
            "to feathered, round and turned seams; frames behind the head read as seams.", "", 2,
        ),
    )  # fmt: skip

    def __init__(self, fps: float, size: tuple[int, int]) -> None:
        super().__init__(fps, size)
        self._strengths: list[float] = []

    def update(self, frame: TrackedFrame) -> None:
        """Keep the strength of every fifth frame's edge."""
        if frame.face is None or frame.number % EVERY:
            return
        self._strengths.append(strength(frame.grey, frame.face))

    def scores(self, timeline: VoiceTimeline) -> dict[str, Score]:
        """The score, or why there is none."""
        if not self._strengths:
            return {"seam": Score(None, "No frame shows a face.")}
        return {"seam": Score(float(np.mean(self._strengths)))}


def strength(grey: np.ndarray, face: np.ndarray) -> float:
    """Mean of the middle two of the four sides' strongest steps, in levels, around (n, 3) landmarks."""
    low, high = face[:, :2].min(axis=0), face[:, :2].max(axis=0)
    half = float((high - low).max()) / 2
    square, seen = _square(grey, (low + high) / 2, REACH * half)
    unit = SIDE / 2 / REACH
    first = round(NEAREST * unit)
    found = sorted(_strongest(np.rot90(square, turn), np.rot90(seen, turn), first) for turn in range(4))
    return (found[1] + found[2]) / 2


def _strongest(square: np.ndarray, seen: np.ndarray, first: int) -> float:
    """The strongest upright line on the right of the middle, at least `first` pixels from it."""
    middle = SIDE // 2
    step = square[:, 2:] - square[:, :-2]  # over two pixels, since an enlarged edge is as wide
    # The step that continues the slope of its neighbours is not a seam.
    alone = step[:, 3:-3] - (step[:, :-6] + step[:, 6:]) / 2
    best = 0.0
    for column in range(middle + first, SIDE - 4):
        reach = column - middle  # a square's side extends to both sides as far as its distance
        rows = slice(max(0, middle - reach), middle + reach)
        inside = seen[rows, column - 4 : column + 5].all(axis=1)
        if inside.sum() >= reach:
            line = np.sort(alone[rows, column - 4][inside])
            fewer = len(line) * (100 - AGREEING) // 100
            best = max(best, float(line[fewer]), float(-line[-1 - fewer]))
    return best


def _square(grey: np.ndarray, centre: np.ndarray, reach: float) -> tuple[np.ndarray, np.ndarray]:
    """The square around a point at SIDE x SIDE pixels, and which of them are inside the frame."""
    scale = SIDE / (2 * reach)
    move = np.array([[scale, 0, SIDE / 2 - scale * centre[0]], [0, scale, SIDE / 2 - scale * centre[1]]])
    if scale < 1:  # against aliasing: texture must not become steps
        grey = cv2.blur(grey, (max(1, round(1 / scale)),) * 2)
    square = cv2.warpAffine(grey, move, (SIDE, SIDE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    inside = cv2.warpAffine(np.ones_like(grey), move, (SIDE, SIDE), flags=cv2.INTER_NEAREST)
    return square.astype(np.float32), cv2.erode(inside, np.ones((RIM, RIM), np.uint8)) > 0


METRIC = Seam
