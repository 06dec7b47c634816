"""Measures the size from which an object in front of the mouth gives a note: python -m
benchmarks.covered_mouths

Microphones and hands of several sizes are drawn onto the example portrait, each at nine places around the
mouth, and the detector and the test of a covered mouth look at each.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from benchmarks.figures import EXAMPLES, Figure, report_from_a_folder
from media.faces import default_detector
from media.faces.covered import mouth_is_covered

PORTRAIT = EXAMPLES / "portraits" / "astronaut.png"
FACE = (80, 0, 380, 300)
"""The part of the portrait with head and shoulders, which is enlarged to 600 pixels."""
SIZES = (0.8, 1.0, 1.6)
"""Widths, in widths of the mouth."""
LEAST = {1.6: 9}
"""How many of nine places must give a note, by size."""
SHIFTS = (-0.2, 0.0, 0.2)
"""Shifts of the object's middle from the mouth's, across and down, in widths of the mouth."""
SKIN, GAP, BLACK = (210, 165, 142), (185, 138, 118), (30, 30, 34)


def with_microphone(picture: Image.Image, x: float, y: float, width: float) -> Image.Image:
    """A dark ball of this width."""
    picture = picture.copy()
    half = width / 2
    ImageDraw.Draw(picture).ellipse((x - half, y - half, x + half, y + half), fill=BLACK)
    return picture


def with_hand(picture: Image.Image, x: float, y: float, width: float) -> Image.Image:
    """Four fingers side by side, 0.7 times as high as wide."""
    picture = picture.copy()
    draw = ImageDraw.Draw(picture)
    half, height = width / 2, 0.7 * width
    draw.rectangle((x - half, y - height / 2, x + half, y + height / 2), fill=SKIN)
    for finger in range(1, 4):
        at = y - height / 2 + finger * height / 4
        draw.line((x - half, at, x + half, at), fill=GAP, width=2)
    return picture


def figures(folder: Path) -> Iterator[Figure]:
    """How many of nine places give a note, for each thing and size."""
    with Image.open(PORTRAIT) as image:
        picture = image.convert("RGB").crop(FACE).resize((600, 600), Image.Resampling.BICUBIC)
    detector = default_detector()
    (face,) = detector.detect(np.asarray(picture))
    x, y = (float(v) for v in face.landmarks[[13, 14], :2].mean(axis=0))
    mouth = float(np.linalg.norm(face.landmarks[61] - face.landmarks[291]))
    for name, draw in (("microphone", with_microphone), ("hand", with_hand)):
        for size in SIZES:
            noted = 0
            for down in SHIFTS:
                for across in SHIFTS:
                    seen = np.asarray(draw(picture, x + across * mouth, y + down * mouth, size * mouth))
                    noted += any(mouth_is_covered(seen, found) for found in detector.detect(seen)[:1])
            yield Figure(f"{name} of {size:g} mouths: places with a note, of 9", noted, "", LEAST.get(size))


if __name__ == "__main__":
    sys.exit(report_from_a_folder(__doc__ or "", figures))
