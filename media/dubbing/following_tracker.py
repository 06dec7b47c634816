"""Finds the faces of a video and follows each from frame to frame."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from media.dubbing.following_looks import reduced
from media.dubbing.values import SourceFrame
from media.faces.face import Face
from media.faces.turned import SCORE, is_upside_down
from media.faces.views import Depth, crop_square

SEARCH_SECONDS = 0.8
"""Time between two searches for further faces while some are followed."""
LOST_FRAMES = 3
"""While no face is followed, every third frame is searched; faces are then followed backwards, too."""
THOROUGH_SECONDS = (1.0, 16.0)
"""First and longest wait between thorough searches, ten times as long, where there is no face."""
MOST_FACES = 6
"""Faces followed at once, the largest first: each takes 4 ms a frame."""
SAME = 0.4
"""Shared part of the smaller box from which a found face is one that is followed already."""
FARTHEST_STEP = 0.5
"""Sides by which a face may move from one frame to the next; a mesh that jumps further has lost its face."""
LARGEST_GROWTH = 1.5
FAR = 0.15
"""Sides by which a face moves in one frame from which the mesh looks again where it is now: the farther its
region lay beside the face, the less exact is what it finds.
"""
LARGEST_FACE = 2.0
"""Largest side of a face, in longest sides of the picture."""
UNSEEN = 3
"""Searches in a row that do not find a large followed face, after which it is given up."""
FOUND_WHOLE = 0.15
"""Smallest part of the longest side of the picture at which a quick search finds a face."""


REGION, REGION_SIDE, AROUND = 1.5, 256, 1.55
"""The mesh looks at a square of so many sides of the face, which is reduced to so many pixels, and is cut out
with so much around it, since the face moves.
"""


class VideoFaceDetector(Protocol):
    """MediaPipe, or a replacement; see `media.faces.mediapipe_mesh`."""

    def detect(self, image: np.ndarray, min_score: float = 0.5, *, depth: Depth = "tiles") -> list[Face]:
        """Faces in an (H, W, 3) uint8 RGB frame, largest first."""

    def follow(self, image: np.ndarray, face: Face) -> Face | None:
        """The same face in the next frame."""


@dataclass
class _Live:
    """A face that is being followed. unseen: searches in a row that did not find it. score: as its sightings
    have it.
    """

    fragment: int
    face: Face
    unseen: int = 0
    score: float = 0.0


@dataclass(frozen=True, eq=False)
class Sighting:
    """A face in one frame.

    fragment: the same number while a face is followed without interruption. landmarks: (478, 3) float32.
    score: the best one of the searches so far, 0..1.
    """

    frame: SourceFrame
    fragment: int
    landmarks: np.ndarray
    score: float


class FaceTracker:
    """Takes a video's frames in order and finds every face of each."""

    def __init__(self, detector: VideoFaceDetector) -> None:
        self._detector = detector
        self._live: list[_Live] = []
        self._fragments = 0
        self._recent: deque[tuple[SourceFrame, list[Face]]] = deque(maxlen=LOST_FRAMES)
        self._searched = self._thorough = -1e9
        self._wait = 0.0
        self._unsearched = LOST_FRAMES

    def add(self, frame: SourceFrame, sudden: bool) -> list[Sighting]:
        """Take the next frame. Returns its faces, and new ones in the frames before it.

        sudden: whether the frame may begin a new shot.
        """
        time = float(frame.time)
        sightings: list[Sighting] = []
        if sudden:
            self._live = []
            self._recent.clear()
            self._wait = 0.0
            self._unsearched = LOST_FRAMES
        lost = self._follow(frame.picture)
        due = time - self._searched >= SEARCH_SECONDS if self._live else self._unsearched >= LOST_FRAMES - 1
        if lost or due:
            sightings += self._search(frame, time)
        else:
            self._unsearched += 1
        sightings += (Sighting(frame, one.fragment, one.face.landmarks, one.score) for one in self._live)
        self._recent.append((frame, [one.face for one in self._live]))
        return sightings

    def _follow(self, picture: np.ndarray) -> bool:
        """Move every face on. Returns whether one was lost."""
        kept: list[_Live] = []
        for one in self._live:
            face = moved_on(self._detector, picture, one.face)
            if face is None or not plausible_step(one.face, face) or not _in_picture(face, picture):
                continue
            if any(shared(face, other.face) > SAME for other in kept):
                continue  # two meshes ran together; the older one stays
            kept.append(replace(one, face=face))
        lost = len(kept) < len(self._live)
        self._live = kept
        return lost

    def _search(self, frame: SourceFrame, time: float) -> list[Sighting]:
        """Look for further faces. Returns where they were before."""
        before: list[Sighting] = []
        found = self._detector.detect(frame.picture, depth=self._depth(time))
        self._searched, self._unsearched = time, 0
        seen = [any(shared(one.face, face) > SAME for face in found) for one in self._live]
        smallest = FOUND_WHOLE * max(frame.picture.shape[:2])
        for one, is_seen in zip(self._live, seen, strict=True):
            one.score = max([one.score, *(face.score for face in found if shared(one.face, face) > SAME)])
            one.unseen = 0 if is_seen or _side(one.face) < smallest else one.unseen + 1
        self._live = [one for one in self._live if one.unseen < UNSEEN]
        for face in found:
            if len(self._live) >= MOST_FACES or any(shared(one.face, face) > SAME for one in self._live):
                continue
            if face.score <= SCORE and is_upside_down(self._detector, frame.picture, face):
                continue  # the mesh lies on the forehead
            born = _Live(self._fragments, face, score=face.score)
            self._fragments += 1
            self._live.append(born)
            before += self._backwards(born)
        return before

    def _depth(self, time: float) -> Depth:
        """A thorough search where there is no face, less and less often."""
        if self._live:
            return "whole"
        if self._wait and time - self._thorough < self._wait:
            return "whole"
        self._thorough = time
        self._wait = min(2 * self._wait or THOROUGH_SECONDS[0], THOROUGH_SECONDS[1])
        return "tiles"

    def _backwards(self, born: _Live) -> Iterator[Sighting]:
        """A new face in the frames before it, since not every frame is searched."""
        face = born.face
        for frame, others in reversed(self._recent):
            before = moved_on(self._detector, frame.picture, face)
            if before is None or not plausible_step(face, before) or not _in_picture(before, frame.picture):
                return
            if any(shared(before, other) > SAME for other in others):
                return
            yield Sighting(frame, born.fragment, before.landmarks, born.score)
            face = before


