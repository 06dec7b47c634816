"""How the head turns and nods: a small backward displacement field over the head and its surroundings.

The head is a relief (depth from the face mesh) that rotates about a pivot in the neck. The field fades
to exactly zero before it reaches shoulders, far background and the picture's border, so those pixels
are never touched.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np

from engines.preview.body import RISES, BodyMask, body_box, body_weight
from engines.preview.easing import smootherstep
from engines.preview.relief import relief
from engines.preview.rig import HeadRig

FIELD_SIDE = 96
"""Grid cells along the longer side of the head's region."""

EXACT_FROM = 4.0
"""Degrees of a turn from which a point's own depth counts, and not that of the pixel that it comes to."""
FURTHEST_TURN = 17.0
"""Degrees to each side, up and down: the warp folds nothing up to here if the head is not near the border."""
USUAL_TURN = 4.5
"""Degrees up to which the warp folds nothing wherever the head is."""
LEAST_AREA = 0.1
"""What a furthest turn leaves of the area of a cell, at least."""
LEAST_CORNER = 0.5
"""Share of both furthest turns that fit at once wherever the head is."""
MOST_ROLL = 5.0
"""Degrees of tilt at which turns and nods at once still fit."""
_HALVINGS = 5
STEPS, STEP_PIXELS = 6, 0.4
"""Steps of a body between out and in of a usual breath, at least; and the pixels of one on large faces."""


@dataclass(frozen=True)
class HeadPose:
    """Rotation in degrees (pitch > 0 nods down, yaw > 0 turns to the right), shift in face heights.

    breath: 0 out, 1 in after a usual breath. sway: of the shoulders to the right, in face heights.
    """

    yaw: float = 0.0
    pitch: float = 0.0
    roll: float = 0.0
    shift_x: float = 0.0
    shift_y: float = 0.0
    breath: float = 0.0
    sway: float = 0.0


def _times(way: HeadPose, share: float) -> HeadPose:
    return HeadPose(yaw=share * way.yaw, pitch=share * way.pitch)


