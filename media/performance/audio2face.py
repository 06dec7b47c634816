"""Writes NVIDIA Audio2Face's two files of blend shapes: the JSON of its application, the CSV of its service.

Neither has the head's and the eyes' angles.
"""

from __future__ import annotations

import json
from typing import BinaryIO

import numpy as np

from media.performance.blendshapes import BLENDSHAPES
from media.performance.live_link_csv import pascal
from media.performance.performance import PerformanceHead
from media.performance.writer import PerformanceWriter

PREFIX = "blendShapes."
_MATRIX_ROW = "[" + ",".join(["%.6f"] * len(BLENDSHAPES)) + "]"
_CSV_ROW = "%.6f" + ",%.6f" * len(BLENDSHAPES) + "\r\n"


class Audio2FaceJson(PerformanceWriter):
    """`exportFps`, `facsNames` and `weightMat`: one list a frame."""

    def __init__(self, file: BinaryIO, about: PerformanceHead) -> None:
        super().__init__(file, about)
        head = {
            "exportFps": round(float(about.rate), 6),
            "trackPath": about.sound,
            "numPoses": len(BLENDSHAPES),
            "numFrames": about.frames,
            "facsNames": list(BLENDSHAPES),
        }
        file.write(json.dumps(head)[:-1].encode() + b', "weightMat": [')

    def write(self, values: np.ndarray, rotations: np.ndarray) -> None:
        rows = ",\n".join(_MATRIX_ROW % tuple(row) for row in np.nan_to_num(values).tolist())
        self.file.write(b",\n" * bool(self.done and rows) + rows.encode())

    def finish(self) -> None:
        self.file.write(b"]}\n")


class Audio2FaceCsv(PerformanceWriter):
    """`timeCode` in seconds, and a column `blendShapes.EyeBlinkLeft` for each blend shape."""

    def __init__(self, file: BinaryIO, about: PerformanceHead) -> None:
        super().__init__(file, about)
        names = ",".join(PREFIX + pascal(name) for name in BLENDSHAPES)
        file.write(f"timeCode,{names}\r\n".encode())

    def write(self, values: np.ndarray, rotations: np.ndarray) -> None:
        rows = np.nan_to_num(values).tolist()
        lines = (
            _CSV_ROW % (float(number / self.about.rate), *row) for number, row in enumerate(rows, self.done)
        )
        self.file.write("".join(lines).encode())
