"""A covered mouth is reported, and a visible mouth is not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from media.faces import Face, default_detector
from media.faces.covered import mouth_is_covered
from media.portrait import open_portrait

PORTRAITS = Path(__file__).resolve().parents[3] / "examples" / "portraits"
SKIN = (210, 165, 142)


@pytest.fixture(scope="module")
def close_up() -> tuple[Image.Image, Face]:
    with Image.open(PORTRAITS / "astronaut.png") as image:
        picture = image.convert("RGB").crop((80, 0, 380, 300)).resize((600, 600), Image.Resampling.BICUBIC)
    (face,) = default_detector().detect(np.asarray(picture))
    return picture, face


def covered(kind: str, close_up: tuple[Image.Image, Face]) -> np.ndarray:
    picture, face = close_up
    picture = picture.copy()
    draw = ImageDraw.Draw(picture)
    x, y = (float(v) for v in face.landmarks[[13, 14], :2].mean(axis=0))
    width = float(np.linalg.norm(face.landmarks[61] - face.landmarks[291]))
    if kind == "mask":
        outline = [234, 132, 172, 150, 152, 379, 397, 361, 454, 346, 6, 117]
        draw.polygon([tuple(map(float, face.landmarks[i, :2])) for i in outline], fill=(150, 190, 215))
    elif kind == "microphone":
        draw.ellipse((x - 0.6 * width, y - 0.5 * width, x + 0.6 * width, y + 0.7 * width), fill=(30, 30, 34))
    else:
        draw.rectangle((x - width, y - 0.6 * width, x + width, y + 0.8 * width), fill=SKIN)
        for finger in range(1, 4):
            at = y - 0.6 * width + finger * 0.35 * width
            draw.line((x - width, at, x + width, at), fill=(185, 138, 118), width=2)
    return np.asarray(picture)


@pytest.mark.parametrize("kind", ["mask", "microphone", "hand"])
def test_a_covered_mouth_is_reported(kind: str, close_up: tuple[Image.Image, Face]) -> None:
    picture = covered(kind, close_up)
    assert mouth_is_covered(picture, close_up[1])
    portrait = open_portrait(picture)
    assert any("covered" in note or "low score" in note for note in portrait.notes)


@pytest.mark.parametrize("grey", [False, True])
@pytest.mark.parametrize("name", ["astronaut.png", "drawing.jpg", "painting.jpg"])
def test_a_mouth_that_is_seen(name: str, grey: bool) -> None:
    with Image.open(PORTRAITS / name) as image:
        picture = image.convert("L" if grey else "RGB").convert("RGB")
    (face, *_) = default_detector().detect(np.asarray(picture))
    assert not mouth_is_covered(np.asarray(picture), face)
    dark = np.asarray(picture.point(lambda value: value * 0.6))
    assert not mouth_is_covered(dark, face)
