"""Chooses and prepares the frames of a video for Q-Align."""

from __future__ import annotations

import numpy as np
from PIL import Image

SIDE = 448
MEAN, STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
GREY = (122, 116, 104)
"""The mean colour, which fills the square around frames that are not square."""


def chosen(fps: float, count: int) -> list[int]:
    """One picture per second, from the first; none for a video of less than a second."""
    return [int(fps * second) for second in range(int(count / fps))]


def squared(picture: np.ndarray) -> np.ndarray:
    """(S, S, 3) uint8: an (H, W, 3) picture in the middle of a square of its longer side."""
    height, width = picture.shape[:2]
    side = max(height, width)
    square = np.empty((side, side, 3), np.uint8)
    square[:] = GREY
    top, left = place(height, width)
    square[top : top + height, left : left + width] = picture
    return square


def place(height: int, width: int) -> tuple[int, int]:
    """Rows above the picture and columns left of it in its square."""
    side = max(height, width)
    return (side - height) // 2, (side - width) // 2


def prepared(picture: np.ndarray) -> np.ndarray:
    """(3, 448, 448) float32, the network's input for an (H, W, 3) uint8 RGB frame."""
    square = Image.fromarray(squared(picture)).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    x = np.asarray(square).astype(np.float32) / 255.0
    x = (x - np.array(MEAN, np.float32)) / np.array(STD, np.float32)
    return np.ascontiguousarray(x.transpose(2, 0, 1))
