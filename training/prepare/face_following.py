"""Where the face of a video is, frame by frame, and how far its eyes and lips are open.

MediaPipe finds and follows the face whatever else is installed, so that it is noticed when the face leaves;
where LivePortrait's 203 points are at hand, they measure it.
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
"""Of the square that is cut out: its side by the points' extent, and its shift by its side, down positive."""
LONGEST_GAP = 3
"""Frames in a row in which the face may be missing; what is not seen there is filled in between."""
RIVAL = 0.25
"""A second face of at least this part of the first one's area makes it unknown who speaks."""
SURE = 0.7
"""Least score of a face that is searched for. Films of people reach 0.9; most animals stay below."""


class Detector(Protocol):
    """MediaPipe, or what stands in for it; see `media.faces.mediapipe_mesh`."""

    def detect(self, image: np.ndarray, min_score: float = 0.5) -> list[Face]:
        """Faces in an (H, W, 3) uint8 RGB frame, largest first."""

    def follow(self, image: np.ndarray, face: Face) -> Face | None:
        """The same face in the next frame."""


@dataclass(frozen=True, eq=False)
class FollowedFace:
    """What was seen in n frames. seen: (n,) bool. eyes: (n, 2), lip: (n, 1) float32, bridged.

    box: the square around the face that is the mean of all frames', upright.
    """

    seen: np.ndarray
    eyes: np.ndarray
    lip: np.ndarray
    box: CropBox


class FaceFollower:
    """Looks at one video's frames in order. What it keeps of each is six numbers."""

    def __init__(self, detector: Detector, points_203: Model | None = None) -> None:
        """points_203: LivePortrait's landmark.onnx; MediaPipe's own points are measured without it."""
        self._detector, self._points_203 = detector, points_203
        self._face: Face | None = None
        self._rows: list[np.ndarray] = []
        self._gap = 0

    def look(self, image: np.ndarray) -> None:
        """Take the next (H, W, 3) uint8 RGB frame.

        Raises Rejected when there has been no face for too long, or when there are two to choose from.
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
        """All of it. Raises Rejected when no frame had a face."""
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
    """(n, k) rows as float32; where `seen` (n,) says no, a straight line between those around."""
    if seen.all():
        return rows.astype(np.float32)
    frames, known = np.arange(len(seen)), np.flatnonzero(seen)
    return np.stack([np.interp(frames, known, column[known]) for column in rows.T], axis=1).astype(np.float32)
