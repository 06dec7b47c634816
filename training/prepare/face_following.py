"""Follows the face of a video frame by frame and measures how far its eyes and lips are open.

MediaPipe always finds and follows the face, so that a lost face is noticed. If LivePortrait's 203 points are
available, they measure it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from engines.joyvasa.face.crop import CropBox, crop_box
from engines.joyvasa.face.landmarks import landmarks_203
from engines.joyvasa.face.mesh_points import mesh_eye_ratios, mesh_lip_ratio, mesh_to_106
from engines.joyvasa.face.openness import eye_ratios, lip_ratio
from engines.joyvasa.motion.windows import FPS
from training.prepare.preparer import Rejected

if TYPE_CHECKING:
    from engines.faces.onnx_model import Model
    from media.faces.face import Face

BOX_SCALE = 2.2
BOX_RISE = -0.1
"""The square that is cut out: its side as a multiple of the points' extent, and its shift as a fraction of
its side, down positive.
"""
LONGEST_GAP = 3
"""Consecutive frames in which the face may be missing; their values are interpolated."""
RIVAL = 0.25
"""A second face of at least this part of the first one's area makes the speaker unknown."""
SURE = 0.7
"""Lowest accepted score of a detected face. Films of people reach 0.9; most animals stay below."""


class Detector(Protocol):
    """MediaPipe, or a replacement; see `media.faces.mediapipe_mesh`."""

    def detect(self, image: np.ndarray, min_score: float = 0.5) -> list[Face]:
        """Faces in an (H, W, 3) uint8 RGB frame, largest first."""

    def follow(self, image: np.ndarray, face: Face) -> Face | None:
        """The same face in the next frame."""


@dataclass(frozen=True, eq=False)
class FollowedFace:
    """The face in n frames.

    seen: (n,) bool. eyes: (n, 2), lip: (n, 1) float32, interpolated. box: the upright square around the face,
    the mean of all frames'.
    """

    seen: np.ndarray
    eyes: np.ndarray
    lip: np.ndarray
    box: CropBox


class FaceFollower:
    """Reads one video's frames in order and keeps six numbers of each."""

    def __init__(self, detector: Detector, points_203: Model | None = None) -> None:
        """points_203: LivePortrait's landmark.onnx; MediaPipe's own points are measured without it."""
        self._detector, self._points_203 = detector, points_203
        self._face: Face | None = None
        self._rows: list[np.ndarray] = []
        self._gap = 0

    def look(self, image: np.ndarray) -> None:
        """Take the next (H, W, 3) uint8 RGB frame.

        Raises Rejected if the face has been missing for too long, or if there are two to choose from.
        """
        self._face = self._find(image)
        if self._face is None:
            self._gap += 1
            self._rows.append(np.full(6, np.nan))
            if self._gap > LONGEST_GAP:
                raise self._faceless()
            return
        self._gap = 0
        self._rows.append(self._measure(image, self._face.landmarks))

    def finish(self) -> FollowedFace:
        """The face of the whole video. Raises Rejected if no frame had a face."""
        rows = np.array(self._rows).reshape(-1, 6)
        seen = ~np.isnan(rows[:, 0])
        if not seen.any():
            raise self._faceless()
        x, y, side = rows[seen, :3].mean(axis=0)
        ratios = bridged(rows[:, 3:], seen)
        return FollowedFace(seen, ratios[:, :2], ratios[:, 2:], CropBox(x, y, side, 0.0))

    def _find(self, image: np.ndarray) -> Face | None:
        if self._face is not None:
            followed = self._detector.follow(image, self._face)
            if followed is not None:
                return followed
        found = self._detector.detect(image, SURE)
        if len(found) > 1 and found[1].area > RIVAL * found[0].area:
            share = found[1].area / max(found[0].area, 1e-6)
            raise Rejected(
                "many_faces",
                f"{len(found)} faces at {len(self._rows) / FPS:.2f} s, the second {share:.0%} as large as "
                f"the first; above {RIVAL:.0%} it is not known who speaks.",
            )
        return found[0] if found else None

    def _measure(self, image: np.ndarray, mesh: np.ndarray) -> np.ndarray:
        points = mesh_to_106(mesh)
        eyes, lip = mesh_eye_ratios(mesh), mesh_lip_ratio(mesh)
        if self._points_203 is not None:
            points = landmarks_203(image, points, self._points_203)
            eyes, lip = eye_ratios(points), float(lip_ratio(points)[0])
        box = crop_box(points, scale=BOX_SCALE, vy_ratio=BOX_RISE)
        return np.array([box.x, box.y, box.side, *eyes, lip])

    def _faceless(self) -> Rejected:
        count = len(self._rows)
        first = (count - self._gap) / FPS
        return Rejected(
            "no_face",
            f"No face from {first:.2f} s to {count / FPS:.2f} s; at most {LONGEST_GAP} frames in a row may "
            "lack it.",
        )


def bridged(rows: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """(n, k) rows as float32; rows that are not `seen` (n,) are interpolated linearly."""
    if seen.all():
        return rows.astype(np.float32)
    frames, known = np.arange(len(seen)), np.flatnonzero(seen)
    return np.stack([np.interp(frames, known, column[known]) for column in rows.T], axis=1).astype(np.float32)
