"""Writes VRM animations (.vrma): a binary glTF file whose expressions are the X of nodes that move.

The format: "VRMC_vrm_animation 1.0" of the VRM consortium, on glTF 2.0. Head and gaze are nodes that turn.
The other bones that it must name have no curves, so that another animation can move the body.
"""

from __future__ import annotations

import json
import struct
from abc import abstractmethod
from typing import Any, BinaryIO

import numpy as np

from media.performance.blendshapes import BLENDSHAPES, ROTATIONS
from media.performance.performance import PerformanceHead
from media.performance.turns import gltf_quaternions
from media.performance.vrm_expressions import MADE, expressions_of
from media.performance.vrm_skeleton import BONES, HEAD, bone_nodes, human_bones
from media.performance.writer import PerformanceWriter

MAGIC, JSON_CHUNK, BINARY_CHUNK = 0x46546C67, 0x4E4F534A, 0x004E4942
EXTENSION = "VRMC_vrm_animation"
FLOAT = 5126
_SCALAR, _VECTOR, _TURN = 4, 12, 16
"""Bytes of a time, of an expression's weight with its two unused numbers, and of a turn."""
EYE_HEIGHT = 0.06
"""Metres from the head's bone up to the eyes: what the specification's own example has."""
_HEAD = [ROTATIONS.index(f"head{turn}") for turn in ("Yaw", "Pitch", "Roll")]
_EYES = [[ROTATIONS.index(f"{side}Eye{turn}") for side in ("left", "right")] for turn in ("Yaw", "Pitch")]


class ExpressionAnimation(PerformanceWriter):
    """Writes some expressions, the head and the gaze. Every one has its own part of the file, so frames go to
    several places.
    """

    kind: str
    names: tuple[str, ...]
    gaze: bool
    """Whether the gaze is a turn; otherwise it is among the expressions."""

    def __init__(self, file: BinaryIO, about: PerformanceHead) -> None:
        super().__init__(file, about)
        self._turns = 2 if self.gaze else 1
        size = self._offset(len(self.names), self._turns)
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
        for number, turns in enumerate(_turns(np.nan_to_num(rotations))[: self._turns]):
            self.file.seek(self._begin + self._offset(len(self.names), number) + self.done * _TURN)
            self.file.write(gltf_quaternions(turns).astype("<f4").tobytes())

    def _offset(self, expressions: int, turns: int = 0) -> int:
        """Where a part begins, after so many of the others."""
        return self.about.frames * (_SCALAR + _VECTOR * expressions + _TURN * turns)

    def _document(self, size: int) -> dict[str, Any]:
        frames, count = self.about.frames, len(self.names)
        head, look = count + HEAD, count + len(BONES)
        moved = [*range(count), head, look][: count + self._turns]
        last = float(np.float32((frames - 1) / float(self.about.rate)))
        views = [{"buffer": 0, "byteOffset": 0, "byteLength": frames * _SCALAR}]
        views += [
            {"buffer": 0, "byteOffset": self._offset(number), "byteLength": frames * _VECTOR}
            for number in range(count)
        ]
        views += [
            {"buffer": 0, "byteOffset": self._offset(count, number), "byteLength": frames * _TURN}
            for number in range(self._turns)
        ]
        times = {
            "bufferView": 0, "componentType": FLOAT, "count": frames, "type": "SCALAR", "min": [0.0],
            "max": [last],
        }  # fmt: skip
        rest = [
            {
                "bufferView": 1 + n,
                "componentType": FLOAT,
                "count": frames,
                "type": "VEC3" if n < count else "VEC4",
            }
            for n in range(len(moved))
        ]
        extension: dict[str, Any] = {
            "specVersion": "1.0",
            "humanoid": {"humanBones": human_bones(count)},
            "expressions": {self.kind: {name: {"node": n} for n, name in enumerate(self.names)}},
        }
        nodes = [{"name": name, "translation": [0.0, 0.0, 0.0]} for name in self.names] + bone_nodes(count)
        if self.gaze:
            extension["lookAt"] = {"node": look, "offsetFromHeadBone": [0.0, EYE_HEIGHT, 0.0]}
            nodes.append({"name": "lookAt", "rotation": [0.0, 0.0, 0.0, 1.0]})
        return {
            "asset": {"version": "2.0", "generator": "JoyStudio"},
            "extensionsUsed": [EXTENSION],
            "extensions": {EXTENSION: extension},
            "scene": 0,
            "scenes": [{"nodes": [*range(count + 1), *([look] if self.gaze else [])]}],
            "nodes": nodes,
            "animations": [
                {
                    "samplers": [
                        {"input": 0, "output": 1 + n, "interpolation": "LINEAR"} for n in range(len(moved))
                    ],
                    "channels": [
                        {
                            "sampler": n,
                            "target": {"node": node, "path": "translation" if n < count else "rotation"},
                        }
                        for n, node in enumerate(moved)
                    ],
                }
            ],
            "accessors": [times, *rest],
            "bufferViews": views,
            "buffers": [{"byteLength": size}],
        }


class PresetAnimation(ExpressionAnimation):
    """The five vowels and blinks that every VRM model has, and the gaze as a direction."""

    kind, names, gaze = "preset", MADE, True

    def weights(self, values: np.ndarray) -> np.ndarray:
        return expressions_of(values)


class BlendshapeAnimation(ExpressionAnimation):
    """ARKit's 52 as custom expressions, for models with "Perfect Sync": eight of them are the gaze."""

    kind, names, gaze = "custom", BLENDSHAPES, False

    def weights(self, values: np.ndarray) -> np.ndarray:
        return values


def _turns(rotations: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(k, 9) angles as (k, 3) yaw, pitch and roll of the head, and of both eyes together."""
    yaw, pitch = (rotations[:, eyes].mean(axis=1) for eyes in _EYES)
    return rotations[:, _HEAD], np.stack([yaw, pitch, np.zeros_like(yaw)], axis=1)
