"""The table of every face in every frame: a hundred bytes each in memory, the landmarks in a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from media.dubbing.following_file import LandmarkFile
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
        ("cheeks", np.uint8, (3,)),
        ("hidden", np.bool_),
    ]
)
"""fragment: a face followed without interruption. box: x0, y0, x1, y1 in pixels. yaw, pitch: degrees. gap:
between the inner lips, width: between the corners of the mouth, in pixels. The rest as in MouthLook.
"""
UPPER_LIP, LOWER_LIP, CORNERS = 13, 14, (61, 291)


class FaceRecords:
    """Appended in any order while a video is read; `sorted_by_frame` afterwards."""

    def __init__(self, folder: Path) -> None:
        """Raises OutputError if the folder cannot be written."""
        self.landmarks = LandmarkFile(folder)
        self._rows = np.zeros(1024, RECORD)

    def add(self, frame: int, fragment: int, picture: np.ndarray, landmarks: np.ndarray) -> None:
        """Measure and keep (478, 3) landmarks of an (H, W, 3) uint8 RGB picture.

        Raises OutputError if the disk is full.
        """
        place = len(self.landmarks)
        if place == len(self._rows):
            self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
        look = look_at_mouth(picture, landmarks)
        row = self._rows[place]
        *middle, reach = self.landmarks.add(landmarks)
        row["frame"], row["fragment"], row["middle"], row["reach"] = frame, fragment, middle, reach
        row["box"] = *landmarks[:, :2].min(axis=0), *landmarks[:, :2].max(axis=0)
        row["yaw"], row["pitch"] = pose_of(landmarks)
        row["gap"] = np.linalg.norm(landmarks[UPPER_LIP, :2] - landmarks[LOWER_LIP, :2])
        row["width"] = np.linalg.norm(landmarks[CORNERS[0], :2] - landmarks[CORNERS[1], :2])
        row["sharpness"], row["lips"], row["patches"] = look.sharpness, look.lips, np.rint(look.patches)
        row["cheeks"] = np.rint(look.cheeks)
        row["hidden"] = look.hidden

    def rows(self) -> np.ndarray:
        """(n,) of RECORD, in the order of adding."""
        return self._rows[: len(self.landmarks)]

    def close(self) -> None:
        """Give the disk space back."""
        self.landmarks.close()
