"""Head pose and keypoints: angles from logits, rotations, and the 21 keypoints of a head in motion.

Everything here is numpy and float32: a whole window of motion is a few kilobytes, so a device receives only
finished keypoints, in one upload.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np

KEYPOINTS = 21
ANGLE_BINS = 66
BIN_DEGREES = 3.0
LOWEST_DEGREES = -97.5
"""Degrees = expected bin (0..65) * 3 - 97.5, as in LivePortrait's src/utils/camera.py."""
VECTOR_SIZE = 3 * KEYPOINTS + 7


def degrees_from_logits(logits: np.ndarray) -> np.ndarray:
    """Angles from the 66 logits of one head of the motion extractor.

    logits: (n, 66) floats. Returns (n, 1) float32 degrees, -97.5..97.5. An array whose last axis is not 66
    long contains degrees already and is returned unchanged, so calling this twice is harmless.
    """
    logits = _array(logits)
    if logits.shape[-1] != ANGLE_BINS:
        return logits
    wide = logits.astype(np.float64)
    weights = np.exp(wide - wide.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    expected = (weights * np.arange(ANGLE_BINS)).sum(axis=-1, keepdims=True)
    return (expected * BIN_DEGREES + LOWEST_DEGREES).astype(np.float32)


def rotation(pitch: np.ndarray, yaw: np.ndarray, roll: np.ndarray) -> np.ndarray:
    """Rotations for row vectors: transpose of Rz(roll) Ry(yaw) Rx(pitch).

    pitch, yaw, roll: (n,) or (n, 1) degrees. Returns (n, 3, 3) float32; a point is turned by `point @ R`.
    """
    x, y, z = (np.deg2rad(_array(angle).astype(np.float64).reshape(-1)) for angle in (pitch, yaw, roll))
    cx, cy, cz, sx, sy, sz = np.cos(x), np.cos(y), np.cos(z), np.sin(x), np.sin(y), np.sin(z)
    turned = np.array(
        [
            [cy * cz, cy * sz, -sy],
            [sx * sy * cz - cx * sz, sx * sy * sz + cx * cz, sx * cy],
            [cx * sy * cz + sx * sz, cx * sy * sz - sx * cz, cx * cy],
        ]
    )
    return turned.transpose(2, 0, 1).astype(np.float32)


def angles_of_rotation(turns: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Pitch, yaw and roll, (n, 1) float32 degrees each, of rotations (n, 3, 3).

    The inverse of `rotation`, for a yaw within 90 degrees.
    """
    turns = turns.astype(np.float64)
    yaw = -np.arcsin(np.clip(turns[:, 0, 2], -1, 1))
    roll = np.arctan2(turns[:, 0, 1], turns[:, 0, 0])
    pitch = np.arctan2(turns[:, 1, 2], turns[:, 2, 2])
    pitch, yaw, roll = (np.rad2deg(angle)[:, None].astype(np.float32) for angle in (pitch, yaw, roll))
    return pitch, yaw, roll


@dataclass(frozen=True, eq=False)
class HeadMotion:
    """The motion of a face over n frames, in LivePortrait's terms.

    exp: (n, 21, 3) float32 offsets of the keypoints, before scaling.
    scale: (n, 1) float32, about 1. t: (n, 3) float32 shift in the crop's -1..1; z is not used.
    pitch, yaw, roll: (n, 1) float32 degrees.
    """

    exp: np.ndarray
    scale: np.ndarray
    t: np.ndarray
    pitch: np.ndarray
    yaw: np.ndarray
    roll: np.ndarray

    def __len__(self) -> int:
        return len(self.exp)

    def __getitem__(self, frames: slice) -> HeadMotion:
        """A range of frames, as a HeadMotion."""
        return HeadMotion(**{f.name: getattr(self, f.name)[frames] for f in fields(self)})

    @cached_property
    def rotation(self) -> np.ndarray:
        """(n, 3, 3) float32, made from the angles."""
        return rotation(self.pitch, self.yaw, self.roll)

    @classmethod
    def from_vectors(cls, vectors: np.ndarray) -> HeadMotion:
        """Split (n, 70) rows: 63 of expression, scale, 3 of shift, pitch, yaw, roll: the order in which
        JoyVASA's motion generator gives them. Raises ValueError for rows of another length.
        """
        rows = _array(vectors)
        if rows.ndim != 2 or rows.shape[1] != VECTOR_SIZE:
            raise ValueError(f"Motion needs rows of {VECTOR_SIZE} numbers, not shape {rows.shape}.")
        exp, scale, t, pitch, yaw, roll = np.split(rows, (63, 64, 67, 68, 69), axis=1)
        return cls(exp.reshape(-1, KEYPOINTS, 3), scale, t, pitch, yaw, roll)

    def to_vectors(self) -> np.ndarray:
        """(n, 70) float32 rows, the inverse of `from_vectors`."""
        parts = (self.exp.reshape(len(self), -1), self.scale, self.t, self.pitch, self.yaw, self.roll)
        return np.concatenate(parts, axis=1).astype(np.float32, copy=False)

    @classmethod
    def joined(cls, parts: list[HeadMotion]) -> HeadMotion:
        """Several stretches one after the other."""
        return cls(**{f.name: np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(cls)})

    def with_changes(self, **changes: np.ndarray) -> HeadMotion:
        """The same motion with some of its arrays replaced."""
        return replace(self, **changes)


@dataclass(frozen=True, eq=False)
class SourcePose:
    """The portrait itself: its canonical keypoints (21, 3) float32 and its own HeadMotion of one frame."""

    kp: np.ndarray
    motion: HeadMotion

    @classmethod
    def from_heads(cls, heads: Any, index: int = 0) -> SourcePose:
        """From the motion extractor's raw heads, attributes that are arrays or tensors: pitch, yaw, roll
        (B, 66), t (B, 3), exp (B, 63), scale (B, 1), kp (B, 63). `index` picks one of the batch.
        """

        def row(name: str) -> np.ndarray:
            return _array(getattr(heads, name))[index : index + 1]

        one = {name: row(name) for name in ("exp", "scale", "t", "kp")}
        angles = {name: degrees_from_logits(row(name)) for name in ("pitch", "yaw", "roll")}
        motion = HeadMotion(one["exp"].reshape(1, KEYPOINTS, 3), one["scale"], one["t"], **angles)
        return cls(one["kp"].reshape(KEYPOINTS, 3), motion)

    @cached_property
    def keypoints(self) -> np.ndarray:
        """(1, 21, 3) float32: the keypoints as they lie in the portrait."""
        return transform_keypoints(self.kp, self.motion)


def transform_keypoints(kp: np.ndarray, motion: HeadMotion) -> np.ndarray:
    """Canonical keypoints in a pose: scale * (kp @ R + exp), shifted by t in x and y only.

    kp: (21, 3) or (n, 21, 3). Returns (n, 21, 3) float32.
    """
    moved = motion.scale[..., None] * (kp @ motion.rotation + motion.exp)
    moved[..., :2] += motion.t[:, None, :2]
    return moved.astype(np.float32, copy=False)


def _array(values: Any) -> np.ndarray:
    """float32 numpy from an array or a tensor on any device."""
    if hasattr(values, "detach"):
        values = values.detach().float().cpu().numpy()
    return np.asarray(values, np.float32)
