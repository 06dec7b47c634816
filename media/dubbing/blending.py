"""Paints patches into stored planes: only what a patch changes is added to them.

A patch was painted over the RGB picture of its frame. The planes get the difference between the two, turned
to Y, U and V and weighted by alpha: bits below 8, and what the picture lost in its conversion, stay.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from media.dubbing.facts import SourceFacts
from media.dubbing.stored_picture import Layout, laid_down, layout_of, matrix_of
from media.dubbing.values import PaintedPatch

_WEIGHTS = {
    1: (0.2126, 0.0722),
    4: (0.30, 0.11),
    5: (0.299, 0.114),
    6: (0.299, 0.114),
    7: (0.212, 0.087),
    9: (0.2627, 0.0593),
}
"""Weights of red and blue in luma by the matrix (ITU-T H.273, table 4)."""


class PatchBlender:
    """Blends the patches of one source's frames."""

    def __init__(self, facts: SourceFacts) -> None:
        self._layout: Layout = layout_of(facts)
        self._size = facts.size
        self._turns, self._mirrored = facts.quarter_turns, facts.mirrored
        red, blue = _WEIGHTS[matrix_of(facts.colours, facts.stored_size[1])]
        luma = np.array([red, 1 - red - blue, blue])
        rows = [
            luma,
            (np.array([0, 0, 1]) - luma) / (2 * (1 - blue)),
            (np.array([1, 0, 0]) - luma) / (2 * (1 - red)),
        ]
        depth = self._layout.depth
        if facts.colours.full_range:
            scales = [((1 << depth) - 1) / 255] * 3
        else:
            scales = [(1 << (depth - 8)) * span / 255 for span in (219, 224, 224)]
        # (3, 3) float32: a difference in RGB, as a column, becomes one in Y, U and V
        self._matrix = np.array([row * scale for row, scale in zip(rows, scales, strict=True)], np.float32)
        self._largest = (1 << depth) - 1

    def blend(
        self, planes: Sequence[np.ndarray], picture: np.ndarray, patches: Sequence[PaintedPatch]
    ) -> None:
        """Change the planes in place.

        planes: Y, U and V as stored. picture: (H, W, 3) uint8, the upright picture that the patches were
        painted over. Patches are blended in order; what lies outside of the picture is left out.
        """
        for patch in patches:
            change, box = self._change(picture, patch)
            if change is not None:
                self._add(planes, change, box)

    def _change(
        self, picture: np.ndarray, patch: PaintedPatch
    ) -> tuple[np.ndarray | None, tuple[int, int, int, int]]:
        """(h, w, 3) float32: the weighted change in RGB, as stored, and its box x0, y0, x1, y1 there."""
        height, width = patch.alpha.shape
        if patch.pixels.shape != (height, width, 3):
            raise ValueError(f"a patch has pixels of {patch.pixels.shape} and alpha of {patch.alpha.shape}")
        (wide, high), x, y = self._size, int(patch.x), int(patch.y)
        x0, y0, x1, y1 = max(0, x), max(0, y), min(wide, x + width), min(high, y + height)
        if x0 >= x1 or y0 >= y1:
            return None, (0, 0, 0, 0)
        inner = slice(y0 - y, y1 - y), slice(x0 - x, x1 - x)
        alpha = np.clip(patch.alpha[inner], 0.0, 1.0).astype(np.float32)
        change = cv2.subtract(patch.pixels[inner], picture[y0:y1, x0:x1], dtype=cv2.CV_32F)
        change *= alpha[..., None]
        return laid_down(change, self._turns, self._mirrored), self._stored_box((x0, y0, x1, y1))

    def _stored_box(self, box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
        """Where an upright box lies in the stored picture."""
        (x0, y0, x1, y1), (width, height) = box, self._size
        for _ in range(self._turns):  # back, to the right
            x0, y0, x1, y1 = height - y1, x0, height - y0, x1
            width, height = height, width
        return (width - x1, y0, width - x0, y1) if self._mirrored else (x0, y0, x1, y1)

    def _add(self, planes: Sequence[np.ndarray], change: np.ndarray, box: tuple[int, int, int, int]) -> None:
        across, down = self._layout.steps
        x0, y0, x1, y1 = box
        left, top = x0 % across, y0 % down
        right, bottom = -x1 % across, -y1 % down
        if left or top or right or bottom:  # to whole chroma samples
            change = np.pad(change, ((top, bottom), (left, right), (0, 0)))
        x0, y0 = x0 - left, y0 - top
        height, width = change.shape[:2]
        changes = cv2.transform(np.ascontiguousarray(change), self._matrix)
        self._add_plane(planes[0], changes[..., 0], x0, y0)
        means = cv2.resize(changes, (width // across, height // down), interpolation=cv2.INTER_AREA)
        for number in (1, 2):
            self._add_plane(planes[number], means[..., number], x0 // across, y0 // down)

    def _add_plane(self, plane: np.ndarray, values: np.ndarray, x: int, y: int) -> None:
        """Values beyond the plane are padding."""
        part = plane[y : y + values.shape[0], x : x + values.shape[1]]
        values = values[: part.shape[0], : part.shape[1]]
        if part.dtype == np.uint8:
            part[:] = cv2.add(part, np.ascontiguousarray(values), dtype=cv2.CV_8U)  # rounds, and keeps 0..255
        else:
            part[:] = np.clip(np.rint(part + values), 0, self._largest)
