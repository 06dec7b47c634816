"""The face of a video, frame by frame."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from media.faces import mesh_detector

if TYPE_CHECKING:
    from media.faces.face import Face

LONGEST_WAIT = 25
"""Frames between two searches for a face after many unsuccessful ones."""


class FaceTrack:
    """Finds the largest face once and follows it; searches again when it is lost, less and less often.

    Every frame is looked at twice, the second time where the first look saw the face, and the mean counts:
    the mesh of a frozen frame swings to and fro between two answers (0.3 pixels a frame on a face
    of 106 pixels), and their mean comes to rest (0.01 pixels).
    """

    def __init__(self) -> None:
        self._detector = mesh_detector()
        self._face: Face | None = None
        self._wait, self._waited = 0, 0

    @property
    def landmarks(self) -> np.ndarray | None:
        """(478, 3) float32 landmarks in the last frame; None without a face."""
        return None if self._face is None else self._face.landmarks

    def copy(self) -> FaceTrack:
        """Another track of the same face, which goes on from the last frame."""
        track = FaceTrack()
        track._face = self._face
        return track

    def next(self, image: np.ndarray) -> np.ndarray | None:
        """(478, 3) float32 landmarks in the next (H, W, 3) uint8 RGB frame; None without a face."""
        if self._face is not None:
            self._face = self._settled(image, self._detector.follow(image, self._face))
            self._wait = 0
        if self._face is None:
            if self._waited < self._wait:
                self._waited += 1
                return None
            found = self._detector.detect(image)
            self._face = self._settled(image, found[0] if found else None)
            # A search covers many parts of a frame; a video of a landscape must not take minutes.
            self._wait, self._waited = min(2 * self._wait + 1, LONGEST_WAIT), 0
        return self.landmarks

    def _settled(self, image: np.ndarray, face: Face | None) -> Face | None:
        again = None if face is None else self._detector.follow(image, face)
        if face is None or again is None:
            return face
        landmarks = ((face.landmarks + again.landmarks) / 2).astype(np.float32)
        (x0, y0), (x1, y1) = landmarks[:, :2].min(axis=0), landmarks[:, :2].max(axis=0)
        return replace(face, landmarks=landmarks, box=(float(x0), float(y0), float(x1), float(y1)))
