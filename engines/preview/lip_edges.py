"""How much of each pixel around an open mouth belongs to the upper lip, the lower lip and the inside."""

from __future__ import annotations

import cv2
import numpy as np

from engines.preview.patch import spread

SEAM = 0.3
"""How much darker lips are where they meet."""


class LipEdges:
    """The shares of the pixels around one opening.

    inside: (h, w) float32, 0..1, the share of what is painted between the lips.
    """

    def __init__(
        self,
        below_upper: np.ndarray,
        above_lower: np.ndarray,
        unit: float,
        keep_gap: float = 0.0,
        *,
        animal: bool = False,
        closed: np.ndarray | None = None,
    ) -> None:
        """below_upper, above_lower: (h, w) float32 distances from the lips' edges in half mouth widths.
        unit: pixels of half the mouth's width. keep_gap: as in `MouthPose`. closed: (h, w) how far
        lips that meet were parted in the picture, 0..1: they have no shadow between them yet.
        """
        # Lip edges are as soft as the picture is: about a pixel, or 2 % of the mouth on large faces.
        # Fur has no sharp edge.
        soft = max(1.2, (0.10 if animal else 0.03) * unit) / unit
        on_upper = np.clip(0.5 - below_upper / soft, 0.0, 1.0)
        on_lower = np.clip(0.5 - above_lower / soft, 0.0, 1.0)
        total = np.maximum(on_upper + on_lower, 1.0)
        on_upper, on_lower = on_upper / total, on_lower / total
        self.inside: np.ndarray = 1.0 - on_upper - on_lower
        # Lips turn inwards where they part: their rims darken as the gap grows.
        parted = np.clip((below_upper + above_lower) / 0.12, 0.0, 1.0)
        gap = (0.38 * (1.0 - keep_gap)) * parted
        if closed is not None:
            gap += SEAM * closed * (1.0 - parted)
        if gap.any():
            on_upper *= 1.0 - gap * np.exp(np.clip(below_upper, None, 0.0) / 0.045)
            on_lower *= 1.0 - gap * np.exp(np.clip(above_lower, None, 0.0) / 0.045)
        self._on_upper, self._on_lower = on_upper, on_lower

    @property
    def opening(self) -> bool:
        """Whether anything shows between the lips."""
        return float(self.inside.max()) > 1e-3

    @property
    def on_lips(self) -> np.ndarray:
        """(h, w) float32, 0..1: what the lips give to each pixel; less at rims that lie in shadow."""
        return self._on_upper + self._on_lower

    def lips(self, upper: np.ndarray, lower: np.ndarray) -> np.ndarray:
        """Both lips, (h, w, 3) float32, 0 where only the inside shows. upper, lower: (h, w, 3) uint8 RGB of
        either layer.
        """
        mixed: np.ndarray = cv2.multiply(upper, spread(self._on_upper), dtype=cv2.CV_32F)
        mixed += cv2.multiply(lower, spread(self._on_lower), dtype=cv2.CV_32F)
        return mixed
