"""The face of a video, picture by picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from media.faces.face import Face

LONGEST_WAIT = 25
"""Pictures without a look for a face after many looks in vain."""


class FaceTrack:
    """Finds the largest face once and follows it; looks anew when it is lost, ever more rarely."""

    def __init__(self) -> None:
        from media.faces.mediapipe_mesh import MediaPipeDetector  # late: it brings MediaPipe with it

        self._detector = MediaPipeDetector()
        self._face: Face | None = None
        self._wait, self._waited = 0, 0

    def next(self, image: np.ndarray) -> np.ndarray | None:
        """(478, 3) float32 landmarks in the next (H, W, 3) uint8 RGB picture; None without a face."""
        if self._face is not None:
            self._face = self._detector.follow(image, self._face)
            self._wait = 0
        if self._face is None:
            if self._waited < self._wait:
                self._waited += 1
                return None
            found = self._detector.detect(image)
            self._face = found[0] if found else None
            # A search looks at many parts of a picture; a video of a landscape shall not take minutes.
            self._wait, self._waited = min(2 * self._wait + 1, LONGEST_WAIT), 0
        return None if self._face is None else self._face.landmarks
