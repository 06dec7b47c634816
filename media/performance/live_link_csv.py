"""Writes the CSV of the app Live Link Face: a row a frame, 52 blend shapes and nine angles in radians.

The columns and their order are those of recordings with the app, in which JawRight precedes JawLeft and
MouthRight precedes MouthLeft.
"""

from __future__ import annotations

import math
from typing import BinaryIO

import numpy as np

from media.performance.blendshapes import BLENDSHAPES, ROTATIONS
from media.performance.performance import PerformanceHead
from media.performance.writer import PerformanceWriter

COUNT = len(BLENDSHAPES) + len(ROTATIONS)
_ROW = ",%.6f" * COUNT + "\r\n"


def pascal(name: str) -> str:
    """A blend shape's name as the app writes it: EyeBlinkLeft."""
    return name[0].upper() + name[1:]


class LiveLinkCsv(PerformanceWriter):
    """The writer. The timecode counts frames at the rate rounded up, and the file does not say that rate."""

    def __init__(self, file: BinaryIO, about: PerformanceHead) -> None:
        super().__init__(file, about)
        names = ",".join(map(pascal, (*BLENDSHAPES, *ROTATIONS)))
        file.write(f"Timecode,BlendShapeCount,{names}\r\n".encode())

    def write(self, values: np.ndarray, rotations: np.ndarray) -> None:
        rows = np.concatenate([values, np.nan_to_num(rotations)], axis=1).tolist()
        lines = []
        for number, row in enumerate(rows, self.done):
            stamp = timecode(number, math.ceil(self.about.rate))
            dropped = row[0] != row[0]  # NaN
            lines.append(f"{stamp},0\r\n" if dropped else f"{stamp},{COUNT}" + _ROW % tuple(row))
        self.file.write("".join(lines).encode())


def timecode(frame: int, per_second: int) -> str:
    """HH:MM:SS:FF.000 of a frame, without dropped numbers."""
    seconds, frames = divmod(frame, per_second)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}:{frames:02}.000"
