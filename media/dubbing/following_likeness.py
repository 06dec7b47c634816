"""Decides whether two tracks show the same person, from the shape of the face and its colours."""

from __future__ import annotations

import numpy as np

from media.dubbing.following_file import LandmarkFile
from media.dubbing.following_tracks import ShotTrack

LOOKS = 9
"""Frames of a track whose shapes are averaged: those that look most into the camera."""
LIKE_SHAPES = 0.022
"""Largest difference of one person's shapes, in distances of the eyes' outer corners. Measured on talking
portraits: up to 0.017 for one person at other sizes and turned in the picture by up to 14 degrees, from 0.024
for two persons.
"""
LIKE_COLOURS = 0.25
"""Largest difference of one person's skin, in natural logarithms of the channels' ratios."""

RIGID = (10, 9, 8, 168, 6, 197, 195, 5, 4, 1, 33, 133, 362, 263, 127, 356, 234, 454, 151, 67, 297, 109, 338,
         46, 276, 70, 300, 98, 327, 2, 93, 323, 132, 361)  # fmt: skip
"""Landmarks that neither speech nor blinks move."""
_CORNERS = (10, 13)
"""The outer corners of the eyes, in RIGID."""


class SamePerson:
    """Compares tracks of one video. Keeps each track's shape."""

    def __init__(self, landmarks: LandmarkFile) -> None:
        self._landmarks = landmarks
        self._shapes: dict[int, np.ndarray] = {}

    def __call__(self, a: ShotTrack, b: ShotTrack) -> float:
        """How different they are: up to 1 for one person, more for two."""
        return max(self.shapes_apart(a, b) / LIKE_SHAPES, self.colours_apart(a, b) / LIKE_COLOURS)

    def shapes_apart(self, a: ShotTrack, b: ShotTrack) -> float:
        """Root mean square distance of two tracks' rigid landmarks, freed of pose and size."""
        first, second = self._shape(a), self._shape(b)
        return float(np.sqrt(((_aligned(second, first) - first) ** 2).sum(axis=1).mean()))

    def colours_apart(self, a: ShotTrack, b: ShotTrack) -> float:
        """Largest difference of the cheeks' red to green and blue to green, which light hardly changes."""
        first, second = (np.median(track.rows["cheeks"], axis=0).astype(np.float64) + 8 for track in (a, b))
        ratio = np.log(first / second)
        return float(max(abs(ratio[0] - ratio[1]), abs(ratio[2] - ratio[1])))

    def _shape(self, track: ShotTrack) -> np.ndarray:
        """(len(RIGID), 3) mean shape, in distances of the eyes' outer corners, around its middle."""
        if track.number not in self._shapes:
            turned = np.hypot(track.rows["yaw"].astype(np.float32), track.rows["pitch"].astype(np.float32))
            chosen = np.argsort(turned, kind="stable")
            chosen = chosen[: max(LOOKS, len(chosen) // 2)]  # spread over the frontal half
            chosen = np.sort(chosen)[np.linspace(0, len(chosen) - 1, min(LOOKS, len(chosen))).astype(int)]
            shapes = [_freed(self._read(track, int(place))) for place in chosen]
            self._shapes[track.number] = np.mean([_aligned(one, shapes[0]) for one in shapes], axis=0)
        return self._shapes[track.number]

    def _read(self, track: ShotTrack, place: int) -> np.ndarray:
        row = track.rows[place]
        points = self._landmarks.read(int(track.places[place]), row["middle"], float(row["reach"]))
        return points[list(RIGID)].astype(np.float64)


def _freed(points: np.ndarray) -> np.ndarray:
    away = points - points.mean(axis=0)
    eyes = float(np.linalg.norm(away[_CORNERS[0]] - away[_CORNERS[1]]))
    freed: np.ndarray = away / max(eyes, 1e-6)
    return freed


def _aligned(points: np.ndarray, shape: np.ndarray) -> np.ndarray:
    """Centred points turned to lie nearest to a centred shape (Kabsch 1976)."""
    left, _, right = np.linalg.svd(points.T @ shape)
    sign = np.array([1.0, 1.0, np.sign(np.linalg.det(left @ right))])
    aligned: np.ndarray = points @ ((left * sign) @ right)
    return aligned
