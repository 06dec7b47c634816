"""Colours of an eye's parts, also where a lid or the iris hides them: its white and its whole iris."""

from __future__ import annotations

import cv2
import numpy as np

SMOOTH_SIDE = 64
"""Samples in which the white is computed: it is smooth."""
HIGHLIGHT = 85
"""Percentile of an eye's light from which its highlights are."""


def smooth_white(own: np.ndarray, known: np.ndarray) -> np.ndarray:
    """The eye's white as if there were no iris, (h, w, 3) float32, smooth.

    known: (h, w) bool, where the white is seen. Its lighter half counts: the rest is lashes, veins and the
    shade of the lids. What is left of the portrait's own grain is added by the caller.
    """
    light = cv2.cvtColor(own, cv2.COLOR_RGB2GRAY).astype(np.float32)
    middle, high = np.percentile(light[known], [45, 85])
    weight = known * np.clip((light - middle) / max(float(high - middle), 1.0) + 0.02, 0.0, 1.0)
    weight = weight.astype(np.float32)
    return _spread_means(own, weight)


def _spread_means(own: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Means of the samples around each, (h, w, 3) float32, smooth. weight: (h, w) float32 of each sample."""
    # Means over wider and wider surroundings; the narrowest that knows something counts most.
    scale = min(1.0, SMOOTH_SIDE / max(weight.shape))
    size = (max(1, round(weight.shape[1] * scale)), max(1, round(weight.shape[0] * scale)))
    weighted = cv2.resize(own * weight[..., None], size, interpolation=cv2.INTER_AREA)
    weight = cv2.resize(weight, size, interpolation=cv2.INTER_AREA)
    colours, total = np.zeros(weighted.shape, np.float32), np.full(weight.shape, 1e-9, np.float32)
    for share, trust in ((0.06, 1.0), (0.15, 0.06), (0.4, 0.003)):
        sigma = share * size[0]
        colours += trust * cv2.GaussianBlur(weighted, (0, 0), sigma)
        total += trust * cv2.GaussianBlur(weight, (0, 0), sigma)
    small = colours / total[..., None]
    return np.asarray(cv2.resize(small, own.shape[1::-1], interpolation=cv2.INTER_CUBIC), np.float32)


def continued_eye(own: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """An eye in one piece, (h, w, 3) float32, that goes on under the lids as it ends at them."""
    light = cv2.cvtColor(own, cv2.COLOR_RGB2GRAY)
    inside = seen[..., 0] > 0.5
    if not inside.any():
        return own.astype(np.float32)
    # A highlight is one spot, and does not go on.
    weight = (inside & (light <= np.percentile(light[inside], HIGHLIGHT))).astype(np.float32)
    filled = _spread_means(own, weight)
    return np.asarray(filled + seen * (own - filled), np.float32)


def whole_iris(own: np.ndarray, clear: np.ndarray, centre: np.ndarray, radius: float) -> np.ndarray:
    """The iris's colours (h, w, 3) float32, with those parts that a lid hides taken from opposite ones."""
    height, width = clear.shape
    xs, ys = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    seen = clear.astype(np.float32)
    mirrored_y = 2 * float(centre[1]) - ys
    mirrored = cv2.remap(
        own.astype(np.float32), xs, mirrored_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    mirrored_seen = cv2.remap(seen, xs, mirrored_y, cv2.INTER_LINEAR, borderValue=0)
    # Where neither half shows anything: the mean at the same distance from the middle.
    away = np.hypot(xs - centre[0], ys - centre[1]) / radius
    rings = np.minimum((away * 12).astype(int), 17)
    inside = clear & (away < 1.3)
    means = np.empty((18, 3), np.float32)
    known = own[inside] if inside.any() else own.reshape(-1, 3)
    for ring in range(18):
        here = inside & (rings == ring)
        means[ring] = own[here].mean(axis=0) if here.sum() > 3 else known.mean(axis=0)
    colours = cv2.GaussianBlur(means[rings], (0, 0), max(0.8, 0.06 * radius))
    colours += (mirrored - colours) * _soft(mirrored_seen, radius)
    colours += (own - colours) * _soft(seen, radius)
    return np.asarray(colours, np.float32)


def _soft(seen: np.ndarray, radius: float) -> np.ndarray:
    """A mask, (h, w, 1), that fades inwards, so that what replaces the hidden part has no edge."""
    size = max(3, int(0.2 * radius) | 1)
    inner = cv2.erode(seen, np.ones((size, size), np.uint8))
    return cv2.GaussianBlur(inner, (0, 0), max(0.6, size / 4))[..., None]
