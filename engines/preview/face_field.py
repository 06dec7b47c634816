"""How an emotion changes the face: one smooth warp over brows, eyes, cheeks, nose and mouth.

The face that speaks and blinks is warped as a whole. A smooth warp keeps closed lips and lids closed, so
speech needs no knowledge of it. Each blend shape moves a few places of the face; what lies between follows
by the bell curves around them, and the sum is turned into a backward field by iteration.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import cv2
import numpy as np

from engines.emotion.shapes import SIDES, SMILE_FADES
from engines.preview.glasses import glasses_of
from engines.preview.head import HeadField
from engines.preview.rig import EyeRig, Frame2D, Rig

MOST_CURVE = 0.32
"""The highest smile that is taken back, in half mouth widths."""
ITERATIONS = 16
"""Of `b(x) = -f(x + b(x))`; the slopes of the fields stay below 0.8."""

JAW_LOWERS = 0.95
"""How far a fully open jaw lowers closed lips, in half mouth widths."""
FROWNS_LESS = 2.0
"""How much less the corners of a smiling mouth go down beyond the fading of its smile, by its curve."""
GLASSES_RIDE = 0.10
"""How far brows that rise as a whole take glasses along, in distances between the eyes."""


@dataclass(frozen=True, eq=False)
class Push:
    """A place that moves: in units of `frame`, the place, its movement, and how far the skin around follows:
    towards -u, +u, -v (up) and +v (down).
    """

    frame: Frame2D
    at: tuple[float, float]
    move: tuple[float, float]
    reach: tuple[float, float, float, float]


class FaceField:
    """The warp of one portrait on the grid of its `HeadField`. It remembers the last one."""

    def __init__(self, rig: Rig, head: HeadField, image: np.ndarray) -> None:
        """image: (H, W, 3) uint8 RGB."""
        self._cell = head.cell
        x0, y0 = head.region[:2]
        x = x0 + (np.arange(head.columns) + 0.5) * head.cell - 0.5
        y = y0 + (np.arange(head.rows) + 0.5) * head.cell - 0.5
        places = np.stack(np.meshgrid(x, y), axis=-1)
        # Near the picture's border the head is held, and so is the face.
        held = head.influence_weight[..., None]
        glasses = None if rig.animal else glasses_of(image, rig.eyes)
        self._shapes = {
            name: held * sum(_moved(push, places) for push in pushes)
            for name, pushes in pushes_of(rig, behind_glasses=glasses is not None).items()
        }
        self._glasses = None if glasses is None else (*glasses.freedom(places), glasses.ride(places))
        columns, rows = np.meshgrid(np.arange(head.columns), np.arange(head.rows))
        self._nodes = np.stack([columns, rows], axis=-1).astype(np.float32)
        self._last: tuple[Mapping[str, float], np.ndarray | None] = ({}, None)

    def displacement(self, shapes: Mapping[str, float]) -> np.ndarray | None:
        """(rows, columns, 2) float32: the offset in pixels from each point to the one of the speaking face
        that it shows. None if no shape moves it. shapes: values 0..1 by name; others than ours are ignored.
        """
        if shapes == self._last[0]:
            return self._last[1]
        forward = np.zeros((*self._nodes.shape[:2], 2), np.float32)
        for name, value in shapes.items():
            if value and name in self._shapes:
                forward += np.float32(value) * self._shapes[name]
        self._last = dict(shapes), self._behind_glasses(forward, shapes) if forward.any() else None
        return self._last[1]

    def added_to(self, head: np.ndarray, shapes: Mapping[str, float]) -> np.ndarray:
        """The head's displacement with the face's: the head carries the changed face along."""
        face = self.displacement(shapes)
        return head if face is None else head + self._at(face, head)

    def _behind_glasses(self, forward: np.ndarray, shapes: Mapping[str, float]) -> np.ndarray:
        """The backward field, in which glasses move as one piece and the face moves around them."""
        backward = self._backward(forward)
        if self._glasses is None:
            return backward
        *free, ride = self._glasses
        shift = ride * np.float32(
            GLASSES_RIDE * sum(shapes.get("browOuterUp" + side, 0.0) for side in SIDES) / 2
        )
        up, down = (self._at(one, shift) for one in free)  # where the glasses now are
        rises = (backward * ride).sum(axis=-1) > 0  # what is shown from below has moved up
        moves = np.where(rises, up, down)[..., None]
        return moves * backward + (1.0 - moves) * shift

    def _backward(self, forward: np.ndarray) -> np.ndarray:
        backward = -forward
        for _ in range(ITERATIONS):
            backward = -self._at(forward, backward)
        return backward

    def _at(self, field: np.ndarray, shift: np.ndarray) -> np.ndarray:
        """The field at the nodes moved by `shift` pixels."""
        nodes = self._nodes + shift * np.float32(1.0 / self._cell)
        return cv2.remap(field, nodes, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=0)


def _moved(push: Push, places: np.ndarray) -> np.ndarray:
    """(rows, columns, 2) float32 pixels by which one push moves each place."""
    local = push.frame.to_local(places)
    u, v = local[..., 0] - push.at[0], local[..., 1] - push.at[1]
    left, right, up, down = push.reach
    far = (u / np.where(u < 0, left, right)) ** 2 + (v / np.where(v < 0, up, down)) ** 2
    bell = np.exp(-0.5 * far)
    bell = np.maximum(bell - 0.011, 0.0) / 0.989  # ends at three times the reach
    moves = push.frame.vector_to_picture(bell * push.move[0], bell * push.move[1])
    return np.stack(moves, axis=-1).astype(np.float32)


def pushes_of(rig: Rig, *, behind_glasses: bool = False) -> dict[str, list[Push]]:
    """What each blend shape moves on one portrait. The person's left is the picture's right."""
    left_eye, right_eye = rig.eyes  # of the picture
    shapes: dict[str, list[Push]] = {"browInnerUp": []}
    for eye, outward, side in ((left_eye, -1.0, "Right"), (right_eye, 1.0, "Left")):
        around = _around_eye(eye, outward, behind_glasses)
        shapes["browInnerUp"] += around.pop("browInnerUp")
        for name, pushes in {**around, **dict(_around_mouth(rig, outward))}.items():
            shapes[name + side] = pushes
    shapes["mouthShrugLower"] = [
        Push(rig.mouth.frame, (0.0, 0.75 * rig.mouth.chin_v), (0.0, -0.10), (0.5, 0.5, 0.35, 0.3))
    ]
    shapes["jawOpen"] = list(_lowered_jaw(rig))
    shapes[SMILE_FADES] = list(_own_smile(rig))
    return shapes


def _lowered_jaw(rig: Rig) -> Iterator[Push]:
    """Lowers mouth and chin with the lips closed: what opens lips is speech."""
    mouth = rig.mouth
    up, down = 0.45 * -mouth.nose_v, 0.4 * mouth.chin_v
    yield Push(mouth.frame, (0.0, 0.0), (0.0, JAW_LOWERS), (0.85, 0.85, up, down))
    yield Push(mouth.frame, (0.0, mouth.chin_v), (0.0, 0.8 * JAW_LOWERS), (0.8, 0.8, down, 0.5))


def _own_smile(rig: Rig) -> Iterator[Push]:
    """Lowers the corners of a portrait's mouth to the middle of its lips; moves nothing if they are there."""
    mouth, curve = rig.mouth, _own_curve(rig)
    if curve < 0.02:
        return
    for outward in (-1.0, 1.0):
        reach = (0.54, 0.5) if outward > 0 else (0.5, 0.54)
        yield Push(
            mouth.frame, (0.98 * outward, 0.0), (-0.35 * curve * outward, 0.85 * curve), (*reach, 0.5, 0.5)
        )
    yield Push(mouth.frame, (0.0, 0.5 * curve), (0.0, -0.35 * curve), (0.4, 0.4, 0.4, 0.4))


