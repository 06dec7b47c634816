"""The person's own colours at the rim of a cut-out, without the old background that shines through there."""

from __future__ import annotations

import numpy as np

FAR, NEAR = 0.06, 0.006
"""Radii of the two passes, as fractions of the longest side: 90 and 6 pixels in Forte (2021)."""
SPREAD_SIDE = 640
"""Pixels of the longer side while the person's colours are spread: a frame of a video takes half the time."""
BLURRED_RADIUS = 6.0
"""Pixels of a radius while colours are blurred: the image is reduced until its radius is this small."""
RIM = 0.02
"""How far from the mask's outline its opacity is judged by the colours, as a fraction of the longest side."""
AROUND = 1.5
"""How far beside this band both colours are looked up, in its widths."""
UNLIKE = 18.0
"""Distance of the two colours, in levels of 255, from which they decide half of the opacity."""
OFF = 20.0
"""Distance of a pixel from the line between both colours, in levels, at which they decide 61 % as much."""
NOISE = 0.06
"""A smaller part of either colour is unevenness of the other."""
JOINED, SMOOTH = 1 / 8, 30.0
"""Of the guided filter (He et al., 2010) that joins the judged opacity to the image's edges: its radius in
widths of the band, and its squared levels.
"""


def exact_mask(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """(H, W) float32: a mask whose rim follows the colours of the (H, W, 3) uint8 image.

    mask: (H, W) float32, 0..1, whose outline is about right, but soft. Along the outline, the opacity of a
    pixel is where its colour lies between the person's and the background's beside it. Where these are alike,
    or vary as much as they differ, or the pixel has a third colour, the mask stays as it is.
    """
    import cv2

    reach = max(2.0, RIM * max(mask.shape))
    inside = mask > 0.5
    near = _nearness(inside, reach)
    band = near > 0
    if not band.any():
        return mask
    person, own, known = _colours(image, inside & ~band, AROUND * reach, band)
    behind, other, known_behind = _colours(image, ~inside & ~band, AROUND * reach, band)
    line, seen = person - behind, image[band] - behind
    length = np.square(line).sum(axis=1)
    judged = (seen * line).sum(axis=1) / np.maximum(length, 1.0)
    judged = np.clip((judged - NOISE) / (1 - 2 * NOISE), 0.0, 1.0)
    off = np.square(seen - judged[:, None] * line).sum(axis=1)
    weight = length / (length + UNLIKE**2 + 2 * (own + other)) * np.exp(-off / (2 * OFF**2))
    weight *= known & known_behind  # neither is beside a person who fills the picture
    weight *= np.minimum(1.0, 2 * near[band])  # no step where the band begins
    mixed = mask.astype(np.float32)
    mixed[band] += weight * (judged - mixed[band])
    radius = max(1, round(JOINED * reach))
    smooth = cv2.ximgproc.guidedFilter(np.ascontiguousarray(image), mixed, radius, SMOOTH)
    mixed[band] = np.clip(smooth[band], 0.0, 1.0)
    return mixed


def own_colours(image: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """(H, W, 3) uint8: the person's colours, also where the background shines through, and beyond.

    image: (H, W, 3) uint8. mask: (H, W) float32, the opacity, 0..1. Two passes of blur fusion (Forte 2021,
    "Approximate Fast Foreground Colour Estimation"); only the last step works at full size.
    """
    import cv2

    height, width = mask.shape
    scale = min(1.0, SPREAD_SIDE / max(mask.shape))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    seen = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    opacity = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)[:, :, None].astype(np.float32)
    person, behind = seen, seen
    for share in (FAR, NEAR):
        around = _spread(person, opacity, share * max(size))
        behind = _spread(behind, 1 - opacity, share * max(size))
        person = _fused(seen, opacity, around, behind)
    near, far = (_full(part, (width, height)) for part in (around, behind))
    colours = np.where(mask[:, :, None] > 0, image, near)
    rim = (mask > 0) & (mask < 1)
    exact = _fused(*(part[rim].astype(np.float32) for part in (image, mask[:, :, None], near, far)))
    colours[rim] = np.rint(exact)
    return colours


def _fused(seen: np.ndarray, opacity: np.ndarray, around: np.ndarray, behind: np.ndarray) -> np.ndarray:
    """The person's colours: those around, and what these and the background leave of what is seen."""
    rest = seen - opacity * around - (1 - opacity) * behind
    return np.clip(around + opacity * rest, 0.0, 255.0)


def _full(colours: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    import cv2

    eight = np.rint(np.clip(colours, 0, 255)).astype(np.uint8)
    return np.asarray(cv2.resize(eight, size, interpolation=cv2.INTER_LINEAR))


def _nearness(inside: np.ndarray, reach: float) -> np.ndarray:
    """(H, W) float32: 1 at the outline, and 0 from `reach` pixels on to both sides."""
    import cv2

    sides = (inside.astype(np.uint8), (~inside).astype(np.uint8))
    one, other = (cv2.distanceTransform(side, cv2.DIST_L2, 3) for side in sides)
    near: np.ndarray = np.clip(1 - np.maximum(one, other) / reach, 0.0, 1.0)
    return near


def _colours(
    image: np.ndarray, where: np.ndarray, radius: float, asked: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Mean and variance of the colours of some pixels, around each of the n pixels that are asked for.

    where, asked: (H, W) bool. Returns (n, 3) and (n,) float32, and (n,) bool: whether any is around.
    """
    amount = where.astype(np.float32)[:, :, None]
    seen = image.astype(np.float32)
    mean = _spread(seen, amount, radius)[asked]
    square = _spread(np.square(seen), amount, radius)[asked]
    known = _spread(np.ones_like(seen), amount, radius)[asked][:, 0] > 0.9
    return mean, np.maximum(square - np.square(mean), 0.0).sum(axis=1), known


def _spread(colours: np.ndarray, amount: np.ndarray, radius: float) -> np.ndarray:
    """The mean of (H, W, 3) colours around each pixel, weighted by an (H, W, 1) amount; 0 where there is
    none.
    """
    import cv2

    height, width = amount.shape[:2]
    scale = min(1.0, BLURRED_RADIUS / max(radius, 1.0))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    parts = np.concatenate([colours * amount, amount], axis=2)
    small = cv2.resize(parts, size, interpolation=cv2.INTER_AREA) if scale < 1 else parts
    small = cv2.blur(small, (2 * max(1, round(radius * scale)) + 1,) * 2)
    mean = small[:, :, :3] / (small[:, :, 3:] + 1e-5)
    return np.asarray(cv2.resize(mean, (width, height), interpolation=cv2.INTER_LINEAR))
