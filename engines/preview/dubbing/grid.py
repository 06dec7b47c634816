"""The map of one mouth's pose, carried from its grid into the pixels of a frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np

from engines.preview.easing import smoothstep
from engines.preview.lips import COLUMNS, REACH_U, ROWS, Lips, MouthMap
from engines.preview.rig import Frame2D

SHOWS_FROM, SHOWS = 0.08, 0.5
"""Pixels by which a pixel moves at least to be painted, and from which it is painted fully."""
AROUND = 1.06
"""|u| up to which the lips' edges are drawn, if they are sharp."""

Points: TypeAlias = tuple[np.ndarray, np.ndarray]
"""x and y, (h, w) float32 each."""


@dataclass(frozen=True)
class PixelBox:
    """A rectangle of pixels; x1 and y1 lie outside."""

    x0: int
    y0: int
    x1: int
    y1: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return self.x1 - self.x0, self.y1 - self.y0

    def inner(self, other: PixelBox) -> tuple[slice, slice]:
        """The rows and columns of a rectangle in this one."""
        return (
            slice(other.y0 - self.y0, other.y1 - self.y0),
            slice(other.x0 - self.x0, other.x1 - self.x0),
        )


@dataclass(frozen=True, eq=False)
class LipSeams:
    """Lips and seam at the pixels of a rectangle.

    upper, lower: points of the frame that either layer shows. u: local coordinate, (h, w). below_upper,
    above_lower, below_seam: (h, w) distances from the lips' edges and from the line on which they meet, in
    half mouth widths. reach: how far around the opening the lips are drawn. side: |u| up to which they are.
    """

    upper: Points
    lower: Points
    u: np.ndarray
    below_upper: np.ndarray
    above_lower: np.ndarray
    below_seam: np.ndarray
    reach: float
    side: float

    @property
    def near(self) -> np.ndarray:
        """(h, w) 1 at the opening and the lips' rims, falling softly to 0 around them."""
        near = np.clip((self.side - np.abs(self.u)) / max(0.06, self.side - AROUND), 0.0, 1.0)
        for away in (self.below_upper, self.above_lower):
            near *= np.clip((away + self.reach) / (0.5 * self.reach), 0.0, 1.0)
        return near

    def around(self, reach: float) -> np.ndarray:
        """(h, w) 1 between the lips and within half of a reach around, falling softly to 0 at the reach.

        reach: in half mouth widths.
        """
        across = np.maximum(np.abs(self.u) - 1.0, 0.0)
        down = np.maximum(np.maximum(-self.below_upper, -self.above_lower), 0.0)
        return smoothstep(2.0 - 2.0 * np.hypot(across, down) / reach)