def _own_curve(rig: Rig) -> float:
    """How far the corners of the portrait's mouth are above its middle, in half mouth widths."""
    middle = np.concatenate([rig.mouth.inner_upper, rig.mouth.inner_lower])
    middle = middle[np.abs(middle[:, 0]) < 0.25]
    if rig.animal or not len(middle):
        return 0.0
    return float(np.clip(middle[:, 1].mean(), 0.0, MOST_CURVE))


def _around_eye(eye: EyeRig, outward: float, behind_glasses: bool) -> dict[str, list[Push]]:
    """Brow and lids, in half eye widths. outward: the sign of u away from the nose."""
    # The mesh takes the upper rims for brows, which show above them, and only half of what moves there.
    frame, brow = eye.frame, eye.brow_v - (0.5 if behind_glasses else 0.15)
    more = 1.8 if behind_glasses else 1.0
    above = 0.65 if behind_glasses else 0.9  # not up to the hair
    top, bottom = float(eye.upper[:, 1].min()), float(eye.lower[:, 1].max())
    under = max(0.36, 0.45 * (top - brow))  # what lies between brow and lid is squeezed or stretched

    def push(
        u: float, v: float, du: float, dv: float, inner: float, outer: float, up: float, down: float
    ) -> Push:
        reach = (inner, outer) if outward > 0 else (outer, inner)
        return Push(frame, (outward * u, v), (outward * du, dv), (*reach, up, down))

    return {
        "browInnerUp": [push(-0.95, brow, 0.04, -0.62, 0.6, 0.8, above, under)],
        "browOuterUp": [
            push(0.75, brow, 0.0, -0.68, 0.9, 0.8, above, under),
        ],
        "browDown": [
            push(-0.95, brow, -0.26, 0.6 * more, 0.6, 0.8, 0.8, 0.1 + under),
            push(0.45, brow, -0.06, 0.24 * more, 0.8, 0.7, 0.8, 0.1 + under),
        ],
        "eyeWide": [
            push(0.0, top, 0.0, -0.17, 0.75, 0.75, 0.32, 0.34),
            push(0.0, bottom, 0.0, 0.06, 0.7, 0.7, 0.3, 0.3),
        ],
        "eyeSquint": [
            push(0.0, bottom, 0.0, -0.20, 0.8, 0.8, 0.26, 0.5),
            push(0.0, top, 0.0, 0.07, 0.8, 0.8, 0.3, 0.25),
        ],
        "cheekSquint": [push(0.1, bottom + 0.95, 0.0, -0.26, 0.9, 0.9, 0.5, 0.7)],
    }


