"""Make a bronze bust of the admiral: python scripts/make_example_statue.py

The photograph becomes a relief: uniform, skin and hair lose their own brightness and keep their forms, which
are lit from the upper left and coloured as bronze with a patina in its hollows.
"""

from __future__ import annotations

from pathlib import Path

import cv2
import mediapipe
import numpy as np

HERE = Path(__file__).resolve().parent.parent / "examples" / "portraits"
WORK, SIZE = 1024, 640
CROP = (slice(0, 400), slice(62, 462))  # head and shoulders
# Bronze from shadow to gleam, and the patina, as RGB.
RAMP = ((16, 11, 8), (58, 38, 22), (124, 84, 48), (196, 148, 92), (255, 232, 190))
PATINA = (74, 118, 100)


def person(picture: np.ndarray) -> np.ndarray:
    """(H, W) float 0..1: how far each pixel belongs to the person."""
    with mediapipe.solutions.selfie_segmentation.SelfieSegmentation(model_selection=0) as segmenter:
        mask = np.asarray(segmenter.process(picture).segmentation_mask, np.float32)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5))
    solid = cv2.morphologyEx((mask > 0.5).astype(np.uint8), cv2.MORPH_OPEN, kernel)
    _, parts, facts, _ = cv2.connectedComponentsWithStats(solid)
    solid = (parts == 1 + np.argmax(facts[1:, cv2.CC_STAT_AREA])).astype(np.uint8)
    return cv2.GaussianBlur(cv2.erode(solid, kernel).astype(np.float32), (0, 0), 1.5)


def forms(grey: np.ndarray) -> np.ndarray:
    """(H, W) float around 0: forms without the brightness of their surfaces, from logarithms."""
    light = np.log(grey + 0.13)
    smooth = cv2.bilateralFilter(light.astype(np.float32), 9, 0.25, 5)
    return sum(
        weight * np.tanh((smooth - cv2.GaussianBlur(smooth, (0, 0), sigma)) / 0.45)
        for sigma, weight in ((5, 0.35), (14, 0.4), (40, 0.3))
    )


def cast(picture: np.ndarray, seed: int = 5) -> np.ndarray:
    """A bronze of an (h, w, 3) uint8 RGB picture on a dark wall: (SIZE, SIZE, 3) uint8 RGB."""
    rng = np.random.default_rng(seed)
    mask = cv2.resize(person(picture)[CROP], (WORK, WORK), interpolation=cv2.INTER_CUBIC)
    picture = cv2.resize(picture[CROP], (WORK, WORK), interpolation=cv2.INTER_CUBIC)
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    form = forms(grey)
    grain = cv2.GaussianBlur(rng.standard_normal(grey.shape).astype(np.float32), (0, 0), 1.2)
    height = cv2.GaussianBlur(form, (0, 0), 1.5) + 0.03 * grain
    lit = -(cv2.Sobel(height, -1, 1, 0) + cv2.Sobel(height, -1, 0, 1)) * 0.35
    tone = np.clip(0.4 + 0.42 * form + 0.35 * lit + 0.12 * (cv2.GaussianBlur(grey, (0, 0), 25) - 0.5), 0, 1)
    steps = np.linspace(0, 1, len(RAMP))
    metal = np.stack([np.interp(tone, steps, [colour[part] for colour in RAMP]) for part in range(3)], axis=2)
    spots = cv2.GaussianBlur(rng.standard_normal(grey.shape).astype(np.float32), (0, 0), 18)
    hollow = np.clip(-1.6 * form + 6 * spots - 0.25, 0, 0.55)[..., None]
    metal = metal * (1 - hollow) + np.array(PATINA) * (0.35 + 0.65 * tone[..., None]) * hollow
    down = np.linspace(1, 0.55, WORK)[:, None]
    wall = (np.array((52, 56, 60))[None, None] * down[..., None]) + 4 * grain[..., None]
    whole = metal * mask[..., None] + wall * (1 - mask[..., None])
    small = cv2.resize(np.clip(whole, 0, 255), (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.uint8)


if __name__ == "__main__":
    admiral = cv2.cvtColor(cv2.imread(str(HERE / "admiral.jpg")), cv2.COLOR_BGR2RGB)
    target = HERE / "statue.jpg"
    cv2.imwrite(str(target), cv2.cvtColor(cast(admiral), cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 86])
    print(target, f"{target.stat().st_size / 1024:.0f} KB")