def moved_on(detector: VideoFaceDetector, picture: np.ndarray, face: Face) -> Face | None:
    """The same face in the next frame, looked at again where it is now if it has moved far."""
    found = followed(detector, picture, face)
    if found is None or _moved(face, found) < FAR * _side(face):
        return found
    return followed(detector, picture, found) or found


def followed(detector: VideoFaceDetector, picture: np.ndarray, face: Face) -> Face | None:
    """The same face in the next frame. A large one is reduced first: the detector's own way, for portraits,
    takes as long as its network.
    """
    region = REGION * _side(face)
    if region <= REGION_SIDE:
        return detector.follow(picture, face)
    x, y = (face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2
    square, left, top = crop_square(picture, (x, y), AROUND * region)
    side = round(len(square) * REGION_SIDE / region)
    small = reduced(square, side)
    factor = side / len(square)
    found = detector.follow(small, face.moved(-left, -top).scaled(factor))
    return None if found is None else found.scaled(1 / factor).moved(left, top)


def shared(a: Face, b: Face) -> float:
    """The part of the smaller of two faces' boxes that both cover, 0..1."""
    width = min(a.box[2], b.box[2]) - max(a.box[0], b.box[0])
    height = min(a.box[3], b.box[3]) - max(a.box[1], b.box[1])
    return max(width, 0.0) * max(height, 0.0) / max(min(a.area, b.area), 1e-6)


def plausible_step(before: Face, after: Face) -> bool:
    """Whether a face can get from one place to the other between two frames."""
    side, now = _side(before), _side(after)
    if not side / LARGEST_GROWTH < now < side * LARGEST_GROWTH:
        return False
    return _moved(before, after) < FARTHEST_STEP * side


def _moved(before: Face, after: Face) -> float:
    """Pixels from the middle of one box to that of the other."""
    away = np.subtract(after.box, before.box)
    return float(np.hypot(away[0] + away[2], away[1] + away[3])) / 2


def _in_picture(face: Face, picture: np.ndarray) -> bool:
    """Whether its middle is in the picture: a mesh that drifts out of it would lead nowhere."""
    x, y = (face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2
    within = 0 <= x < picture.shape[1] and 0 <= y < picture.shape[0]
    return within and _side(face) <= LARGEST_FACE * max(picture.shape[:2])


def _side(face: Face) -> float:
    return max(face.box[2] - face.box[0], face.box[3] - face.box[1])
