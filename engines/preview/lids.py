"""How eyelids close and brows rise.

A closed eye needs skin that the picture does not show. It is made once per portrait (`closed_lid`):
people get the smooth surface that the skin around the eye spans over it, animals the fur from above,
drawn down. A blink then only uncovers that skin from above, behind an edge that carries the portrait's
own lashes down, while the eyeball keeps still.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from engines.preview.easing import smoothstep
from engines.preview.rig import EyeRig, Frame2D

COLUMNS = 49
ROWS = 61
REACH_U = 1.9
LASHES_OPEN, LASHES_CLOSED = 0.32, 0.13
"""Height of the lid's rim with its lashes, which moves as one piece, in half eye widths."""
MEETING = 0.90
"""Where the lids meet: share of the opening that the upper one travels; the lower one does the rest."""
BROW_RAISE = 0.16
"""How far a fully raised brow moves, in half eye widths."""

LIFT_LIMIT = 0.12
"""How far a lid rises with a gaze upwards, in half eye widths. It uncovers nothing: the eyeball stretches."""
MOST_LOWERED = 0.5
"""Of a closed lid's way, how far a gaze downwards brings it."""


@dataclass(frozen=True, eq=False)
class EyeMap:
    """One pose on the (ROWS, COLUMNS) grid, in eye units: displacements (du, dv) from an output point to
    its source, and heights along u.

    skin: the brow's lift alone. rim: the same for what moves with the upper lid's edge. ball: the same
    for eyeball and lower lid. edge: (COLUMNS,) height of the upper lid's edge. fall: (COLUMNS,) how far
    that edge has come down. rim_height: height of the rim in this pose.
    """

    skin: np.ndarray
    rim: np.ndarray
    ball: np.ndarray
    edge: np.ndarray
    fall: np.ndarray
    rim_height: float


