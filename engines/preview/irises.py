"""Moves the irises inside the openings of the eyes.

An eye is taken apart once per portrait (`eyeball`). A gaze lays the iris over the white at another place,
only inside the opening, so that the lids stay in front of it. This is painted into the picture that
everything else is looked up from: head and lids move the eye as they move the rest of the face. The warp of
an emotion would stretch the eyeball, so under it the eyeball is painted moved the other way.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property

import numpy as np

from engines.preview.doubled import SAMPLES, DoubledPicture
from engines.preview.eyeball import EYEBALL, Eyeball, take_apart
from engines.preview.face_field import FaceWarp
from engines.preview.lids import LIFT_LIMIT, lid_edges
from engines.preview.rig import EyeRig

MOST_X, MOST_Y = 28.0, 15.0
"""Degrees by which the eyes turn at a gaze of 1, unless the opening is too narrow. Beyond about 20 degrees,
people turn their head as well (Stahl 1999)."""
LEAST_PIXELS = 0.15
"""The step in which a gaze is painted."""
LID_FOLLOWS = 0.75
"""Share of the iris's way up or down that the upper lid goes along."""
LID_STAYS = 3.0
"""Degrees up or down at which the lid does not move yet."""
INSIDE = 0.06
"""Between the iris and the eye's corner, in half eye widths, at the widest gaze."""


class Irises:
    """Paints a portrait's eyes into its samples, for one gaze after the other."""

    def __init__(self, picture: DoubledPicture, eyes: tuple[EyeRig, ...]) -> None:
        """Eyes of which one has no iris that stands out from a white stay as they are."""
        self._picture, self._eyes = picture, eyes
        self._painted: tuple[tuple[float, float], FaceWarp | None] = (0.0, 0.0), None
        self._ways: tuple[FaceWarp | None, list[np.ndarray]] = None, []

    @cached_property
    def _balls(self) -> tuple[Eyeball, ...]:
        """Taken apart for the first gaze; eyes that look ahead need none of this."""
        balls = [take_apart(self._picture, eye) for eye in self._eyes]
        known = [ball for ball in balls if ball is not None]
        return tuple(known) if len(known) == len(balls) else ()

    @cached_property
    def _held(self) -> tuple[Eyeball, ...]:
        """The eyes that keep their shape under emotions: those without a white do so, too."""
        if self._balls:
            return self._balls
        balls = (take_apart(self._picture, eye, whole=True) for eye in self._eyes)
        return tuple(ball for ball in balls if ball is not None)

    @cached_property
    def _limits(self) -> tuple[float, float, float, float]:
        return _limits(self._balls, self._eyes)

    @cached_property
    def _steps(self) -> float:
        reach = max((EYEBALL * ball.radius / SAMPLES for ball in self._balls), default=1.0)
        return reach * math.radians(MOST_X) / LEAST_PIXELS

    @property
    def movable(self) -> bool:
        """Whether the irises were found, and so a gaze changes the picture."""
        return bool(self._balls)

    def turn(self, gaze_x: float, gaze_y: float, warp: FaceWarp | None = None) -> float:
        """Paint a gaze, -1..1 towards the picture's right and upwards; at 0, 0 the portrait's own eyes.

        warp: of an emotion, under which the eyes keep their shape. Returns how far the upper lids follow, in
        half eye widths downwards.
        """
        ahead = gaze_x == gaze_y == 0.0 and self._painted[0] == (0.0, 0.0)
        x = y = follow = 0.0
        gaze = 0.0, 0.0
        if not ahead and self._balls:
            # In steps that are too small to be seen, so that a head that drifts does not repaint always.
            gaze = round(gaze_x * self._steps) / self._steps, round(gaze_y * self._steps) / self._steps
            left, right, up, down = self._limits
            x = min(max(gaze[0], -1.0), 1.0) * (right if gaze[0] > 0 else left)
            y = min(max(gaze[1], -1.0), 1.0) * (up if gaze[1] > 0 else down)
            turned = math.copysign(max(abs(y) - math.radians(LID_STAYS), 0.0), y)
            radius = min(ball.radius / ball.frame.unit for ball in self._balls)
            follow = -LID_FOLLOWS * EYEBALL * radius * math.sin(turned)
        if (gaze, warp) != self._painted:
            balls = self._balls if warp is None and self._painted[1] is None else self._held
            self._painted = gaze, warp
            for ball, way in zip(balls, self._ways_of(balls, warp), strict=True):
                if way is not None:
                    samples = ball.held(way, x, y)
                else:
                    samples = ball.own if gaze == (0.0, 0.0) else ball.painted(x, y)
                np.copyto(self._picture.part(ball.box), samples)
        return follow

    def _ways_of(self, balls: Sequence[Eyeball], warp: FaceWarp | None) -> Sequence[np.ndarray | None]:
        """(h, w, 2) float32 for each eye: how far a warp moves its samples, in samples. None without one."""
        if warp is None:
            return [None] * len(balls)
        if warp is not self._ways[0]:
            ways = []
            for ball in balls:
                x0, y0, x1, y1 = ball.box
                samples = np.stack(np.meshgrid(np.arange(x0, x1), np.arange(y0, y1)), axis=-1)
                ways.append(SAMPLES * warp.way(samples / SAMPLES + np.array(self._picture.origin)))
            self._ways = warp, ways
        return self._ways[1]


def _limits(balls: tuple[Eyeball, ...], eyes: tuple[EyeRig, ...]) -> tuple[float, float, float, float]:
    """Radians to the left, right, up and down that both eyes can turn with the iris between the corners."""
    most = [math.radians(MOST_X)] * 2 + [math.radians(MOST_Y)] * 2
    for ball, eye in zip(balls, eyes, strict=False):
        u, v = ball.frame.to_local(ball.centre)
        radius = ball.radius / ball.frame.unit
        upper, lower = (float(edge[0]) for edge in lid_edges(eye, np.array([u])))
        # To the sides up to the corner, upwards and downwards until a lid would hide the pupil.
        ways = (
            u - radius + 1 - INSIDE,
            1 - INSIDE - u - radius,
            v - upper + 0.5 * LIFT_LIMIT - 0.45 * radius,
            lower - v - 0.1 * radius,
        )
        for i, way in enumerate(ways):
            most[i] = min(most[i], math.asin(min(max(way / (EYEBALL * radius), 0.0), 1.0)))
    return most[0], most[1], most[2], most[3]
