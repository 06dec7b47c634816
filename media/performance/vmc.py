"""Packs a face as the Virtual Motion Capture protocol (VMC), which VTuber programs receive.

The protocol: https://protocol.vmc.info/english. Bones are in Unity's axes.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from media.performance.blendshapes import BLENDSHAPES, ROTATIONS
from media.performance.osc import bundles, message
from media.performance.turns import unity_quaternions
from media.performance.vrm_expressions import expressions_of

PORT = 39539
"""Where a program that shows a model usually listens."""
SHAPES = ("vrm", "arkit")
VRM_NAMES = ("A", "I", "U", "E", "O", "Blink_L", "Blink_R")
"""VRM 0's names of `vrm_expressions.MADE`, which the protocol's receivers know for models of VRM 1, too."""
BONES = {"Head": "head", "LeftEye": "leftEye", "RightEye": "rightEye"}
"""The protocol's names, and how the angles of each begin in ROTATIONS."""
_PLACES = {
    bone: [ROTATIONS.index(f"{part}{turn}") for turn in ("Yaw", "Pitch", "Roll")]
    for bone, part in BONES.items()
}


def vmc_packets(blendshapes: np.ndarray, angles: np.ndarray, seconds: float, shapes: str) -> Iterator[bytes]:
    """The packets of one frame.

    blendshapes: (52,) 0..1. angles: (9,) radians. seconds: the time of the frame. shapes: one of SHAPES:
    "vrm" for the five vowels and blinks of any model, "arkit" for a model with the 52 blend shapes ("Perfect
    Sync"). A model that has both would open its mouth twice as far if it got both.
    """
    names: tuple[str, ...] = BLENDSHAPES
    values = blendshapes
    if shapes == "vrm":
        names, values = VRM_NAMES, expressions_of(blendshapes[None])[0]
    messages = [message("/VMC/Ext/OK", 1), message("/VMC/Ext/T", float(seconds))]
    for bone, places in _PLACES.items():
        (turn,) = unity_quaternions(angles[None, places]).tolist()
        messages.append(message("/VMC/Ext/Bone/Pos", bone, 0.0, 0.0, 0.0, *turn))
    messages += [
        message("/VMC/Ext/Blend/Val", name, value) for name, value in zip(names, values.tolist(), strict=True)
    ]
    return bundles([*messages, message("/VMC/Ext/Blend/Apply")])
