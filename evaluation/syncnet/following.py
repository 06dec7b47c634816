"""From a video to the faces whose lips are looked at, in two passes over the file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from evaluation.syncnet.crop import SIDE, CropPath, crop, crop_path
from evaluation.syncnet.detection import Finder
from evaluation.syncnet.scenes import CutFinder
from evaluation.syncnet.tracks import MIN_FACE, MIN_TRACK, Track, find_tracks

MIN_TRACKS = (MIN_TRACK, 50, 5)
"""Frames that a face has to exceed: the original's, and what is tried where that gives no track."""


@dataclass(frozen=True, eq=False)
class Followed:
    """The faces of a video. frames: how many pictures there are; with_face: in how many a face was seen.

    min_track, min_face: the limits that gave these tracks; the original's unless nothing was found with them.
    """

    tracks: tuple[Track, ...]
    frames: int
    with_face: int
    min_track: int
    min_face: int

    @property
    def note(self) -> str:
        """What a reader has to know of limits that are not the original's; empty when they are."""
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
    """Find faces in every picture at 25 per second, and follow them through each scene."""
    cuts = CutFinder()
    detections = []
    for picture in pictures:
        cuts.add(picture)
        detections.append(finder.find(picture))
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
    """The index of a track and its next (224, 224, 3) face, for every picture that a track reaches over."""
    paths: list[tuple[Track, CropPath]] = [(track, crop_path(track)) for track in tracks]
    last = max((int(track.frames[-1]) for track, _ in paths), default=-1)
    for number, picture in enumerate(pictures):
        if number > last:
            return
        for index, (track, path) in enumerate(paths):
            if track.first <= number <= track.frames[-1]:
                yield index, crop(picture, path, number - track.first)


def whole_pictures(pictures: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
    """Whole pictures, squeezed to 224 x 224."""
    for picture in pictures:
        same = picture.shape[:2] == (SIDE, SIDE)
        yield picture if same else cv2.resize(picture, (SIDE, SIDE))
