"""The upper teeth in the reference of a track: how far down they reach, and how they look without shade."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from engines.preview.lips import Lips
from engines.preview.rig import MouthRig

LOWEST_TOOTH, LONGEST_TOOTH = 0.10, 0.35
"""How far the upper teeth reach below the closed lips' seam, in half mouth widths: the first if no gap shows
where they end, since the lower ones may follow; the second at most.
"""
GAP = 0.06
"""Half mouth widths between the upper teeth and the lower lip from which their end is sure."""
DARKER = 0.6
"""Share of a tooth's light below which it has ended."""
MOST_COLUMNS = 0.6
"""Share of the columns in the middle of the mouth in which the end must show."""
RIM = 0.08
"""Half mouth widths below the upper lip's edge in which lip and teeth mix."""
SHADE, SHADED, SIDE_SHADE, SIDE = 0.5, 0.13, 0.45, 0.35
"""The shade of the upper lip and of the corners as `Cavity` paints it: how dark, and how far it reaches."""


def lowest_tooth(picture: np.ndarray, mouth: MouthRig, lips: Lips) -> float:
    """How far the upper teeth of an (H, W, 3) uint8 RGB picture reach below the seam of the closed lips, in
    half mouth widths.
    """
    u, v = np.linspace(-0.35, 0.35, 29), np.linspace(-0.2, LONGEST_TOOTH + GAP, 62)
    seam = lips.seam(u)
    points = np.stack([np.tile(u, (len(v), 1)), v[:, None] + seam], axis=-1)
    xy = mouth.frame.to_picture(points).astype(np.float32)
    light = cv2.remap(picture, xy[..., 0], xy[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    light = light.astype(np.float32).mean(axis=2)
    upper, lower = (
        np.interp(u, edge[:, 0], edge[:, 1]) - seam for edge in (mouth.inner_upper, mouth.inner_lower)
    )
    tooth = (v[:, None] > upper + RIM) & (v[:, None] < LOWEST_TOOTH)
    brightest = np.where(tooth, light, 0.0).max(axis=0)
    ended = (v[:, None] > 0.0) & (light < DARKER * brightest)
    first = np.where(ended.any(axis=0), v[ended.argmax(axis=0)], np.inf)
    sure = (first < lower - GAP) & (first <= LONGEST_TOOTH)
    if sure.mean() < MOST_COLUMNS:
        return LOWEST_TOOTH
    return float(np.clip(np.median(first[sure]), LOWEST_TOOTH, LONGEST_TOOTH))


def without_rim(mouth: MouthRig) -> MouthRig:
    """A mouth whose opening begins below the rim of the upper lip, where only teeth show."""
    return replace(mouth, inner_upper=mouth.inner_upper + np.array([0.0, RIM]))


def without_shade(picture: np.ndarray, mouth: MouthRig) -> np.ndarray:
    """An (H, W, 3) uint8 RGB picture whose open mouth is as light as without the shade of lip and corners:
    the painted mouth gets its own.
    """
    height, width = picture.shape[:2]
    x, y = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)[:, None]
    (ux, uy, u0), (vx, vy, v0) = mouth.frame.local_matrix.astype(np.float32)
    u, v = ux * x + (uy * y + u0), vx * x + (vy * y + v0)
    below, above = (
        v - np.interp(u, edge[:, 0], edge[:, 1]) for edge in (mouth.inner_upper, mouth.inner_lower)
    )
    inside = (below > RIM) & (above < 0.0) & (np.abs(u) < 1.0)
    shade = 1.0 - SHADE * np.clip(1.0 - below / SHADED, 0.0, 1.0)
    shade *= 1.0 - SIDE_SHADE * np.clip(np.abs(u) - SIDE, 0.0, 1.0)
    lit = picture.copy()
    lit[inside] = np.rint(np.minimum(picture[inside] / shade[inside, None], 255.0))
    return lit
