"""Writes VRM animations (.vrma): a binary glTF file whose expressions are the X of nodes that move.

The format: "VRMC_vrm_animation 1.0" of the VRM consortium, on glTF 2.0. There are no bones in it, so that it
does not hold the body of the model still.
"""

from __future__ import annotations

import json
import struct
from abc import abstractmethod
from typing import Any, BinaryIO

import numpy as np

from media.performance.blendshapes import BLENDSHAPES
from media.performance.performance import PerformanceHead
from media.performance.vrm_expressions import MADE, expressions_of
from media.performance.writer import PerformanceWriter

MAGIC, JSON_CHUNK, BINARY_CHUNK = 0x46546C67, 0x4E4F534A, 0x004E4942
EXTENSION = "VRMC_vrm_animation"
FLOAT = 5126
_SCALAR, _VECTOR = 4, 12
"""Bytes of a time, and of an expression's weight with its two unused numbers."""


class ExpressionAnimation(PerformanceWriter):
    """Writes some expressions. Every one has its own part of the file, so frames go to several places."""

    kind: str
    names: tuple[str, ...]

    def __init__(self, file: BinaryIO, about: PerformanceHead) -> None:
        super().__init__(file, about)
        size = about.frames * (_SCALAR + _VECTOR * len(self.names))
        text = json.dumps(self._document(size), separators=(",", ":")).encode()
        text += b" " * (-len(text) % 4)
        whole = 12 + 8 + len(text) + 8 + size
        file.write(struct.pack("<3I", MAGIC, 2, whole) + struct.pack("<2I", len(text), JSON_CHUNK) + text)
        file.write(struct.pack("<2I", size, BINARY_CHUNK))
        self._begin = file.tell()
        file.truncate(whole)

    @abstractmethod
    def weights(self, values: np.ndarray) -> np.ndarray:
        """(k, 52) blend shapes as (k, names) weights."""

    def write(self, values: np.ndarray, rotations: np.ndarray) -> None:
        count = len(values)
        if self.done + count > self.about.frames:
            raise ValueError(f"{self.done + count} frames where {self.about.frames} were announced")
        times = np.arange(self.done, self.done + count) / float(self.about.rate)
        self.file.seek(self._begin + self.done * _SCALAR)
        self.file.write(times.astype("<f4").tobytes())
        vectors = np.zeros((count, 3), "<f4")
        for number, weight in enumerate(self.weights(np.nan_to_num(values)).T):
            vectors[:, 0] = weight
            self.file.seek(self._begin + self._offset(number) + self.done * _VECTOR)
            self.file.write(vectors.tobytes())

    def _offset(self, number: int) -> int:
        return self.about.frames * (_SCALAR + _VECTOR * number)

    def _document(self, size: int) -> dict[str, Any]:
        frames, count = self.about.frames, len(self.names)
        last = float(np.float32((frames - 1) / float(self.about.rate)))
        views = [{"buffer": 0, "byteOffset": 0, "byteLength": frames * _SCALAR}]
        views += [
            {"buffer": 0, "byteOffset": self._offset(number), "byteLength": frames * _VECTOR}
            for number in range(count)
        ]
        times = {
            "bufferView": 0, "componentType": FLOAT, "count": frames, "type": "SCALAR", "min": [0.0],
            "max": [last],
        }  # fmt: skip
        vectors = [
            {"bufferView": 1 + number, "componentType": FLOAT, "count": frames, "type": "VEC3"}
            for number in range(count)
        ]
        return {
            "asset": {"version": "2.0", "generator": "JoyStudio"},
            "extensionsUsed": [EXTENSION],
            "extensions": {
                EXTENSION: {
                    "specVersion": "1.0",
                    "expressions": {self.kind: {name: {"node": n} for n, name in enumerate(self.names)}},
                }
            },
            "scene": 0,
            "scenes": [{"nodes": list(range(count))}],
            "nodes": [{"name": name, "translation": [0.0, 0.0, 0.0]} for name in self.names],
            "animations": [
                {
                    "samplers": [
                        {"input": 0, "output": 1 + n, "interpolation": "LINEAR"} for n in range(count)
                    ],
                    "channels": [
                        {"sampler": n, "target": {"node": n, "path": "translation"}} for n in range(count)
                    ],
                }
            ],
            "accessors": [times, *vectors],
            "bufferViews": views,
            "buffers": [{"byteLength": size}],
        }


class PresetAnimation(ExpressionAnimation):
    """The five vowels, blinks and looks that every VRM model has."""

    kind, names = "preset", MADE

    def weights(self, values: np.ndarray) -> np.ndarray:
        return expressions_of(values)


class BlendshapeAnimation(ExpressionAnimation):
    """ARKit's 52 as custom expressions, for models with "Perfect Sync"."""

    kind, names = "custom", BLENDSHAPES

    def weights(self, values: np.ndarray) -> np.ndarray:
        return values
