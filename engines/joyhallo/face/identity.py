"""Identifies the portrait's chosen face: InsightFace's embedding.

Follows Hallo's hallo/datasets/image_processor.py.

Of the five models that the original runs, only the detector and the recogniser decide the embedding, so the
others are not needed. Without the files, the embedding is zeros, which the networks know from training, where
one image in ten has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engines.faces.insightface_models import (
    EMBEDDING,
    Detection,
    Detector,
    Recogniser,
    load_detector,
    load_recogniser,
    same_face,
)
from engines.faces.mesh import mesh_keypoints
from media.faces import Face
from media.messages import said

DETECTOR = "face_analysis/models/scrfd_10g_bnkps.onnx"
RECOGNISER = "face_analysis/models/glintr100.onnx"
DETECTION_SIDE = 640
THRESHOLD = 0.5
"""Lowest accepted score of a face, InsightFace's default."""


@dataclass(frozen=True, eq=False)
class Identity:
    """A face's embedding.

    embedding: (512,) float32, zeros when the identity is unknown. found: InsightFace's detection of this
    face. notes: sentences for the user.
    """

    embedding: np.ndarray
    found: Detection | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class IdentityReader:
    """InsightFace's two models, as functions; None for one that is missing."""

    detector: Detector | None = None
    recogniser: Recogniser | None = None

    @classmethod
    def from_folder(cls, folder: Path, device: str = "cpu") -> IdentityReader:
        """Use the models that exist in `pretrained_models/` of the public layout."""
        detector, recogniser = folder / DETECTOR, folder / RECOGNISER
        return cls(
            load_detector(detector, DETECTION_SIDE, device) if detector.is_file() else None,
            load_recogniser(recogniser, device) if recogniser.is_file() else None,
        )

    def read(self, image: np.ndarray, face: Face | None) -> Identity:
        """The embedding of a face in an (H, W, 3) uint8 RGB picture.

        face: found by MediaPipe; None for the largest that InsightFace detects. If InsightFace does not
        detect the face, MediaPipe's eyes, nose and mouth are used instead.
        """
        found = self._find(image, face)
        notes: tuple[str, ...] = ()
        keypoints = None if found is None else found.keypoints
        if keypoints is None and face is not None:
            keypoints = mesh_keypoints(face.landmarks)
            if self.detector is not None and self.recogniser is not None:
                notes = (
                    said(
                        "InsightFace did not find this face with a score of {threshold:.2f} or more, but "
                        "MediaPipe did.",
                        threshold=THRESHOLD,
                    ),
                )
        if keypoints is None:
            return Identity(np.zeros(EMBEDDING, np.float32), found)
        if self.recogniser is None:
            note = f"{RECOGNISER} is missing: the networks know the person from the portrait alone."
            return Identity(np.zeros(EMBEDDING, np.float32), found, (note,))
        return Identity(self.recogniser(image, keypoints), found, notes)

    def _find(self, image: np.ndarray, face: Face | None) -> Detection | None:
        if self.detector is None:
            return None
        found = self.detector(image, THRESHOLD)
        if face is None:
            return found[0] if found else None
        return same_face(found, face.box)
