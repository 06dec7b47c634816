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

from engines.emotion.shapes import SMILE_FADES
from engines.preview.glasses import glasses_of
from engines.preview.head import HeadField
from engines.preview.rig import EyeRig, Frame2D, Rig

MOST_CURVE = 0.32
"""The highest smile that is taken back, in half mouth widths."""
GLASSES_HOLD = 0.85
"""How far brows rise above glasses, as a share of bare ones: the skin between is stretched."""
ITERATIONS = 16
"""Of `b(x) = -f(x + b(x))`; the slopes of the fields stay below 0.8."""

JAW_LOWERS = 0.95
"""How far a fully open jaw lowers closed lips, in half mouth widths."""
FROWNS_LESS = 2.0
"""How much less the corners of a smiling mouth go down beyond the fading of its smile, by its curve."""


@dataclass(frozen=True, eq=False)
class Push:
    """A place that moves: in units of `frame`, the place, its movement, and how far the skin around follows:
    towards -u, +u, -v (up) and +v (down).
    """

    frame: Frame2D
    at: tuple[float, float]
    move: tuple[float, float]
    reach: tuple[float, float, float, float]


@dataclass(frozen=True, eq=False)
class FaceWarp:
    """One emotion's warp.

    backward: (rows, columns, 2) float32: the offset in pixels from each point to the one of the speaking face
    that it shows. cell: pixels between its nodes; first: (2,) where the first node is.
    """

    backward: np.ndarray
    cell: int
    first: np.ndarray

    def way(self, places: np.ndarray) -> np.ndarray:
        """(..., 2) float32 pixels: how far places of the speaking face, (h, w, 2) pixels, are moved."""
        way = np.zeros(places.shape, np.float32)
        for _ in range(ITERATIONS):
            nodes = ((places + way - self.first) / self.cell).astype(np.float32)
            way = -_at(self.backward, nodes)
        return way


class FaceField:
    """The warp of one portrait on the grid of its `HeadField`. It remembers the last one."""

    def __init__(self, rig: Rig, head: HeadField, image: np.ndarray, *, whites: bool = True) -> None:
        """image: (H, W, 3) uint8 RGB. whites: whether the eyes show one; without, the lids uncover less."""
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
            for name, pushes in pushes_of(rig, behind_glasses=glasses is not None, whites=whites).items()
        }
        self._glasses = None if glasses is None else glasses.freedom(places)
        columns, rows = np.meshgrid(np.arange(head.columns), np.arange(head.rows))
        self._nodes = np.stack([columns, rows], axis=-1).astype(np.float32)
        self._first = places[0, 0]
        self._down = np.array([-rig.head.frame.axis[1], rig.head.frame.axis[0]], np.float32)
        self._last: tuple[Mapping[str, float], FaceWarp | None] = ({}, None)

    def warp(self, shapes: Mapping[str, float]) -> FaceWarp | None:
        """The warp of some shapes, the same object while they stay. None if no shape moves the face.

        shapes: values 0..1 by name; others than ours are ignored.
        """
        if shapes == self._last[0]:
            return self._last[1]
        forward = np.zeros((*self._nodes.shape[:2], 2), np.float32)
        for name, value in shapes.items():
            if value and name in self._shapes:
                forward += np.float32(value) * self._shapes[name]
        warp = None
        if forward.any():
            warp = FaceWarp(self._behind_glasses(forward), self._cell, self._first)
        self._last = dict(shapes), warp
        return warp

    def added_to(self, head: np.ndarray, warp: FaceWarp) -> np.ndarray:
        """The head's displacement with the face's: the head carries the changed face along."""
        return head + self._at(warp.backward, head)

    def _behind_glasses(self, forward: np.ndarray) -> np.ndarray:
        """The backward field, in which glasses stay and the face moves around them."""
        backward = self._backward(forward)
        if self._glasses is None:
            return backward
        up, down = self._glasses
        rises = (backward * self._down).sum(axis=-1) > 0  # what is shown from below has moved up
        return np.where(rises, up, down)[..., None] * backward

    def _backward(self, forward: np.ndarray) -> np.ndarray:
        backward = -forward
        for _ in range(ITERATIONS):
            backward = -self._at(forward, backward)
        return backward

    def _at(self, field: np.ndarray, shift: np.ndarray) -> np.ndarray:
        """The field at the nodes moved by `shift` pixels."""
        return _at(field, self._nodes + shift * np.float32(1.0 / self._cell))