class Lids:
    """Makes an `EyeMap` for a blink (0 open .. 1 closed) and a brow (-1..1)."""

    def __init__(self, eye: EyeRig) -> None:
        self.eye = eye
        u = np.linspace(-REACH_U, REACH_U, COLUMNS)
        self.v_first = eye.brow_v - 0.9
        self.v_last = float(eye.lower[:, 1].max()) + 0.8
        v = np.linspace(self.v_first, self.v_last, ROWS)
        self._upper, self._lower = (edge.astype(np.float32) for edge in lid_edges(eye, u))
        self._rows = v.astype(np.float32)[:, None]
        aside = 1.0 - smoothstep((np.abs(u) - 0.9) / (REACH_U - 0.95))
        self._raise = self._raise_rows(u)
        self._brow = (self._brow_rows(v)[:, None] * aside).astype(np.float32)

    @property
    def spans(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """The grid's range of u and of v, in eye units."""
        return (-REACH_U, REACH_U), (self.v_first, self.v_last)

    def map(self, blink: float, brow: float, follow: float = 0.0) -> EyeMap:
        """The displacements of one pose. follow: how far the upper lid goes down with the gaze, in eye units;
        below 0 up.
        """
        gap = self._lower - self._upper
        fall = blink * MEETING * gap
        rise = blink * (1.0 - MEETING) * gap
        edge, floor = self._upper + fall, self._lower - rise
        lift = (BROW_RAISE * brow) * self._brow
        if follow < 0:
            raised = min(-follow, LIFT_LIMIT) * (1.0 - blink)
            lift = lift + raised * self._raise
            edge = edge - raised
        layers = np.zeros((3, ROWS, COLUMNS, 2), np.float32)
        skin, rim, ball = layers
        skin[..., 1] = lift
        rim[..., 1] = lift - fall
        below = smoothstep((self._rows - floor) / 0.45)
        ball[..., 1] = lift + rise * (1.0 - below) * (self._rows >= (edge + floor) / 2)
        height = LASHES_OPEN + (LASHES_CLOSED - LASHES_OPEN) * blink
        return EyeMap(skin, rim, ball, edge, fall, height)

    def skin(self, brow: float) -> np.ndarray:
        """The layer `skin` of an open eye that looks ahead: (ROWS, COLUMNS, 2) float32."""
        skin = np.zeros((ROWS, COLUMNS, 2), np.float32)
        skin[..., 1] = (BROW_RAISE * brow) * self._brow
        return skin

    def lowered(self, blink: float, follow: float) -> float:
        """A blink of a lid that is lowered by the gaze, too: 0 open .. 1 closed."""
        way = MEETING * float((self._lower - self._upper).max())
        return blink + (1.0 - blink) * min(max(follow / max(way, 1e-3), 0.0), MOST_LOWERED)

    def _raise_rows(self, u: np.ndarray) -> np.ndarray:
        """Weight of a lid's rise: full at its edge, none at the brow and in the middle of the eye."""
        gap = np.maximum(self._lower - self._upper, 0.1)
        above = smoothstep((self._rows - self._upper + 0.55) / 0.55)
        below = 1.0 - smoothstep((self._rows - self._upper) / (0.75 * gap + 0.1))
        aside = 1.0 - smoothstep((np.abs(u) - 0.5) / 0.55)
        return (above * below * aside).astype(np.float32)

    def _brow_rows(self, v: np.ndarray) -> np.ndarray:
        """Weight of the brow's motion by height: full on the brow, none on the lids or the hair."""
        up = smoothstep((v - self.v_first) / (self.eye.brow_v - 0.15 - self.v_first))
        low = self.eye.upper[:, 1].min() - 0.05
        down = 1.0 - smoothstep((v - self.eye.brow_v - 0.05) / (low - self.eye.brow_v - 0.05))
        return up * down


def lid_edges(eye: EyeRig, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Heights of the open eye's edges at u; beyond the corners both run on the line between the corners."""
    inside = np.clip((1.0 - np.abs(u)) / 0.12, 0.0, 1.0)
    corner = np.interp(u, [-1.0, 1.0], [eye.upper[0, 1], eye.upper[-1, 1]])
    upper = np.interp(u, eye.upper[:, 0], eye.upper[:, 1])
    lower = np.interp(u, eye.lower[:, 0], eye.lower[:, 1])
    top = corner + (np.minimum(upper, lower) - corner) * inside
    return top, corner + (np.maximum(upper, lower) - corner) * inside


@dataclass(frozen=True, eq=False)
class ClosedLid:
    """The surroundings of one eye with its lid closed: (h, w, 3) uint8, beginning at `origin` (x, y)."""

    image: np.ndarray
    origin: tuple[int, int]


def closed_lid(picture: np.ndarray, eye: EyeRig, *, animal: bool) -> ClosedLid:
    """Paint the skin of a closed eye into a copy of the image around it."""
    frame = eye.frame
    corners = frame.to_picture(np.array([[u, v] for u in (-2.2, 2.2) for v in (eye.brow_v - 0.4, 1.9)]))
    height, width = picture.shape[:2]
    x0, y0 = np.clip(np.floor(corners.min(axis=0)).astype(int), 0, [width - 1, height - 1])
    x1, y1 = np.clip(np.ceil(corners.max(axis=0)).astype(int), [x0 + 1, y0 + 1], [width, height])
    part = np.ascontiguousarray(picture[y0:y1, x0:x1])
    xs, ys = np.meshgrid(np.arange(x0, x1, dtype=np.float32), np.arange(y0, y1, dtype=np.float32))
    local = frame.to_local(np.stack([xs, ys], axis=-1))
    hidden = _hidden(eye, local)
    skin = _drawn_down(picture, eye, frame, local) if animal else _membrane(part, hidden > 0, frame.unit)
    if not animal:
        # The ball under the lid makes it round: its middle catches the light.
        ball = np.clip(1.0 - (local[..., 0] / 1.1) ** 2 - (local[..., 1] / 0.9) ** 2, -0.6, 1.0)
        skin = skin * (0.955 + 0.075 * ball)[..., None]
    mixed = part + (skin - part) * hidden[..., None]
    return ClosedLid(np.rint(np.clip(mixed, 0, 255)).astype(np.uint8), (int(x0), int(y0)))


def _hidden(eye: EyeRig, local: np.ndarray) -> np.ndarray:
    """Weight (h, w) of what a closed lid covers: the eyeball and the lashes above it, soft at its rim."""
    u, v = local[..., 0], local[..., 1]
    # Past the corners there are lashes too.
    upper, lower = lid_edges(eye, np.clip(u / 1.12, -1.2, 1.2).ravel())
    upper, lower = upper.reshape(u.shape), lower.reshape(u.shape)
    arch = np.sqrt(np.clip(1.0 - (u / 1.25) ** 2, 0.0, 1.0))
    top, bottom = upper - LASHES_OPEN * arch, lower + 0.06 * arch
    # The crease above the lid is a soft fold, the line below it is where lids meet.
    return (
        smoothstep((v - top) / 0.24 + 0.4)
        * smoothstep((bottom - v) / 0.10 + 0.5)
        * smoothstep((1.25 - np.abs(u)) / 0.3)
    )


def _membrane(part: np.ndarray, hole: np.ndarray, unit: float) -> np.ndarray:
    """The smoothest surface over a hole that meets the skin around it (Laplace's equation), float32."""
    scale = min(1.0, 14.0 / max(unit, 1.0))
    size = (max(8, round(part.shape[1] * scale)), max(8, round(part.shape[0] * scale)))
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    known = cv2.resize((~hole).astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.98
    known = cv2.erode(known.astype(np.uint8), np.ones((2, 2), np.uint8)).astype(bool)
    if not known.any() or known.all():
        return part.astype(np.float32)
    # Single hairs and lashes at the rim would run as streaks over the lid.
    rim = cv2.medianBlur(np.rint(small).astype(np.uint8), 3).astype(np.float32)
    surface = rim.copy()
    surface[~known] = rim[known].mean(axis=0)
    unknown = np.ascontiguousarray(np.broadcast_to(~known[..., None], surface.shape))
    for _ in range(240):
        np.copyto(surface, cv2.blur(surface, (3, 3), borderType=cv2.BORDER_REPLICATE), where=unknown)
    return cv2.resize(surface, (part.shape[1], part.shape[0]), interpolation=cv2.INTER_CUBIC)


def _drawn_down(picture: np.ndarray, eye: EyeRig, frame: Frame2D, local: np.ndarray) -> np.ndarray:
    """The fur between brow and eye, stretched until it covers the eye, float32."""
    u, v = local[..., 0], local[..., 1]
    upper, lower = (edge.reshape(u.shape) for edge in lid_edges(eye, u.ravel()))
    # Neighbouring columns pull together, or a round eye would leave folds at its sides.
    fall = cv2.GaussianBlur(MEETING * (lower - upper), (0, 0), max(0.3 * frame.unit, 0.5))
    start = eye.brow_v - 0.3
    t = np.clip((v - start) / np.maximum(upper + fall - start, 1e-3), 0.0, 1.2)
    source = frame.to_picture(
        np.stack([u, v - fall * t**1.15 - LASHES_OPEN * t**3], axis=-1).astype(np.float32)
    )
    return cv2.remap(picture, source, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE).astype(
        np.float32
    )
