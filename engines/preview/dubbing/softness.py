"""How soft a frame is around a face: out of focus, blurred by motion, or enlarged.

The inside of a mouth is painted with sharp edges. In a frame that is softer than they are, they are blurred
as the frame is, across and down, because motion blurs one direction.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

REGION = (105, 334, 33, 263, 50, 280, 2)
"""Landmarks of brows, eyes, cheeks and nose: the rectangle around them holds sharp edges, neither the lips
nor much of what is behind the head.
"""
AGAIN, AGAIN_SHARE = 1.5, 0.12
"""Standard deviation of the second blur, in pixels at least, and in half mouth widths."""
SHARP, SHARP_SHARE = 0.6, 0.015
"""Softness of the painted edges, in pixels and in half mouth widths: sharp videos measure 0.3 to 0.7 px."""
LEAST, MOST_SHARE = 0.3, 0.5
"""A blur of fewer pixels does not show; one of more half mouth widths is not added."""
PIXELS = 15_000
"""About as many are measured in either direction; of a larger face, whole lines are left out."""
_FAINT = 1.0
"""Fourth power of the gradient below which a picture has no edges: it counts as sharp."""


@dataclass(frozen=True)
class Softness:
    """Standard deviations of a Gaussian blur across and down, in pixels; 0 if nothing is to be blurred."""

    across: float
    down: float

    @property
    def reach(self) -> float:
        """Pixels as far as which the blur carries an edge."""
        return 2.0 * max(self.across, self.down)

    def __bool__(self) -> bool:
        return self.reach > 0.0

    def blur(self, values: np.ndarray) -> np.ndarray:
        """(h, w) or (h, w, 3) float32 values, blurred."""
        down, across = (max(sigma, 0.05) for sigma in (self.down, self.across))
        return np.asarray(
            cv2.GaussianBlur(values, (0, 0), across, sigmaY=down, borderType=cv2.BORDER_REPLICATE)
        )


def softness(picture: np.ndarray, landmarks: np.ndarray, unit: float) -> Softness:
    """What to blur painted edges by so that they are as soft as a frame around a face.

    picture: (H, W, 3) uint8 RGB. landmarks: (478, 3) pixels. unit: half the mouth's width in pixels.
    """
    points = landmarks[list(REGION), :2]
    height, width = picture.shape[:2]
    x0, y0 = np.clip(np.floor(points.min(axis=0)), 0, [width, height]).astype(int)
    x1, y1 = np.clip(np.ceil(points.max(axis=0)) + 1, 0, [width, height]).astype(int)
    part = picture[y0:y1, x0:x1]
    if min(part.shape[:2]) < 8:
        return Softness(0.0, 0.0)
    rows, columns = (max(part.shape[0] * part.shape[1] // PIXELS, 1),) * 2
    again = max(AGAIN, AGAIN_SHARE * unit)
    across = _width_of_edges(part[::rows], again)
    down = _width_of_edges(part[:, ::columns].transpose(1, 0, 2), again)
    sharp = SHARP**2 + (SHARP_SHARE * unit) ** 2
    added = [min(max(edge**2 - sharp, 0.0) ** 0.5, MOST_SHARE * unit) for edge in (across, down)]
    return Softness(*added) if max(added) > LEAST else Softness(0.0, 0.0)


def _width_of_edges(lines: np.ndarray, again: float) -> float:
    """Standard deviation, in pixels, of the blur of the edges along the lines of an (h, w, 3) picture.

    Blurring an edge of the width s again by r makes it sqrt(s² + r²) wide and its gradient lower by the ratio
    of both widths (Zhuo and Sim 2011, equations 5 to 7). The fourth power of the gradient, whose sum over
    an edge falls with the third power of its width, lets the sharpest edges decide.
    """
    light = cv2.cvtColor(np.ascontiguousarray(lines), cv2.COLOR_RGB2GRAY).astype(np.float32)
    blurred = cv2.GaussianBlur(light, (2 * round(3 * again) + 1, 1), again)
    first, second = (_edges(values) for values in (light, blurred))
    if first < _FAINT or second <= 0.0:
        return 0.0
    ratio = (first / second) ** (2.0 / 3.0)
    return float(again / max(ratio - 1.0, 1e-4) ** 0.5)


def _edges(light: np.ndarray) -> float:
    gradient = np.diff(light, axis=1)
    gradient *= gradient
    return float(np.vdot(gradient, gradient)) / gradient.size