class HeadField:
    """The motion of the head, and of the body below it, on a coarse grid over a region of the picture.

    region: (x0, y0, x1, y1) pixels, whole cells of `cell` pixels; nodes are at the centres of cells, as
    cv2.resize expects them.
    """

    def __init__(self, head: HeadRig, width: int, height: int, body: BodyMask | None = None) -> None:
        """body: without one, only the head moves."""
        self.head = head
        half_w, unit = head.half_width, head.frame.unit
        corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], np.float64)
        box = head.frame.to_picture(corners * np.array([2.25 * half_w / unit, 1.55]))
        x0, y0 = np.floor(np.clip(box.min(axis=0), 0, None)).astype(int)
        x1, y1 = np.ceil(np.minimum(box.max(axis=0), [width, height])).astype(int)
        self.cell = max(2, int(np.ceil(max(x1 - x0, y1 - y0) / FIELD_SIDE)))
        if body is not None:
            low, high = body_box(head)
            x0, y0 = np.minimum([x0, y0], np.floor(np.clip(low, 0, None)).astype(int))
            x1, y1 = np.maximum([x1, y1], np.ceil(np.minimum(high, [width, height])).astype(int))
        self.columns = -(-(x1 - x0) // self.cell)
        self.rows = -(-(y1 - y0) // self.cell)
        self.region = (int(x0), int(y0), int(x1), int(y1))
        x = x0 + (np.arange(self.columns) + 0.5) * self.cell - 0.5
        y = y0 + (np.arange(self.rows) + 0.5) * self.cell - 0.5
        self._x, self._y = np.meshgrid(x, y)
        self._weight = self._fade(width, height)
        self._body = (
            np.zeros_like(self._weight)
            if body is None
            else body_weight(body, head, self._x, self._y, self.cell, (width, height))
        )
        self._breathes = bool(self._body.any())
        self._corners: dict[tuple[float, float], float] = {}
        self._steps = max(STEPS, math.ceil(RISES * unit / STEP_PIXELS))
        self._depth = relief(head, self.region, self.cell, (self.rows, self.columns))
        self._rows, self._columns = np.mgrid[: self.rows, : self.columns].astype(np.float32)
        rx, ry = self._x - head.pivot[0], self._y - head.pivot[1]
        across, down = head.frame.axis, np.array([-head.frame.axis[1], head.frame.axis[0]])
        # Position about the pivot along the face's own axes, so that a tilted head nods along its tilt.
        self._across, self._down = across.tolist(), down.tolist()
        self._u = (rx * across[0] + ry * across[1]).astype(np.float32)
        self._v = (rx * down[0] + ry * down[1]).astype(np.float32)

    @property
    def influence_weight(self) -> np.ndarray:
        """(rows, columns) float32: how far each cell takes part, 0..1."""
        return self._weight

    @property
    def influence(self) -> np.ndarray:
        """(rows, columns) bool: cells that may move."""
        return (self._weight > 0) | (self._body > 0)

    @property
    def head_influence(self) -> np.ndarray:
        """(rows, columns) bool: cells that may move with the head."""
        return self._weight > 0

    def settled(self, pose: HeadPose) -> HeadPose:
        """The pose that is painted: turned no further than the picture can show, with a body that moves in
        small steps, so that it is not painted for each frame. Without a body, none moves.
        """
        breath = sway = 0.0
        if self._breathes:
            breath = round(pose.breath * self._steps) / self._steps
            sway = round(pose.sway / RISES * self._steps) * RISES / self._steps
        yaw, pitch = pose.yaw, pose.pitch
        if max(abs(yaw), abs(pitch)) > USUAL_TURN:
            left, right, up, down = self.furthest
            yaw, pitch = self._both(min(max(yaw, -left), right), min(max(pitch, -up), down))
        return replace(pose, yaw=yaw, pitch=pitch, breath=breath, sway=sway)

    def _both(self, yaw: float, pitch: float) -> tuple[float, float]:
        """A turn and a nod within `furthest`, made smaller together where both at once would fold.

        What fits is a polygon from one furthest turn to the next, by way of the corners' shares.
        """
        left, right, up, down = self.furthest
        corner = (right if yaw > 0 else -left, down if pitch > 0 else -up)
        less, more = sorted((yaw / corner[0], pitch / corner[1]))
        if less + more <= 2 * LEAST_CORNER:
            return yaw, pitch
        if corner not in self._corners:
            way = HeadPose(yaw=corner[0], pitch=corner[1])
            self._corners[corner] = self._largest(way, LEAST_CORNER, 1.0, (0.0, MOST_ROLL, -MOST_ROLL))
        share = self._corners[corner]
        beyond = max(more + less * (1.0 - share) / share, 1.0)
        return yaw / beyond, pitch / beyond

    @cached_property
    def furthest(self) -> tuple[float, float, float, float]:
        """Degrees to the left, right, up and down that the head turns at most. Near the picture's border the
        field fades faster, and would fold at FURTHEST_TURN. Found when a pose first turns beyond USUAL_TURN.
        """
        left, right, up, down = (
            self._largest(replace(HeadPose(), **{name: sign}), USUAL_TURN, FURTHEST_TURN)
            for name, sign in (("yaw", -1.0), ("yaw", 1.0), ("pitch", -1.0), ("pitch", 1.0))
        )
        return left, right, up, down

    def _largest(self, way: HeadPose, least: float, most: float, rolls: Sequence[float] = (0.0,)) -> float:
        """The largest share of a turn, from least to most, that leaves LEAST_AREA of each cell at every roll.

        The least is not looked at.
        """

        def fits(share: float) -> bool:
            return all(self._area(replace(_times(way, share), roll=roll)) > LEAST_AREA for roll in rolls)

        if fits(most):
            return most
        for _ in range(_HALVINGS):
            middle = (least + most) / 2
            least, most = (middle, most) if fits(middle) else (least, middle)
        return least

    def _area(self, pose: HeadPose) -> float:
        """What a pose leaves of the area of a cell, at least; below 0, the warp folds."""
        moved = self.displacement(pose) / self.cell
        across, down = np.diff(moved, axis=1)[:-1], np.diff(moved, axis=0)[:, :-1]
        areas = (1 + across[..., 0]) * (1 + down[..., 1]) - down[..., 0] * across[..., 1]
        return float(areas.min())

    def _fade(self, width: int, height: int) -> np.ndarray:
        head = self.head
        local = head.frame.to_local(np.stack([self._x, self._y], axis=-1))
        u = local[..., 0] * head.frame.unit / head.half_width
        v = local[..., 1]
        # Head with hair: an oval a third wider than the face, higher above than below it.
        up = np.where(v < 0, -v / 0.86, v / 0.62)
        radius = np.sqrt((u / 1.28) ** 2 + up**2)
        weight = 1.0 - smootherstep((radius - 0.92) / 0.68)
        margin = 0.07 * min(width, height)
        border = np.minimum.reduce([self._x, self._y, width - 1 - self._x, height - 1 - self._y])
        return (weight * smootherstep((border - self.cell) / margin)).astype(np.float32)

    def displacement(self, pose: HeadPose) -> np.ndarray:
        """(rows, columns, 2) float32: the offset in pixels from each output pixel to the point
        that it shows.
        """
        away = max(abs(pose.yaw), abs(pose.pitch))
        out = self._motion(pose)
        if away > EXACT_FROM:
            # What a far turn brings to a pixel has a different depth from what was there.
            share = min((away - EXACT_FROM) / EXACT_FROM, 1.0)
            for _ in range(2):
                moved = cv2.remap(
                    self._motion(pose),
                    self._columns + out[..., 0] / self.cell,
                    self._rows + out[..., 1] / self.cell,
                    cv2.INTER_LINEAR,
                    borderMode=cv2.BORDER_REPLICATE,
                )
                out = out + share * (moved - out)
        if pose.breath or pose.sway:
            unit = self.head.frame.unit
            right, down = pose.sway * unit, -RISES * pose.breath * unit
            out[..., 0] -= (right * self._across[0] + down * self._down[0]) * self._body
            out[..., 1] -= (right * self._across[1] + down * self._down[1]) * self._body
        return out

    def _motion(self, pose: HeadPose) -> np.ndarray:
        """(rows, columns, 2) float32: the offset in pixels to each cell from where its point goes."""
        yaw, pitch, roll = (math.radians(angle) for angle in (pose.yaw, pose.pitch, pose.roll))
        z, u, v, unit = self._depth, self._u, self._v, self.head.frame.unit
        du = z * math.sin(yaw) + u * (math.cos(yaw) - 1.0) - v * math.sin(roll) + pose.shift_x * unit
        turned = z * math.cos(yaw) - u * math.sin(yaw)  # a turned head nods about another axis of its own
        dv = turned * math.sin(pitch) + v * (math.cos(pitch) - 1.0) + u * math.sin(roll) + pose.shift_y * unit
        out = np.empty((self.rows, self.columns, 2), np.float32)
        out[..., 0] = -(du * self._across[0] + dv * self._down[0]) * self._weight
        out[..., 1] = -(du * self._across[1] + dv * self._down[1]) * self._weight
        return out
