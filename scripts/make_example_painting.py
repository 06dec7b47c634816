"""Make a painting of the astronaut: python scripts/make_example_painting.py

Strokes are laid along the edges of the picture, broad ones first and finer ones only where the broad ones
missed something, as Litwinowicz (1997) and Hertzmann (1998) describe; then the paint gets some relief.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

HERE = Path(__file__).resolve().parent.parent / "examples" / "portraits"
SIZE = 768
CROP = (slice(0, 352), slice(48, 400))  # head and shoulders, with some of the room
# Length and width of a stroke in pixels, and the colour error from which it is laid.
LAYERS = ((70, 22, 0.0), (42, 12, 9.0), (24, 6, 8.0), (13, 3, 7.0), (8, 2, 7.0))


def directions(picture: np.ndarray) -> np.ndarray:
    """(H, W) angle in degrees along the edges, from the smoothed structure tensor."""
    grey = cv2.GaussianBlur(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32), (0, 0), 2)
    gx, gy = cv2.Sobel(grey, -1, 1, 0), cv2.Sobel(grey, -1, 0, 1)
    xx, yy, xy = (cv2.GaussianBlur(v, (0, 0), 6) for v in (gx * gx, gy * gy, gx * gy))
    return np.degrees(0.5 * np.arctan2(2 * xy, xx - yy)) + 90


def paint(picture: np.ndarray, seed: int = 3) -> np.ndarray:
    """An oil painting of an (h, w, 3) uint8 RGB picture: (SIZE, SIZE, 3) uint8 RGB."""
    rng = np.random.default_rng(seed)
    picture = cv2.resize(picture, (SIZE, SIZE), interpolation=cv2.INTER_CUBIC)
    warm = np.clip((picture.astype(np.float32) - 128) * 1.05 + 128 + [4, 1, -6], 0, 255)
    angle = directions(picture)
    canvas = np.full((SIZE, SIZE, 3), (120, 100, 84), np.uint8)
    height = np.zeros((SIZE, SIZE), np.float32)
    for length, width, tolerance in LAYERS:
        reference = cv2.GaussianBlur(warm, (0, 0), width / 3)
        error = cv2.GaussianBlur(np.abs(reference - canvas).mean(axis=2), (0, 0), width / 2)
        grid = np.mgrid[0 : SIZE : max(width // 2, 2), 0 : SIZE : max(width // 2, 2)].reshape(2, -1).T
        places = rng.permutation(grid) + rng.integers(-width // 2, width // 2 + 1, grid.shape)
        for y, x in np.clip(places, 0, SIZE - 1).tolist():
            if error[y, x] < tolerance:
                continue
            colour = np.clip(reference[y, x] + rng.normal(0, 5) + rng.normal(0, 2, 3), 0, 255)
            shape = (x, y), (length * rng.uniform(0.6, 1.1), width), float(angle[y, x] + rng.normal(0, 6))
            cv2.ellipse(canvas, shape, colour.tolist(), -1, cv2.LINE_AA)
            cv2.ellipse(height, shape, float(rng.uniform(0.2, 1.0)), -1, cv2.LINE_AA)
    bristles = cv2.GaussianBlur(height, (0, 0), 0.8) + 0.15 * rng.standard_normal(height.shape)
    relief = cv2.Sobel(cv2.GaussianBlur(bristles, (0, 0), 0.9), cv2.CV_64F, 1, 1, ksize=3)
    return np.clip(canvas + np.clip(7 * relief, -14, 14)[..., None], 0, 255).astype(np.uint8)


if __name__ == "__main__":
    astronaut = cv2.cvtColor(cv2.imread(str(HERE / "astronaut.png")), cv2.COLOR_BGR2RGB)
    target = HERE / "painting.jpg"
    result = cv2.cvtColor(paint(astronaut[CROP]), cv2.COLOR_RGB2BGR)
    cv2.imwrite(str(target), result, [cv2.IMWRITE_JPEG_QUALITY, 84])
    print(target, f"{target.stat().st_size / 1024:.0f} KB")