def _around_mouth(rig: Rig, outward: float) -> Iterator[tuple[str, list[Push]]]:
    """Corners of the mouth, upper lip and the side of the nose, in half mouth widths."""
    mouth = rig.mouth
    frame = mouth.frame
    height = float(np.interp(outward, mouth.outer_upper[:, 0], mouth.outer_upper[:, 1]))

    def push(
        u: float, v: float, du: float, dv: float, inner: float, outer: float, up: float, down: float
    ) -> Push:
        reach = (inner, outer) if outward > 0 else (outer, inner)
        return Push(frame, (outward * u, v), (outward * du, dv), (*reach, up, down))

    more = 1.0 - 1.1 * _own_curve(rig)  # a smile that is there already becomes less of a new one
    yield (
        "mouthSmile",
        [
            push(0.98, height, 0.26 * more, -0.26 * more, 0.48, 0.6, 0.5, 0.5),
            push(0.15, height + 0.1, 0.0, -0.035, 0.4, 0.4, 0.4, 0.4),
            push(1.3, height - 0.75, 0.03, -0.10, 0.5, 0.5, 0.45, 0.5),
        ],
    )
    less = 1.0 - FROWNS_LESS * _own_curve(rig)
    yield "mouthFrown", [push(0.98, height, 0.03 * less, 0.30 * less, 0.54, 0.5, 0.5, 0.5)]
    yield "mouthStretch", [push(1.0, height, 0.20, 0.05, 0.6, 0.6, 0.45, 0.5)]
    # The upper lip's inner edge hardly moves, or closed lips would part.
    yield "mouthUpperUp", [push(0.5, mouth.nose_v * 0.55, 0.0, -0.12, 0.45, 0.45, 0.25, 0.16)]
    yield (
        "noseSneer",
        [
            push(0.5, mouth.nose_v - 0.15, 0.03, -0.15, 0.3, 0.35, 0.5, 0.2),
            push(0.25, mouth.nose_v - 0.6, 0.0, -0.08, 0.3, 0.3, 0.3, 0.4),
        ],
    )
