"""The 52 blend shapes of ARKit's face tracking, the common language of face animation.

Values are 0..1. Left and right are the person's, as ARKit means them: the picture's other side. Names and
their meaning: Apple, ARFaceAnchor.BlendShapeLocation.
"""

from __future__ import annotations

_SIDES = ("Left", "Right")
_EYE = ("eyeBlink", "eyeLookDown", "eyeLookIn", "eyeLookOut", "eyeLookUp", "eyeSquint", "eyeWide")

EYES = tuple(f"{name}{side}" for side in _SIDES for name in _EYE)
JAW = ("jawForward", "jawRight", "jawLeft", "jawOpen")
MOUTH = (
    "mouthClose",
    "mouthFunnel",
    "mouthPucker",
    "mouthRight",
    "mouthLeft",
    "mouthSmileLeft",
    "mouthSmileRight",
    "mouthFrownLeft",
    "mouthFrownRight",
    "mouthDimpleLeft",
    "mouthDimpleRight",
    "mouthStretchLeft",
    "mouthStretchRight",
    "mouthRollLower",
    "mouthRollUpper",
    "mouthShrugLower",
    "mouthShrugUpper",
    "mouthPressLeft",
    "mouthPressRight",
    "mouthLowerDownLeft",
    "mouthLowerDownRight",
    "mouthUpperUpLeft",
    "mouthUpperUpRight",
)
BROWS = ("browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft", "browOuterUpRight")
REST = ("cheekPuff", "cheekSquintLeft", "cheekSquintRight", "noseSneerLeft", "noseSneerRight", "tongueOut")

BLENDSHAPES = EYES + JAW + MOUTH + BROWS + REST
"""All 52 names, in the order in which the app Live Link Face writes them to a file."""

ROTATIONS = (
    "headYaw",
    "headPitch",
    "headRoll",
    "leftEyeYaw",
    "leftEyePitch",
    "leftEyeRoll",
    "rightEyeYaw",
    "rightEyePitch",
    "rightEyeRoll",
)
"""The nine angles that follow the blend shapes in Live Link Face's order. Here in radians."""
