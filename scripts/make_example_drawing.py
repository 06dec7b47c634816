"""Make a pencil drawing of the astronaut: python scripts/make_example_drawing.py

Lines and tones are made apart, as a hand makes them: outlines from a difference of Gaussians, shading from
strokes of a pencil whose density follows the tone, on paper with a grain.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

HERE = Path(__file__).resolve().parent.parent / "examples" / "portraits"
SIZE = 768
CROP = (slice(8, 328), slice(62, 382))  # head and shoulders
WORK = 1024  # lines are drawn larger than the picture, or they would have steps


def outlines(grey: np.ndarray) -> np.ndarray:
    """(H, W) float 0 line .. 1 paper, from an extended difference of Gaussians at two widths."""
    lines = np.ones_like(grey)
    for sigma, sharpness, weight in ((1.6, 14.0, 0.9), (3.2, 10.0, 0.6)):
        fine, coarse = (cv2.GaussianBlur(grey, (0, 0), s) for s in (sigma, 1.6 * sigma))
        edge = fine - 0.985 * coarse
        ink = np.clip(1 + np.tanh(sharpness * 4 * (edge - 0.004)), 0, 1)
        lines = np.minimum(lines, 1 - weight * (1 - ink))
    return lines


def strokes(shape: tuple[int, ...], angle: float, length: int, rng: np.random.Generator) -> np.ndarray:
    """(H, W) float around 0 with unit spread: noise drawn out along a direction, as hatching is."""
    noise = rng.standard_normal(shape).astype(np.float32)
    kernel = np.zeros((length, length), np.float32)
    middle = (length - 1) / 2
    step = np.array([np.cos(np.radians(angle)), np.sin(np.radians(angle))]) * middle
    ends = [
        tuple(np.round([middle + s * step[0], middle - s * step[1]]).astype(int).tolist()) for s in (-1, 1)
    ]
    cv2.line(kernel, ends[0], ends[1], 1.0, 1, cv2.LINE_AA)
    drawn = cv2.filter2D(noise, -1, kernel, borderType=cv2.BORDER_REFLECT)
    return (drawn - drawn.mean()) / drawn.std()


def shading(grey: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """(H, W) float 0..1: layers of strokes, each crossing the last and laid only where it is darker."""
    tone = np.ones_like(grey)
    layers = (
        (50, 41, 1.0, 0.2),
        (58, 31, 0.78, 0.22),
        (-38, 35, 0.55, 0.26),
        (20, 29, 0.32, 0.34),
        (75, 25, 0.16, 0.4),
    )
    for angle, length, below, dark in layers:
        amount = np.clip((below - grey) / 0.3, 0, 1)
        grain = np.clip(0.62 + 0.3 * strokes(grey.shape, angle, length, rng), 0, 1.2)
        tone *= 1 - dark * amount * grain
    return tone


def draw(picture: np.ndarray, seed: int = 7) -> np.ndarray:
    """A pencil drawing of an (H, W, 3) uint8 RGB picture: (SIZE, SIZE) uint8 grey."""
    rng = np.random.default_rng(seed)
    large = cv2.resize(picture, (WORK, WORK), interpolation=cv2.INTER_LANCZOS4)
    calm = cv2.bilateralFilter(cv2.bilateralFilter(large, 9, 30, 5), 9, 30, 5)
    grey = cv2.cvtColor(calm, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    local = cv2.createCLAHE(1.6, (6, 6)).apply((grey * 255).astype(np.uint8)).astype(np.float32) / 255
    tone = shading(np.clip(0.1 + 0.95 * (0.5 * grey + 0.5 * local), 0, 1), rng)
    # The sheet is left empty towards its border.
    y, x = np.mgrid[0:WORK, 0:WORK] / WORK - 0.5
    wobble = cv2.GaussianBlur(rng.standard_normal((WORK, WORK)), (0, 0), 40)
    reach = np.clip((0.53 + 1.2 * wobble - np.hypot(1.05 * x, 0.95 * y)) / 0.12, 0, 1)
    tone = 1 - (1 - tone) * reach
    lines = 1 - (1 - outlines(grey)) * np.clip(reach * 1.6, 0, 1)
    paper = 0.965 + 0.012 * cv2.GaussianBlur(rng.standard_normal((WORK, WORK)), (0, 0), 1.2)
    sheet = paper * tone * (0.22 + 0.78 * lines)
    small = cv2.resize(sheet.astype(np.float32), (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    return np.clip(np.round(small * 255), 0, 255).astype(np.uint8)


if __name__ == "__main__":
    astronaut = cv2.cvtColor(cv2.imread(str(HERE / "astronaut.png")), cv2.COLOR_BGR2RGB)
    target = HERE / "drawing.jpg"
    cv2.imwrite(str(target), draw(astronaut[CROP]), [cv2.IMWRITE_JPEG_QUALITY, 88])
    print(target, f"{target.stat().st_size / 1024:.0f} KB")
