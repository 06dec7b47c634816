"""Turns of head and eyes as quaternions (x, y, z, w), as programs for avatars exchange them.

Angles are in radians and as in the files: a positive yaw turns to the person's right, a positive pitch nods,
and a positive roll tilts clockwise on the picture. They are rolled around z, then pitched around x, then
turned around y. In Unity's left-handed axes, x is the model's right, y is up and the model looks along z; in
glTF's, which are right-handed, x is the model's left.
"""

from __future__ import annotations

import numpy as np

_TO_GLTF = np.array([1.0, -1.0, -1.0, 1.0])


def unity_quaternions(turns: np.ndarray) -> np.ndarray:
    """(n, 3) yaw, pitch, roll as (n, 4) in Unity's axes."""
    (sy, sp, sr), (cy, cp, cr) = np.sin(turns.T / 2), np.cos(turns.T / 2)
    return np.stack(
        [
            cy * sp * cr + sy * cp * sr,
            sy * cp * cr - cy * sp * sr,
            cy * cp * sr - sy * sp * cr,
            cy * cp * cr + sy * sp * sr,
        ],
        axis=1,
    )


def gltf_quaternions(turns: np.ndarray) -> np.ndarray:
    """(n, 3) yaw, pitch, roll as (n, 4) in glTF's axes."""
    return unity_quaternions(turns) * _TO_GLTF


def turns_of(quaternions: np.ndarray) -> np.ndarray:
    """(n, 4) quaternions in glTF's axes, of any length but 0, as (n, 3) yaw, pitch, roll."""
    q = quaternions * _TO_GLTF / np.linalg.norm(quaternions, axis=1, keepdims=True)
    x, y, z, w = q.T
    yaw = np.arctan2(2 * (x * z + w * y), 1 - 2 * (x * x + y * y))
    pitch = np.arcsin(np.clip(2 * (w * x - y * z), -1, 1))
    roll = np.arctan2(2 * (x * y + w * z), 1 - 2 * (x * x + z * z))
    return np.stack([yaw, pitch, roll], axis=1)


def multiplied(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """The products of quaternions, (n, 4) or (4,) each: first `other`, then `one`."""
    a, b = np.broadcast_arrays(one, other)
    v, u, s, t = a[..., :3], b[..., :3], a[..., 3:], b[..., 3:]
    vector = s * u + t * v + np.cross(v, u)
    return np.concatenate([vector, s * t - (v * u).sum(axis=-1, keepdims=True)], axis=-1)


def inverse(quaternion: np.ndarray) -> np.ndarray:
    """The turn back, of quaternions of length 1."""
    return quaternion * np.array([-1.0, -1.0, -1.0, 1.0])
