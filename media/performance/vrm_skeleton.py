"""The bones that a VRM animation must name, standing in VRM's T-pose. Of them, only the head is moved."""

from __future__ import annotations

from typing import Any

_SIDES = {"left": 1.0, "right": -1.0}
"""The sign of x: glTF's x is the model's left."""
_MIDDLE = {
    "hips": (None, (0.0, 0.95, 0.0)),
    "spine": ("hips", (0.0, 0.1, 0.0)),
    "head": ("spine", (0.0, 0.45, 0.0)),
}
_SIDE = {
    "UpperArm": ("spine", (0.15, 0.35, 0.0)),
    "LowerArm": ("UpperArm", (0.25, 0.0, 0.0)),
    "Hand": ("LowerArm", (0.25, 0.0, 0.0)),
    "UpperLeg": ("hips", (0.09, -0.05, 0.0)),
    "LowerLeg": ("UpperLeg", (0.0, -0.42, 0.0)),
    "Foot": ("LowerLeg", (0.0, -0.4, 0.0)),
}
Place = tuple[float, float, float]


def _bones() -> dict[str, tuple[str | None, Place]]:
    bones: dict[str, tuple[str | None, Place]] = dict(_MIDDLE)
    for side, sign in _SIDES.items():
        for name, (parent, (x, y, z)) in _SIDE.items():
            above = parent if parent in _MIDDLE else side + parent
            bones[side + name] = (above, (sign * x, y, z))
    return bones


BONES = _bones()
"""By VRM's names: the bone above, and where it is from there, in metres."""
HEAD = tuple(BONES).index("head")


def bone_nodes(first: int) -> list[dict[str, Any]]:
    """The glTF nodes of BONES, in their order. first: the number of the first of them."""
    names = list(BONES)
    nodes: list[dict[str, Any]] = [{"name": name, "translation": list(at)} for name, (_, at) in BONES.items()]
    for number, (parent, _) in enumerate(BONES.values()):
        if parent is not None:
            nodes[names.index(parent)].setdefault("children", []).append(first + number)
    return nodes


def human_bones(first: int) -> dict[str, Any]:
    """The entry `humanBones` of the extension."""
    return {name: {"node": first + number} for number, name in enumerate(BONES)}
