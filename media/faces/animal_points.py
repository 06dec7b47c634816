"""Proposes an animal's three points: left eye, right eye and mouth.

Many weak hints (`media.faces.animal_hints`) are grouped, each group is fitted to the pixels
(`media.faces.animal_shape`), and the best fit is proposed. A proposal is for a user to look at, unless it is
sure.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from media.faces.animal import Box, cat_heads
from media.faces.animal_hints import Hint, default_hint_finder
from media.faces.animal_shape import AnimalShape, Pyramid, default_shape
from media.faces.eye_pairs import eye_pairs
from media.faces.recent_pictures import RecentPictures
from media.placement import Point

MOST_HINTS = 800
MOST_SEEDS = 40
"""Groups of hints that are fitted, most support first."""
AGREEING = 0.3
"""Distance of two hints' points, in distances between the eyes, at which they support each other by 61 %."""
SAME_GROUP = 0.6
"""Agreement from which a hint belongs to a group that is already there."""
SUPPORT_COUNTS = 0.3
"""How much the logarithm of a group's support adds to the score of its fit."""
HEAD_COUNTS = 2.0
"""How much it adds that a fit lies in a head that OpenCV's cat detector finds."""
IN_HEAD = ((0.3, 0.45), (0.7, 0.45), (0.5, 0.8))
"""Where eyes and mouth usually are in such a head, in its sides."""
EYES_IN_HEAD = (0.25, 0.7)
"""Smallest and largest distance of the eyes in such a head."""
LEAST_SCORE = -1.0
"""Lowest score of a proposal."""
SURE_SCORE = 3.6
"""Lowest score of a proposal that is used without asking, and that speaks for an animal in a picture that was
said to show a person."""
STARTS_TURNED, STARTS_RESIZED = (-25.0, 0.0, 25.0), (0.7, 1.0, 1.4)
"""How a group of hints is turned, in degrees, and resized before it is fitted for the later proposals."""
MOST_TURNED = 60.0
"""Largest turn of a later proposal, in degrees: more often than not, one that lies on its side is fur."""
MOST_PROPOSALS = 5
MOST_PAIRS = 100
"""Pairs of dark blobs that are fitted for the later proposals, most alike to a face first."""
ANOTHER = 0.25
"""Smallest distance of a proposal from those before it, in distances between the eyes: of nearer ones, one is
shown.
"""
SAME_PLACE = 0.25
"""Distance of two fits, in distances between the eyes, at which they speak for each other by 61 %."""
SAME_FACE = 0.5
"""Fits whose points are this close, in distances between the eyes, are averaged."""


@dataclass(frozen=True)
class AnimalPoints:
    """left_eye, right_eye, mouth: in pixels; left is the left side of the upright image. score: larger is
    better.
    """

    left_eye: Point
    right_eye: Point
    mouth: Point
    score: float

    @property
    def points(self) -> tuple[Point, Point, Point]:
        """The three points, in the order of --anchors."""
        return self.left_eye, self.right_eye, self.mouth

    @property
    def sure(self) -> bool:
        """Whether the points can be used without asking."""
        return self.score >= SURE_SCORE


def propose_points(image: np.ndarray, most: int = MOST_PROPOSALS) -> tuple[AnimalPoints, ...]:
    """The likeliest points in an (H, W, 3) uint8 RGB image, in its pixels, best first; empty if nothing
    looks like a face.

    most: how many; each lies elsewhere than those before it, or fits the same face otherwise. The last
    pictures' points are kept: the page looks at a picture several times before it is animated.
    """
    return _recent().found(image, most, lambda: _proposed(image, most))


@cache
def _recent() -> RecentPictures[tuple[AnimalPoints, ...]]:
    return RecentPictures()


def _proposed(image: np.ndarray, most: int) -> tuple[AnimalPoints, ...]:
    shape, pyramid = default_shape(), Pyramid(image)
    heads = cat_heads(pyramid.levels[0])
    seeds = groups(default_hint_finder().find(image))
    usual = float(np.median([support for _, support in seeds])) if seeds else 1.0
    seeds += [(_in_head(head), usual) for head in heads]
    fits: list[tuple[np.ndarray, float]] = []
    for points, support in seeds:
        fitted = shape.fit(pyramid, points)
        if fitted is not None:
            score = shape.score(pyramid, fitted) + SUPPORT_COUNTS * float(np.log(support + 1e-6))
            score += HEAD_COUNTS * any(_fits_head(fitted, head) for head in heads)
            fits.append((fitted, score))
    if not fits:
        return ()
    best, score = max(fits, key=lambda fit: fit[1])
    if score < LEAST_SCORE:
        return ()
    first = _agreed(best, score, fits)
    found = [(first, score)]
    if most > 1:
        found += _others(shape, pyramid, [points for points, _ in seeds], first, most - 1)
    triples = [(tuple((float(x), float(y)) for x, y in points), score) for points, score in found]
    return tuple(AnimalPoints(left, right, mouth, score) for (left, right, mouth), score in triples)


def _others(
    shape: AnimalShape, pyramid: Pyramid, seeds: Sequence[np.ndarray], first: np.ndarray, most: int
) -> list[tuple[np.ndarray, float]]:
    """Proposals after the first: fits of faces that are about upright, from the groups, from each of them
    turned and resized, and from pairs of dark blobs. Only the pixels decide: the hints agree most on the
    first.
    """
    starts = [
        _changed(points, turn, size) for points in seeds for turn in STARTS_TURNED for size in STARTS_RESIZED
    ]
    pairs = sorted(eye_pairs(pyramid.levels[0]), key=lambda points: -shape.score(pyramid, points))
    fits = [
        (fitted, shape.score(pyramid, fitted))
        for points in (*starts, *pairs[:MOST_PAIRS])
        if (fitted := shape.fit(pyramid, points)) is not None and _upright(fitted)
    ]
    return _apart_from(fits, first, most) if fits else []


