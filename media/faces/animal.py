"""Which of the faces that a detector for humans sees in an animal can be trusted."""

from __future__ import annotations

import numpy as np

from media.faces.face import Face

LOWEST_SCORE = 0.3


def plausible_faces(image: np.ndarray, faces: list[Face]) -> list[Face]:
    """The faces of a picture that fit what an animal's face looks like, largest first."""
    return [face for face in faces if face.score >= LOWEST_SCORE]
