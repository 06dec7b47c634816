"""Finds the regions of a face and its lips over a whole video, and makes the networks' masks.

The boxes are as large as the landmarks (ratio 1); in generation they are larger.
"""

from __future__ import annotations

import numpy as np

from engines.joyhallo.face.masks import Box, FaceBoxes, FacePoints, joined, soft_masks
from media.faces import Face


class FaceRegions:
    """Collects the boxes of a face, frame by frame. height, width: of the frames, in pixels."""

    def __init__(self, height: int, width: int) -> None:
        self._size = (height, width)
        self._face: Box | None = None
        self._lips: Box | None = None
        self._first: Face | None = None

    def add(self, face: Face) -> None:
        """Take the face of the next frame."""
        boxes = FacePoints.from_mesh(face.landmarks).boxes(self._size, 1.0, 1.0)
        self._face = joined([boxes.face, self._face or boxes.face])
        self._lips = joined([boxes.lips, self._lips or boxes.lips])
        self._first = self._first or face

    def arrays(self) -> dict[str, np.ndarray]:
        """The masks over all frames, and the first frame's face.

        face_mask: (height, width) uint8, 255 in the box around the face in all frames. full_mask,
        face_mask_64, lip_mask: (64, 64) uint8, soft: all but the face, the face without the lips, the lips.
        landmarks: (478, 3) float32 and box: (4,) float64, both in pixels. Raises ValueError without a face.
        """
        if self._face is None or self._lips is None or self._first is None:
            raise ValueError("No face was added.")
        boxes = FaceBoxes(self._face, self._lips, self._size)
        soft = soft_masks(boxes)
        return {
            "face_mask": self._face.rectangle(self._size),
            "full_mask": 255 - soft.whole_face,
            "face_mask_64": soft.face,
            "lip_mask": soft.lips,
            "landmarks": np.asarray(self._first.landmarks, np.float32),
            "box": np.array(self._first.box, np.float64),
        }
