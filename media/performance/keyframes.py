"""Writes this program's own keyframes: JSON with a track for each name that moves, and times in seconds."""

from __future__ import annotations

import json
from typing import BinaryIO

import numpy as np

from media.performance.blendshapes import BLENDSHAPES, ROTATIONS
from media.performance.linear_keys import LinearKeys
from media.performance.performance import PerformanceHead
from media.performance.writer import PerformanceWriter

VERSION = 1
STILL = 0.002
"""A track that stays below this is left out."""


class KeyframesJson(PerformanceWriter):
    """The writer. Blend shapes are 0..1, angles are in radians; between two keys lies a straight line."""

    def __init__(self, file: BinaryIO, about: PerformanceHead) -> None:
        super().__init__(file, about)
        self._keys = LinearKeys(len(BLENDSHAPES) + len(ROTATIONS))

    def write(self, values: np.ndarray, rotations: np.ndarray) -> None:
        rows = np.nan_to_num(np.concatenate([values, rotations], axis=1))
        for number, row in enumerate(rows, self.done):
            self._keys.add(float(number / self.about.rate), row)

    def finish(self) -> None:
        self._keys.finish()
        head = {
            "version": VERSION,
            "fps": round(float(self.about.rate), 6),
            "duration": round(self.about.duration, 6),
        }
        self.file.write(json.dumps(head)[:-1].encode() + b', "tracks": [')
        first = True
        for number, name in enumerate((*BLENDSHAPES, *ROTATIONS)):
            if self._keys.largest[number] < STILL:
                continue
            unit = "rad" if name in ROTATIONS else "0..1"
            head_of_track = {"name": name, "unit": unit, "ease": "linear"}
            self.file.write((b"\n" if first else b",\n") + json.dumps(head_of_track)[:-1].encode())
            self.file.write(b', "keys": [')
            self._keys.copy(number, self.file)
            self.file.write(b"]}")
            first = False
        self.file.write(b"\n]}\n")

    def close(self) -> None:
        self._keys.close()
