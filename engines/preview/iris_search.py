"""Finds an iris exactly, near where the face mesh says that it is.

The circle across whose sides the brightness steps up most is the rim of the iris (Daugman 1993). The mesh is
right to about a fifth of its radius, and it also reports irises where there are none: in closed eyes, on a
statue, on fur.
"""

from __future__ import annotations

import cv2
import numpy as np

LEAST_RADIUS = 4.0
"""Samples (half pixels). In smaller eyes one cannot see where they look."""
SEARCH_RADIUS = 16.0
"""Samples to which a larger iris is reduced for the search."""
LEAST_STEP = 22.0
"""Levels between the white and the iris."""
LEAST_RATIO = 1.25
"""How much lighter the white is than the iris."""
LEAST_OPENING = 0.9
"""Of the visible part of the iris, its height in radii."""
MOST_COLOURFUL = 0.55
"""Saturation of a white; what has more is skin."""
_ANGLES = np.radians(np.concatenate([np.linspace(-38, 38, 17), 180 + np.linspace(-38, 38, 17)]))


def found_iris(
    samples: np.ndarray, opening: np.ndarray, centre: np.ndarray, radius: float
) -> tuple[np.ndarray, float] | None:
    """Middle (2,) and radius of an iris in samples; None if no dark disc stands out from a white.

    samples: (h, w, 3) uint8. opening: (h, w) bool, what the lids leave open. centre, radius: as the mesh has
    them.
    """
    if radius < LEAST_RADIUS:
        return None
    scale = min(1.0, SEARCH_RADIUS / radius)
    if scale < 1.0:
        size = (round(samples.shape[1] * scale), round(samples.shape[0] * scale))
        samples = cv2.resize(samples, size, interpolation=cv2.INTER_AREA)
        opening = cv2.resize(opening.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
        centre, radius = np.asarray(centre) * scale, radius * scale
    light = cv2.cvtColor(samples, cv2.COLOR_RGB2GRAY).astype(np.float32)
    light = cv2.GaussianBlur(light, (0, 0), max(0.8, 0.06 * radius))
    open_share = opening.astype(np.float32)
    best, place = -np.inf, (np.asarray(centre, float), radius)
    radii = radius * np.linspace(0.6, 1.45, 35)
    for dx in np.linspace(-0.24, 0.24, 7):
        for dy in np.linspace(-0.16, 0.16, 5):
            middle = centre + radius * np.array([dx, dy])
            step = _steps(light, open_share, middle, radii, radius)
            # A disc that the mesh has not seen has to be a clearly better one.
            step = step - 0.35 * np.abs(radii[2:-2] / radius - 1.0) * np.abs(step)
            at = int(np.argmax(step))
            worth = float(step[at]) * (1.0 - 0.4 * float(np.hypot(dx, dy)))
            if worth > best:
                best, place = worth, (middle, float(radii[at + 2]))
    if not _stands_out(samples, light, opening, *place):
        return None
    return place[0] / scale, place[1] / scale


def _steps(
    light: np.ndarray, opening: np.ndarray, middle: np.ndarray, radii: np.ndarray, usual: float
) -> np.ndarray:
    """How much lighter it is outside of each circle but the outermost two than inside, along both sides."""
    x = (middle[0] + np.outer(radii, np.cos(_ANGLES))).astype(np.float32)
    y = (middle[1] + np.outer(radii, np.sin(_ANGLES))).astype(np.float32)
    values = cv2.remap(light, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    inside = cv2.remap(opening, x, y, cv2.INTER_LINEAR, borderValue=0)
    both = np.minimum(inside[4:], inside[:-4])
    count = both.sum(axis=1)
    mean = ((values[4:] - values[:-4]) * both).sum(axis=1) / np.maximum(count, 1e-6)
    return np.where(count > 0.3 * len(_ANGLES), mean, -1e3)


def _stands_out(
    samples: np.ndarray, light: np.ndarray, opening: np.ndarray, middle: np.ndarray, radius: float
) -> bool:
    """Whether the disc is dark, what is beside it light, and enough of both is seen."""
    ys, xs = np.mgrid[: light.shape[0], : light.shape[1]]
    away = np.hypot(xs - middle[0], ys - middle[1]) / radius
    beside = np.abs(ys - middle[1]) < 0.7 * radius
    disc = opening & (away < 0.9)
    white = opening & beside & (away > 1.25) & (away < 2.2)
    if not disc.any() or white.sum() < 0.1 * np.pi * radius**2:
        return False
    seen = np.flatnonzero(disc.any(axis=1))
    if (seen[-1] - seen[0] + 1) < LEAST_OPENING * radius:
        return False
    colours = samples[white].astype(np.float32)
    colourful = float(np.median(1.0 - colours.min(axis=1) / np.maximum(colours.max(axis=1), 1.0)))
    iris, sclera = float(np.median(light[disc])), float(np.percentile(light[white], 60))
    return sclera - iris > LEAST_STEP and sclera > LEAST_RATIO * iris and colourful < MOST_COLOURFUL
