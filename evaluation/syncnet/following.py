"""Finds the faces of a video whose lips are compared, in two passes over the file."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from evaluation.syncnet.crop import SIDE, CropPath, crop, crop_path
from evaluation.syncnet.detection import Finder
from evaluation.syncnet.tracks import MIN_FACE, MIN_TRACK, Track, find_tracks

MIN_TRACKS = (MIN_TRACK, 50, 5)
"""The number of frames that a track must exceed: the original's, then smaller ones if that gives no track."""


@dataclass(frozen=True, eq=False)
class Followed:
    """The faces of a video. frames: how many frames there are; with_face: in how many a face was found.

    min_track, min_face: the limits that gave these tracks; the original's unless those found nothing.
    """

    tracks: tuple[Track, ...]
    frames: int
    with_face: int
    min_track: int
    min_face: int

    @property
    def note(self) -> str:
        """A note on limits other than the original's; empty for the original's."""
        said = []
        if self.min_track != MIN_TRACK:
            said.append(
                f"scored with min_track {self.min_track}: with the original's {MIN_TRACK} these "
                f"{self.frames} frames give no value"
            )
        if self.min_face != MIN_FACE:
            size = self.tracks[0].size
            said.append(f"the face has {size:.0f} pixels, and the original asks for more than {MIN_FACE}")
        return "; ".join(said)


def follow(pictures: Iterable[np.ndarray], finder: Finder) -> Followed:
    """Find faces in every frame at 25 per second, and follow them through each scene."""
    cuts = CutFinder()
    detections = []
    for frame in pictures:
        cuts.add(frame)
        detections.append(finder.find(frame))
    with_face = sum(bool(len(found)) for found in detections)
    for min_face in (MIN_FACE, 0):
        for min_track in MIN_TRACKS:
            tracks = [
                track
                for start, stop in cuts.scenes()
                if stop - start >= min_track
                for track in find_tracks(
                    detections[start:stop], start, min_track=min_track, min_face=min_face
                )
            ]
            if tracks:
                return Followed(tuple(tracks), len(detections), with_face, min_track, min_face)
    return Followed((), len(detections), with_face, MIN_TRACK, MIN_FACE)


def faces(pictures: Iterable[np.ndarray], tracks: Iterable[Track]) -> Iterator[tuple[int, np.ndarray]]:
    """The index of a track and its next (224, 224, 3) face, for every frame of a track."""
    paths: list[tuple[Track, CropPath]] = [(track, crop_path(track)) for track in tracks]
    last = max((int(track.frames[-1]) for track, _ in paths), default=-1)
    for number, frame in enumerate(pictures):
        if number > last:
            return
        for index, (track, path) in enumerate(paths):
            if track.first <= number <= track.frames[-1]:
                yield index, crop(frame, path, number - track.first)


def whole_pictures(pictures: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """Whole frames, squeezed to 224 x 224."""
    for frame in pictures:
        same = frame.shape[:2] == (SIDE, SIDE)
        yield frame if same else cv2.resize(frame, (SIDE, SIDE))


THRESHOLD = 30.0
"""Mean change of hue, saturation and brightness, in levels of 256."""
SHORTEST = 15  # frames


class CutFinder:
    """Fed frame by frame; `cuts` are the numbers of the frames that begin a new scene."""

    def __init__(self) -> None:
        self.cuts: list[int] = []
        self._frame = 0
        self._before: np.ndarray | None = None

    def add(self, frame: np.ndarray) -> None:
        """The next (H, W, 3) uint8 RGB frame."""
        now = cv2.cvtColor(frame, cv2.COLOR_RGB2HSV)
        before, self._before = self._before, now
        if before is not None and before.shape == now.shape:
            change = float(cv2.absdiff(now, before).mean())
            last = self.cuts[-1] if self.cuts else None
            if change >= THRESHOLD and (last is None or self._frame - last >= SHORTEST):
                self.cuts.append(self._frame)
        self._frame += 1

    def scenes(self) -> list[tuple[int, int]]:
        """First frame, and the frame after the last, of each scene."""
        edges = [0, *self.cuts, self._frame]
        return list(itertools.pairwise(edges))