def _apart_from(
    fits: Sequence[tuple[np.ndarray, float]], first: np.ndarray, most: int
) -> list[tuple[np.ndarray, float]]:
    """The places that most of the fits speak for and that no proposal has shown yet, one after the other.

    A fit counts as its likelihood, and less the nearer it is to what is already shown. So what follows a
    doubtful proposal may be the same face a little higher or larger, or another one. No score is sure.
    """
    points = np.stack([one for one, _ in fits])
    scores = np.array([score for _, score in fits])
    left = np.exp(scores - scores.max())
    apart = np.stack([_apart(points, one) for one in points])
    near = np.where(apart < 2 * SAME_PLACE, np.exp(-((apart / SAME_PLACE) ** 2) / 2), 0.0)
    left *= _unseen(_apart(points, first))
    found: list[tuple[np.ndarray, float]] = []
    while len(found) < most and left.max() > 0:
        best = int(np.where(left > 0, near @ left, 0.0).argmax())
        weight = near[best] * left
        mean = np.average(points, axis=0, weights=weight)
        found.append((mean, min(float(scores[best]), SURE_SCORE - 1)))
        left *= _unseen(_apart(points, mean))
        left[best] = 0.0
    return found


def _unseen(apart: np.ndarray) -> np.ndarray:
    """How much a fit at a distance from what is shown still counts, 0..1."""
    return np.where(apart < ANOTHER, 0.0, 1 - np.exp(-((apart / SAME_PLACE) ** 2) / 2))


def _upright(points: np.ndarray) -> bool:
    """Whether the eyes are side by side and the mouth is below them."""
    (across, down), mouth = points[1] - points[0], points[2] - points[:2].mean(axis=0)
    level = abs(math.degrees(math.atan2(down, across))) <= MOST_TURNED
    return level and bool(across * mouth[1] - down * mouth[0] > 0)


def _changed(points: np.ndarray, turn: float, size: float) -> np.ndarray:
    """Points turned by degrees and resized around their middle."""
    middle, angle = points.mean(axis=0), math.radians(turn)
    matrix = size * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    changed: np.ndarray = (points - middle) @ matrix.T + middle
    return changed


def _apart(points: np.ndarray, other: np.ndarray) -> np.ndarray:
    """(n,) largest distances of the points of (n, 3, 2) fits from another one, in the smaller distance
    between the eyes.
    """
    eyes = np.linalg.norm(points[:, 1] - points[:, 0], axis=1)
    smaller = np.minimum(eyes, np.linalg.norm(other[1] - other[0]))
    apart: np.ndarray = np.linalg.norm(points - other, axis=2).max(axis=1) / smaller
    return apart


def groups(hints: Sequence[Hint]) -> list[tuple[np.ndarray, float]]:
    """The (3, 2) mean points of groups of hints that agree, and the support of each, largest first."""
    best = sorted(hints, key=lambda hint: -hint.score)[:MOST_HINTS]
    if not best:
        return []
    points, scores = np.stack([hint.points for hint in best]), np.array([hint.score for hint in best])
    eyes = np.linalg.norm(points[:, 1] - points[:, 0], axis=1)
    points, scores, eyes = (values[eyes > 5] for values in (points, scores, eyes))
    three = points[:, [0, 1, 3]]
    apart = np.linalg.norm(three[:, None] - three[None], axis=3).max(axis=2)
    apart /= np.minimum(eyes[:, None], eyes[None])
    agreement = np.where(apart < 3 * AGREEING, np.exp(-((apart / AGREEING) ** 2) / 2), 0.0)
    power = scores**2
    support = agreement @ power
    left = support.copy()
    found: list[tuple[np.ndarray, float]] = []
    while len(found) < min(MOST_SEEDS, len(left)):
        top = int(left.argmax())
        if left[top] <= 0:
            break
        weight = agreement[top] * power
        found.append(((weight[:, None, None] * three).sum(axis=0) / weight.sum(), float(support[top])))
        left[agreement[top] > SAME_GROUP] = -1.0
    return found


def _in_head(head: Box) -> np.ndarray:
    left, top, right, bottom = head
    places: np.ndarray = np.array([left, top]) + np.array(IN_HEAD) * (right - left, bottom - top)
    return places


def _fits_head(points: np.ndarray, head: Box) -> bool:
    """Whether a fit lies in a head, with eyes of a fitting distance above the mouth."""
    left, top, right, bottom = head
    x, y = points.mean(axis=0)
    eyes = float(np.linalg.norm(points[1] - points[0])) / (right - left)
    upright = points[2, 1] > points[:2, 1].max()
    return (
        bool(left < x < right and top < y < bottom and upright) and EYES_IN_HEAD[0] < eyes < EYES_IN_HEAD[1]
    )


def _agreed(best: np.ndarray, score: float, fits: Sequence[tuple[np.ndarray, float]]) -> np.ndarray:
    """The mean of the fits that found the same face, weighted by their scores."""
    eyes = float(np.linalg.norm(best[1] - best[0]))
    same = [fit for fit in fits if np.linalg.norm(fit[0] - best, axis=1).max() < SAME_FACE * eyes]
    weights = np.exp([one - score for _, one in same])
    mean: np.ndarray = np.average([points for points, _ in same], axis=0, weights=weights)
    return mean