class MouthGrid:
    """The map of one pose on its grid, and its way into the pixels of a frame."""

    def __init__(self, lips: Lips, mouth: MouthMap, frame: Frame2D, soft: float = 0.0) -> None:
        """soft: pixels as far as which the lips' edges are blurred."""
        self.frame = frame
        self._soft = soft / frame.unit
        self._lips, self._map = lips, mouth
        self._step = lips.u[1] - lips.u[0], lips.v[1] - lips.v[0]
        on_jaw = lips.v[:, None] > (mouth.upper_edge + mouth.lower_edge) / 2
        moved = np.where(on_jaw[..., None], mouth.lower, mouth.upper)
        self._moved = cv2.transform(moved, frame.vector_matrix).astype(np.float32)
        far = np.hypot(self._moved[..., 0], self._moved[..., 1])
        self._alpha = (smoothstep((far - SHOWS_FROM) / (SHOWS - SHOWS_FROM)) * self._rim).astype(np.float32)

    def box(self, shape: tuple[int, ...]) -> PixelBox | None:
        """The pixels of the frame in which anything is painted; None if there are none."""
        rows, columns = np.flatnonzero(self._alpha.any(axis=1)), np.flatnonzero(self._alpha.any(axis=0))
        if not len(rows):
            return None
        u, v = self._lips.u, self._lips.v
        # The pixels between a painted node and its neighbours are painted, too.
        left, right = u[max(columns[0] - 1, 0)], u[min(columns[-1] + 1, COLUMNS - 1)]
        top, bottom = v[max(rows[0] - 1, 0)], v[min(rows[-1] + 1, ROWS - 1)]
        return self._around((left, right), (top, bottom), PixelBox(0, 0, shape[1], shape[0]))

    def mouth_box(self, within: PixelBox) -> PixelBox | None:
        """The part of it in which the lips' edges are drawn."""
        columns = np.abs(self._lips.u) < self._side
        top = float(self._map.upper_edge[columns].min()) - self._reach
        bottom = float(self._map.lower_edge[columns].max()) + self._reach
        return self._around((-self._side, self._side), (top, bottom), within)

    @property
    def _reach(self) -> float:
        return 0.06 + 2.0 / self.frame.unit + self._soft

    @property
    def _side(self) -> float:
        return AROUND + self._soft

    def _around(self, u: tuple[float, float], v: tuple[float, float], within: PixelBox) -> PixelBox | None:
        xy = self.frame.to_picture(np.array([[a, b] for a in u for b in v]))
        (x0, y0), (x1, y1) = np.floor(xy.min(axis=0)), np.ceil(xy.max(axis=0)) + 1
        box = PixelBox(
            max(int(x0), within.x0), max(int(y0), within.y0), min(int(x1), within.x1), min(int(y1), within.y1)
        )
        return box if box.x0 < box.x1 and box.y0 < box.y1 else None

    def _to_grid(self, box: PixelBox) -> np.ndarray:
        """From the pixels of a rectangle to the nodes of the grid, as a (2, 3) matrix."""
        matrix = self.frame.local_matrix
        matrix[:, 2] += matrix[:, :2] @ [box.x0, box.y0]
        matrix[:, 2] -= [self._lips.u[0], self._lips.v[0]]
        return np.asarray(matrix / np.array(self._step)[:, None])

    def _spread(self, nodes: np.ndarray, box: PixelBox) -> np.ndarray:
        """Values of the nodes, up to four each, at the pixels of a rectangle."""
        return np.asarray(
            cv2.warpAffine(
                nodes,
                self._to_grid(box),
                box.size,
                flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_CONSTANT,
                borderValue=0,
            )
        )

    def fields(self, box: PixelBox) -> tuple[Points, np.ndarray]:
        """For each pixel, the point of the frame that it shows, and its alpha (h, w), float32."""
        x, y, alpha = (self._spread(values, box) for values in (*cv2.split(self._moved), self._alpha))
        x += np.arange(box.x0, box.x1, dtype=np.float32)
        y += np.arange(box.y0, box.y1, dtype=np.float32)[:, None]
        return (x, y), alpha

    @property
    def _rim(self) -> np.ndarray:
        """(ROWS, COLUMNS) 1 inside, falling softly to 0 at the rim of the grid."""
        across = 1.0 - smoothstep((np.abs(self._lips.u) - (REACH_U - 0.5)) / 0.4)
        v = self._lips.v
        down = smoothstep((v - v[0]) / 0.3 - 0.2) * smoothstep((v[-1] - v) / 0.3 - 0.2)
        return np.outer(down, across)

    def seams(self, box: PixelBox) -> LipSeams:
        """Both layers and the edges at the pixels of a rectangle around the opening."""
        lips, mouth = self._lips, self._map
        vectors = self.frame.vector_matrix
        xs = np.arange(box.x0, box.x1, dtype=np.float32)
        ys = np.arange(box.y0, box.y1, dtype=np.float32)[:, None]

        def points(layer: np.ndarray) -> Points:
            x, y = (self._spread(part, box) for part in cv2.split(cv2.transform(layer, vectors)))
            return x + xs, y + ys

        def below(edge: np.ndarray) -> np.ndarray:
            nodes = np.broadcast_to(edge.astype(np.float32), (ROWS, COLUMNS))
            return v - self._spread(np.ascontiguousarray(nodes), box)

        (ux, uy, u0), (vx, vy, v0) = self.frame.local_matrix.astype(np.float32)
        u, v = ux * xs + (uy * ys + u0), vx * xs + (vy * ys + v0)
        return LipSeams(
            upper=points(mouth.upper),
            lower=points(mouth.lower),
            u=u,
            below_upper=below(mouth.upper_edge),
            above_lower=-below(mouth.lower_edge),
            below_seam=below(lips.seam(lips.u)),
            reach=self._reach,
            side=self._side,
        )
