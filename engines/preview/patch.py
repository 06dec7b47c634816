"""Carries a local map (mouth, eye) from its own small grid into the image.

A map is made at rest, in the units of its part of the face. Here it is looked up where the head's
motion has moved that part to, first on coarse cells and only then at full resolution. Points of the resting
picture and shifts are in samples (see `DoubledPicture`).
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from engines.preview.doubled import SAMPLES
from engines.preview.rig import Frame2D

NODES = 110
"""At most this many cells along a patch's longer side."""


@dataclass(frozen=True, eq=False)
class PlacedMap:
    """A local map looked up on a patch's cells.

    u, v: (rows, columns) float32 local coordinates of the source-at-rest point of each cell.
    shifts: per layer (rows, columns, 2) float32 samples. edges: per edge (rows, columns) float32 height of
    that edge at the cell's u, in local units.
    """

    u: np.ndarray
    v: np.ndarray
    shifts: tuple[np.ndarray, ...]
    edges: tuple[np.ndarray, ...]


class Patch:
    """A rectangle of the picture in which one local map acts.

    box: (x0, y0, x1, y1) pixels inside `region`, a whole number of cells unless the region ends earlier.
    """

    def __init__(
        self,
        frame: Frame2D,
        span_u: tuple[float, float],
        span_v: tuple[float, float],
        region: tuple[int, ...],
        slack: float,
        origin: tuple[int, int],
    ) -> None:
        """slack: pixels by which the head's motion may carry the part away from its rest. origin: (x, y) of
        the picture's pixel at which the samples begin.
        """
        self.frame, self.span_u, self.span_v = frame, span_u, span_v
        corners = np.array([[u, v] for u in span_u for v in span_v])
        xy = frame.to_picture(corners)
        low = np.maximum(np.floor(xy.min(axis=0) - slack), region[:2]).astype(int)
        high = np.minimum(np.ceil(xy.max(axis=0) + slack), region[2:]).astype(int)
        size = np.maximum(high - low, 1)
        self.cell = max(1, int(np.ceil(size.max() / NODES)))
        self.columns, self.rows = (int(n) for n in -(-size // self.cell))
        size = np.minimum(self.cell * np.array([self.columns, self.rows]), np.maximum(region[2:] - low, 1))
        self.box = (int(low[0]), int(low[1]), int(low[0] + size[0]), int(low[1] + size[1]))
        sampled = Frame2D(SAMPLES * (frame.origin - np.array(origin)), frame.axis, SAMPLES * frame.unit)
        self._to_local, self._to_samples = sampled.local_matrix, sampled.vector_matrix

    def place(
        self, at_rest: np.ndarray, layers: tuple[np.ndarray, ...], edges: tuple[np.ndarray, ...]
    ) -> PlacedMap:
        """Look a local map up, with two edges.

        at_rest: (h, w, 2) float32, for each pixel of the box the point of the resting picture it shows, in
        samples. layers: per layer (R, C, 2) displacement in local units. edges: two of (C,) heights.
        """
        local, grid = self._local_and_grid(at_rest, layers[0])
        shifts = tuple(self._looked_up(layer, grid) for layer in layers)
        across = cv2.extractChannel(grid, 0)
        heights = cv2.remap(
            np.repeat(np.stack(edges, axis=-1)[None], 2, axis=0),
            across,
            np.zeros_like(across),
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
        u, v = cv2.split(local)
        return PlacedMap(u, v, shifts, tuple(cv2.split(heights)))

    def place_layer(self, at_rest: np.ndarray, layer: np.ndarray) -> np.ndarray:
        """The shifts of one layer, as in `PlacedMap.shifts`."""
        return self._looked_up(layer, self._local_and_grid(at_rest, layer)[1])

    def _local_and_grid(self, at_rest: np.ndarray, layer: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where the cells are at rest, in local coordinates and in nodes of a layer."""
        local = cv2.transform(self._coarse(at_rest), self._to_local)
        rows, columns = layer.shape[:2]
        return local, cv2.transform(local, self._to_grid(rows, columns))

    def _looked_up(self, layer: np.ndarray, grid: np.ndarray) -> np.ndarray:
        return cv2.remap(
            cv2.transform(layer, self._to_samples),
            grid,
            None,
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_CONSTANT,
            borderValue=0,
        )

    def _to_grid(self, rows: int, columns: int) -> np.ndarray:
        """From local coordinates to the nodes of a map, as a (2, 3) matrix."""
        (u0, u1), (v0, v1) = self.span_u, self.span_v
        across, down = (columns - 1) / float(u1 - u0), (rows - 1) / float(v1 - v0)
        return np.array([[across, 0.0, -float(u0) * across], [0.0, down, -float(v0) * down]])

    def _coarse(self, pixels: np.ndarray) -> np.ndarray:
        if self.cell == 1:
            return pixels
        padded = self._pad(pixels)
        if self.cell % 2:  # the middle of a cell is a pixel
            return padded[self.cell // 2 :: self.cell, self.cell // 2 :: self.cell]
        return cv2.resize(padded, (self.columns, self.rows), interpolation=cv2.INTER_LINEAR)

    def _pad(self, pixels: np.ndarray) -> np.ndarray:
        bottom = self.rows * self.cell - pixels.shape[0]
        right = self.columns * self.cell - pixels.shape[1]
        if not (bottom or right):
            return pixels
        # Positions continue past the rim, so that the last cells keep their centres.
        padded = cv2.copyMakeBorder(pixels, 0, bottom, 0, right, cv2.BORDER_REPLICATE)
        if right:
            padded[:, -right:, 0] += SAMPLES * np.arange(1, right + 1, dtype=np.float32)
        if bottom:
            padded[-bottom:, :, 1] += SAMPLES * np.arange(1, bottom + 1, dtype=np.float32)[:, None]
        return padded

    def fine(self, cells: np.ndarray, rows: slice | None = None, columns: slice | None = None) -> np.ndarray:
        """Cells -> pixels of the box, or of the part that the given ranges of cells cover."""
        r0, r1 = (0, self.rows) if rows is None else (rows.start, rows.stop)
        c0, c1 = (0, self.columns) if columns is None else (columns.start, columns.stop)
        # One cell of margin, cut off again, makes a part equal to the same part of the whole.
        mr, mc = min(r0, 1), min(c0, 1)
        part = cells[r0 - mr : r1 + 1, c0 - mc : c1 + 1]
        if self.cell > 1:
            size = (part.shape[1] * self.cell, part.shape[0] * self.cell)
            part = cv2.resize(part, size, interpolation=cv2.INTER_LINEAR)
        h = min((r1 - r0) * self.cell, self.box[3] - self.box[1] - r0 * self.cell)
        w = min((c1 - c0) * self.cell, self.box[2] - self.box[0] - c0 * self.cell)
        return part[mr * self.cell : mr * self.cell + h, mc * self.cell : mc * self.cell + w]

    def pixels_of(self, rows: slice, columns: slice) -> tuple[slice, slice]:
        """The picture's rows and columns that a range of cells covers."""
        x0, y0 = self.box[:2]
        down, across = self.part_of(rows, columns)
        return slice(y0 + down.start, y0 + down.stop), slice(x0 + across.start, x0 + across.stop)

    def part_of(self, rows: slice, columns: slice) -> tuple[slice, slice]:
        """The same, counted from the beginning of the box."""
        height, width = self.box[3] - self.box[1], self.box[2] - self.box[0]
        return (
            slice(rows.start * self.cell, min(rows.stop * self.cell, height)),
            slice(columns.start * self.cell, min(columns.stop * self.cell, width)),
        )


def bounding_cells(mask: np.ndarray, margin: int) -> tuple[slice, slice] | None:
    """The smallest range of rows and columns that holds a mask, grown by a margin; None when empty."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return None
    return (
        slice(max(int(rows[0]) - margin, 0), min(int(rows[-1]) + 1 + margin, mask.shape[0])),
        slice(max(int(columns[0]) - margin, 0), min(int(columns[-1]) + 1 + margin, mask.shape[1])),
    )


def spread(weights: np.ndarray) -> np.ndarray:
    """(h, w) weights -> (h, w, 3): one array for all channels is multiplied faster than a broadcast one."""
    return cv2.merge((weights, weights, weights))


def rectangle(mask: np.ndarray) -> tuple[int, int, int, int]:
    """The smallest rectangle (x0, y0, x1, y1) that holds a mask."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