def _at(field: np.ndarray, nodes: np.ndarray) -> np.ndarray:
    """A field, (rows, columns, 2), at (h, w, 2) float32 nodes; 0 outside of it."""
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


def pushes_of(rig: Rig, *, behind_glasses: bool = False, whites: bool = True) -> dict[str, list[Push]]:
    """What each blend shape moves on one portrait. The person's left is the picture's right."""
    left_eye, right_eye = rig.eyes  # of the picture
    shapes: dict[str, list[Push]] = {"browInnerUp": []}
    for eye, outward, side in ((left_eye, -1.0, "Right"), (right_eye, 1.0, "Left")):
        around = _around_eye(eye, outward, behind_glasses, whites or rig.animal)
        shapes["browInnerUp"] += around.pop("browInnerUp")
        for name, pushes in {**around, **dict(_around_mouth(rig, outward))}.items():
            shapes[name + side] = pushes
    shapes["mouthShrugLower"] = [
        Push(rig.mouth.frame, (0.0, 0.75 * rig.mouth.chin_v), (0.0, -0.10), (0.5, 0.5, 0.35, 0.3))
    ]
    shapes["mouthShrugUpper"] = list(_raised_lips(rig))
    shapes["jawOpen"] = list(_lowered_jaw(rig))
    shapes[SMILE_FADES] = list(_own_smile(rig))
    return shapes


def _lowered_jaw(rig: Rig) -> Iterator[Push]:
    """Lowers mouth and chin with the lips closed: what opens lips is speech."""
    mouth = rig.mouth
    up, down = 0.45 * -mouth.nose_v, 0.4 * mouth.chin_v
    yield Push(mouth.frame, (0.0, 0.0), (0.0, JAW_LOWERS), (1.4, 1.4, up, down))
    yield Push(mouth.frame, (0.0, mouth.chin_v), (0.0, 0.8 * JAW_LOWERS), (0.8, 0.8, down, 0.5))


def _raised_lips(rig: Rig) -> Iterator[Push]:
    """Raises the middle of both lips towards the nose, so that closed ones stay closed."""
    mouth = rig.mouth
    yield Push(mouth.frame, (0.0, 0.0), (0.0, -0.22), (0.45, 0.45, 0.6 * -mouth.nose_v, 0.45 * mouth.chin_v))


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


def _around_eye(eye: EyeRig, outward: float, behind_glasses: bool, whites: bool) -> dict[str, list[Push]]:
    """Brow and lids, in half eye widths. outward: the sign of u away from the nose."""
    # The mesh takes the upper rims for brows, which show above them, and only half of what moves there.
    frame, brow = eye.frame, eye.brow_v - (0.5 if behind_glasses else 0.15)
    more, higher = (1.8, GLASSES_HOLD) if behind_glasses else (1.0, 1.0)
    above = 0.65 if behind_glasses else 0.9  # not up to the hair
    top, bottom = float(eye.upper[:, 1].min()), float(eye.lower[:, 1].max())
    # What lies between brow and lid is squeezed or stretched. A brow that rises takes the lid along, if it is
    # known what the lid then uncovers.
    under, lifted = (max(0.36, share * (top - brow)) for share in (0.45, 0.6 if whites else 0.4))
    wide = 1.0 if whites else 0.9

    def push(
        u: float, v: float, du: float, dv: float, inner: float, outer: float, up: float, down: float
    ) -> Push:
        reach = (inner, outer) if outward > 0 else (outer, inner)
        return Push(frame, (outward * u, v), (outward * du, dv), (*reach, up, down))

    return {
        "browInnerUp": [push(-0.95, brow, 0.04, -0.62 * higher, 0.6, 0.8, above, lifted)],
        "browOuterUp": [push(0.75, brow, 0.0, -0.68 * higher, 0.9, 0.8, above, lifted)],
        "browDown": [
            push(-0.95, brow, -0.26, 0.6 * more, 0.6, 0.8, 0.8, 0.1 + under),
            push(0.45, brow, -0.06, 0.24 * more, 0.8, 0.7, 0.8, 0.1 + under),
        ],
        "eyeWide": [
            push(0.0, top, 0.0, -0.17 * wide, 0.75, 0.75, 0.32, 0.34),
            push(0.0, bottom, 0.0, 0.06 * wide, 0.7, 0.7, 0.3, 0.3),
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
            push(0.5, mouth.nose_v - 0.15, 0.03, -0.24, 0.3, 0.4, 0.5, 0.24),
            push(0.25, mouth.nose_v - 0.6, 0.0, -0.10, 0.3, 0.3, 0.3, 0.4),
        ],
    )
