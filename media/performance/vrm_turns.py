"""Reads where the head and the eyes of a VRM animation turn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from media.errors import DocumentError
from media.performance.blendshapes import BLENDSHAPES, ROTATIONS
from media.performance.gltf_parts import Accessors, get, is_whole, list_of
from media.performance.turns import inverse, multiplied, turns_of
from media.performance.vrm_animation import EXTENSION

LOOKS = frozenset(name for name in BLENDSHAPES if name.startswith("eyeLook"))
SIDEWAYS, UPWARDS = np.radians(35.0), np.radians(30.0)
"""The turns of an eye for which ARKit's blend shapes are 1."""
_STILL = np.array([0.0, 0.0, 0.0, 1.0])
_BONES = ("neck", "head")
_GAZE = "lookAt"
_LEAST = 1e-6
"""A shorter quaternion is not a turn."""
_MOST_ABOVE = 64
"""Nodes above a bone that are looked at: a body has ten."""


def turning_nodes(document: Mapping[str, Any]) -> dict[int, str]:
    """The nodes of neck, head and gaze, with their names."""
    extension = get(document, "extensions", EXTENSION)
    named = {name: get(extension, "humanoid", "humanBones", name, "node") for name in _BONES}
    named[_GAZE] = get(extension, _GAZE, "node")
    return {node: name for name, node in named.items() if is_whole(node)}


class VrmTurns:
    """The turns of an animation. Raises DocumentError for numbers that are none."""

    def __init__(
        self, document: Mapping[str, Any], accessors: Accessors, samplers: Mapping[str, Any]
    ) -> None:
        """samplers: by the names of `turning_nodes`."""
        self.curves = {name: accessors.curve(one, 4) for name, one in samplers.items()}
        self._nodes = list_of(dict(document), "nodes")
        self._numbers = {name: node for node, name in turning_nodes(document).items()}

    @property
    def looks(self) -> bool:
        """Whether the gaze moves."""
        return _GAZE in self.curves

    def rotations(self, times: np.ndarray) -> np.ndarray:
        """(n, 9) float32 radians as ROTATIONS at (n,) seconds; NaN where the animation has no angle."""
        angles = np.full((len(times), len(ROTATIONS)), np.nan, np.float32)
        bones = [name for name in _BONES if name in self.curves]
        if bones:
            whole = np.tile(_STILL, (len(times), 1))
            for name in bones:  # what the neck turns, it turns the head
                whole = multiplied(whole, self._from_rest(name, self._sampled(name, times)))
            angles[:, :3] = turns_of(whole)
        if self.looks:
            turns = turns_of(self._sampled(_GAZE, times))
            for side in ("left", "right"):
                first = ROTATIONS.index(f"{side}EyeYaw")
                angles[:, first : first + 2] = turns[:, :2]
                angles[:, first + 2] = 0.0
        return angles

    def looking(self, rotations: np.ndarray) -> np.ndarray:
        """(n, 52) float32: the blend shapes of the gaze in `rotations`."""
        yaw, pitch = (rotations[:, ROTATIONS.index(name)] for name in ("leftEyeYaw", "leftEyePitch"))
        made = np.zeros((len(rotations), len(BLENDSHAPES)), np.float32)
        for share, names in (
            (yaw / SIDEWAYS, ("eyeLookOutRight", "eyeLookInLeft")),
            (-yaw / SIDEWAYS, ("eyeLookInRight", "eyeLookOutLeft")),
            (pitch / UPWARDS, ("eyeLookDownRight", "eyeLookDownLeft")),
            (-pitch / UPWARDS, ("eyeLookUpRight", "eyeLookUpLeft")),
        ):
            for name in names:
                made[:, BLENDSHAPES.index(name)] = np.clip(share, 0, 1)
        return made

    def _sampled(self, name: str, times: np.ndarray) -> np.ndarray:
        """(n, 4) quaternions of length 1."""
        at, rows = self.curves[name]
        if (np.linalg.norm(rows, axis=1) < _LEAST).any():
            raise DocumentError("a turn in it has the length 0")
        # Each quaternion and its negative are the same turn: take the one nearer to the one before.
        signs = np.cumprod(np.where((rows[1:] * rows[:-1]).sum(axis=1) < 0, -1.0, 1.0))
        rows = np.concatenate([rows[:1], rows[1:] * signs[:, None]])
        made = np.stack([np.interp(times, at, column) for column in rows.T], axis=1)
        size = np.linalg.norm(made, axis=1, keepdims=True)
        return np.where(size < _LEAST, _STILL, made / np.maximum(size, _LEAST))

    def _from_rest(self, name: str, turns: np.ndarray) -> np.ndarray:
        """VrmTurns of a bone in the axes of the model, away from where it is at rest.

        As in "Pose Data Compatibility" of the specification: W q r^-1 W^-1, with the rest of the bone r and
        the rest W of all bones above it.
        """
        parents = {
            child: number
            for number, node in enumerate(self._nodes)
            for child in list_of(node, "children")
            if is_whole(child)
        }
        above, seen, number = _STILL, 0, self._numbers[name]
        while (number := parents.get(number, -1)) >= 0 and seen < _MOST_ABOVE:
            above, seen = multiplied(self._rest(number), above), seen + 1
        back = inverse(self._rest(self._numbers[name]))
        return multiplied(multiplied(multiplied(above, turns), back), inverse(above))

    def _rest(self, number: int) -> np.ndarray:
        given = get(self._nodes[number], "rotation") if 0 <= number < len(self._nodes) else None
        try:
            rest = np.array(given, np.float64)
        except (TypeError, ValueError, OverflowError):
            return _STILL
        size = float(np.linalg.norm(rest)) if rest.shape == (4,) else 0.0
        return rest / size if np.isfinite(size) and size > _LEAST else _STILL
