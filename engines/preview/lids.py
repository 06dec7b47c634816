"""How eyelids close and brows rise: a backward map around one eye.

The upper lid is a layer of its own over the eyeball: it slides down from under the brow, carrying its
lashes with it, while the eyeball keeps still. So a closed eye shows skin, not a smeared iris.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engines.preview.rig import EyeRig

COLUMNS = 49
ROWS = 61
REACH_U = 1.9
LASHES = 0.16
"""Height of the lid's edge and lashes above the mesh's lid line, in half eye widths: moves unstretched."""
MEETING = 0.90
"""Where the lids meet: share of the opening that the upper one travels; the lower one does the rest."""
BROW_RAISE = 0.16
"""How far a fully raised brow moves, in half eye widths."""


@dataclass(frozen=True, eq=False)
class EyeMap:
    """The result for one pose, on the (ROWS, COLUMNS) grid, in eye units.

    skin: (ROWS, COLUMNS, 2) float32 displacement (du, dv) to the source for lids and brow.
    ball: the same for what lies below the upper lid's edge. edge: (COLUMNS,) float32 height of that edge.
    """

    skin: np.ndarray
    ball: np.ndarray
    edge: np.ndarray


def _smooth(t: np.ndarray) -> np.ndarray:
    t = np.clip(t, 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)


class Lids:
    """Makes an `EyeMap` for a blink (0 open .. 1 closed) and a brow (-1..1)."""

    def __init__(self, eye: EyeRig) -> None:
        self.eye = eye
        self.u = np.linspace(-REACH_U, REACH_U, COLUMNS)
        self.v_first = eye.brow_v - 0.9
        self.v_last = float(eye.lower[:, 1].max()) + 0.8
        self.v = np.linspace(self.v_first, self.v_last, ROWS)
        away = np.abs(self.u)
        inside = np.clip((1.0 - away) / 0.12, 0.0, 1.0)
        corner = np.interp(self.u, [-1.0, 1.0], [eye.upper[0, 1], eye.upper[-1, 1]])
        upper = np.interp(self.u, eye.upper[:, 0], eye.upper[:, 1])
        lower = np.interp(self.u, eye.lower[:, 0], eye.lower[:, 1])
        self._upper = corner + (np.minimum(upper, lower) - corner) * inside
        self._lower = corner + (np.maximum(upper, lower) - corner) * inside
        self._upper, self._lower = self._upper.astype(np.float32), self._lower.astype(np.float32)
        self._rows = self.v.astype(np.float32)[:, None]
        # Skin far above the edge follows its neighbours too, or a round eye would pull a fold behind it.
        reach = np.arange(-12, 13) * (self.u[1] - self.u[0])
        bell = np.exp(-0.5 * (reach / 0.4) ** 2)
        self._soft_gap = np.convolve(self._lower - self._upper, bell / bell.sum(), "same").astype(np.float32)
        self._brow = self._brow_rows() * (1.0 - _smooth((away - 0.9) / (REACH_U - 0.95))).astype(np.float32)

    @property
    def spans(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """The grid's range of u and of v, in eye units."""
        return (-REACH_U, REACH_U), (self.v_first, self.v_last)

    def map(self, blink: float, brow: float) -> EyeMap:
        """The backward map of one pose."""
        rows = self._rows
        gap = self._lower - self._upper
        # The edge falls to the meeting line; a hair of overlap hides the last line of the eyeball.
        fall = blink * gap * MEETING
        rise = blink * gap * (1.0 - MEETING)
        edge, floor = self._upper + fall, self._lower - rise
        # The edge with its lashes moves as one piece; the skin between it and the brow stretches evenly.
        start = self.eye.brow_v + 0.05
        t = np.clip((rows - start) / np.maximum(edge - LASHES - start, 1e-3), 0.0, 1.0)
        soft = self._soft_gap * blink * MEETING
        stretch = (soft + (fall - soft) * t**5) * t**1.15
        below = np.clip((rows - edge) / 0.6, 0.0, 1.0)
        dv = -np.where(rows <= edge, stretch, fall * (1.0 - _smooth(below)))
        lift = (BROW_RAISE * brow) * self._brow
        skin = np.zeros((ROWS, COLUMNS, 2), np.float32)
        skin[..., 1] = dv + lift
        ball = np.zeros((ROWS, COLUMNS, 2), np.float32)
        under = np.clip((rows - floor) / 0.45, 0.0, 1.0)
        ball[..., 1] = rise * (1.0 - _smooth(under)) * (rows >= (edge + floor) / 2) + lift
        return EyeMap(skin, ball, edge.astype(np.float32))

    def _brow_rows(self) -> np.ndarray:
        """Weight of the brow's motion by height: full on the brow, none on the lids or the hair."""
        up = _smooth((self.v - self.v_first) / (self.eye.brow_v - 0.15 - self.v_first))
        low = self.eye.upper[:, 1].min() - 0.05
        down = 1.0 - _smooth((self.v - self.eye.brow_v - 0.05) / (low - self.eye.brow_v - 0.05))
        return (up * down).astype(np.float32)[:, None]
