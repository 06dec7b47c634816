"""The opening between an eye's lids: how far each sample lies inside it, and where lashes and rims end."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import cv2
import numpy as np

from engines.preview.easing import smoothstep
from engines.preview.lids import lid_edges
from engines.preview.rig import EyeRig, Frame2D

LASHES, LOWER_RIM = (0.06, 0.14), (-0.02, 0.05)
"""Half eye widths from the upper and the lower lid between which the portrait's own eye begins. Nearer are
lashes and rims, which the lids take along."""


@dataclass(frozen=True, eq=False)
class Opening:
    """Where an eye's samples lie between its lids; distances in half eye widths, arrays (h, w)."""

    below: np.ndarray
    """float64, below the upper lid."""
    above: np.ndarray
    """float32, above the lower lid."""
    sideways: np.ndarray
    """float64, from the eye's middle; its corners are at 1."""
    soft: float
    """Over how much the opening's edge fades."""

    @classmethod
    def of(cls, eye: EyeRig, frame: Frame2D, shape: tuple[int, ...]) -> Self:
        """frame: of the eye, in samples. shape: rows and columns of samples."""
        height, width = shape
        xs, ys = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        local = frame.to_local(np.stack([xs, ys], axis=-1))
        upper, lower = (edge.reshape(xs.shape) for edge in lid_edges(eye, local[..., 0].ravel()))
        above = (lower - local[..., 1]).astype(np.float32)
        return cls(local[..., 1] - upper, above, np.abs(local[..., 0]), max(0.07, 1.5 / frame.unit))

    @cached_property
    def depth(self) -> np.ndarray:
        """Distance to the nearest edge of the opening; below 0 outside of it."""
        return np.minimum(np.minimum(self.below.astype(np.float32), self.above), 1.0 - self.sideways)

    def share(self) -> np.ndarray:
        """float32: 1 inside the opening, 0 outside."""
        return smoothstep((self.depth + 0.25 * self.soft) / self.soft).astype(np.float32)

    def seen(self) -> np.ndarray:
        """(h, w, 3) float32: 1 where the eye itself is seen, 0 from the lashes and rims on."""
        rims = (
            (self.below.astype(np.float32), LASHES),
            (self.above, LOWER_RIM),
            (1.0 - self.sideways, LOWER_RIM),
        )
        clear_of = [
            smoothstep((far - start) / (end - start)).astype(np.float32) for far, (start, end) in rims
        ]
        return cv2.merge([np.minimum.reduce(clear_of)] * 3)
