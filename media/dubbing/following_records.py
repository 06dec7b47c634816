"""The table of every face in every frame: a hundred bytes each in memory, landmarks and colours in files."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from media.dubbing.following_cover import COLOUR_BYTES, mouth_samples
from media.dubbing.following_file import LandmarkFile, RecordFile
from media.dubbing.following_looks import PATCHES, look_at_mouth, pose_of

RECORD = np.dtype(
    [
        ("frame", np.int32),
        ("fragment", np.int32),
        ("middle", np.float32, (3,)),
        ("reach", np.float32),
        ("box", np.float32, (4,)),
        ("yaw", np.float16),
        ("pitch", np.float16),
        ("gap", np.float32),
        ("width", np.float32),
        ("sharpness", np.float16),
        ("patches", np.uint8, (PATCHES, 3)),
        ("lips", np.float16),
        ("contrast", np.float16),
        ("cheeks", np.uint8, (3,)),
        ("hidden", np.bool_),
    ]
)
"""fragment: a face followed without interruption. box: x0, y0, x1, y1 in pixels. yaw, pitch: degrees. gap:
between the inner lips, width: between the corners of the mouth, in pixels. The rest as in MouthLook.
"""
PART = 4096
"""Rows that are reserved at once."""
UPPER_LIP, LOWER_LIP, CORNERS = 13, 14, (61, 291)


class FaceRecords:
    """Appended in any order while a video is read; `sorted_by_frame` afterwards."""

    def __init__(self, folder: Path) -> None:
        """Raises OutputError if the folder cannot be written."""
        self.landmarks = LandmarkFile(folder)
        self.samples = RecordFile(folder, COLOUR_BYTES)
        self._parts: list[np.ndarray] = []
        self.scores: dict[int, float] = {}
        """The best score of each fragment."""

    def add(
        self, frame: int, fragment: int, picture: np.ndarray, landmarks: np.ndarray, score: float
    ) -> None:
        """Measure and keep (478, 3) landmarks of an (H, W, 3) uint8 RGB picture. score: of the face.

        Raises OutputError if the disk is full.
        """
        self.scores[fragment] = max(score, self.scores.get(fragment, 0.0))
        place = len(self.landmarks) % PART
        if not place:
            self._parts.append(np.zeros(PART, RECORD))
        look = look_at_mouth(picture, landmarks)
        row = self._parts[-1][place]
        *middle, reach = self.landmarks.add(landmarks)
        self.samples.append(mouth_samples(picture, landmarks).tobytes())
        row["frame"], row["fragment"], row["middle"], row["reach"] = frame, fragment, middle, reach
        row["box"] = *landmarks[:, :2].min(axis=0), *landmarks[:, :2].max(axis=0)
        row["yaw"], row["pitch"] = pose_of(landmarks)
        row["gap"] = np.linalg.norm(landmarks[UPPER_LIP, :2] - landmarks[LOWER_LIP, :2])
        row["width"] = np.linalg.norm(landmarks[CORNERS[0], :2] - landmarks[CORNERS[1], :2])
        row["sharpness"], row["lips"], row["patches"] = look.sharpness, look.lips, np.rint(look.patches)
        row["cheeks"] = np.rint(look.cheeks)
        row["hidden"], row["contrast"] = look.hidden, look.contrast

    def rows(self) -> np.ndarray:
        """(n,) of RECORD, in the order of adding."""
        if not self._parts:
            return np.zeros(0, RECORD)
        return np.concatenate(self._parts)[: len(self.landmarks)]

    def close(self) -> None:
        """Give the disk space back."""
        self.landmarks.close()
        self.samples.close()
