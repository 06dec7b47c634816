"""The quality light: what is wrong with a portrait is named, and a good one is green."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFilter

from media.desk.finding import Finding, worst
from media.desk.quality import judge, yaw_of
from media.faces import Face
from media.portrait import open_portrait

PORTRAITS = Path(__file__).resolve().parents[3] / "examples" / "portraits"


@pytest.fixture(scope="module")
def large() -> Image.Image:
    """A woman whose face has 220 pixels."""
    with Image.open(PORTRAITS / "astronaut.png") as image:
        return image.crop((110, 0, 350, 240)).resize((480, 480), Image.Resampling.LANCZOS)


def found(image: Image.Image) -> dict[str, Finding]:
    portrait = open_portrait(image)
    return {one.what: one for one in judge(portrait.image, portrait.faces, portrait.face_index)}


def test_a_good_portrait_is_green(large: Image.Image) -> None:
    findings = found(large)
    assert set(findings) == {"size", "sharpness", "light", "pose", "mouth"}
    assert worst(findings.values()) == "good", findings


def test_a_small_face_is_named_with_its_pixels(large: Image.Image) -> None:
    size = found(large.resize((180, 180)))["size"]
    assert size.level == "poor"
    assert "Crop the portrait" in size.text


def test_a_blurred_face_is_named(large: Image.Image) -> None:
    assert found(large.filter(ImageFilter.GaussianBlur(3)))["sharpness"].level != "good"
    assert found(large.filter(ImageFilter.GaussianBlur(8)))["sharpness"].level == "poor"


def test_a_dark_face_is_named(large: Image.Image) -> None:
    assert found(large.point(lambda value: value * 0.22))["light"].level == "poor"


def test_light_from_one_side_is_named(large: Image.Image) -> None:
    shade = np.asarray(large, np.float32) * np.linspace(1.3, 0.1, 480)[None, :, None]
    light = found(Image.fromarray(shade.clip(0, 255).astype(np.uint8)))["light"]
    assert light.level == "fair"
    assert "side" in light.text


def test_a_turned_head_and_several_faces_are_named() -> None:
    points = np.zeros((478, 3), np.float32)
    points[234], points[454] = (0, 0, 0), (50, 0, 50)
    assert yaw_of(Face(points, (0, 0, 50, 50), 0.9)) == pytest.approx(45)
    with Image.open(PORTRAITS / "astronaut.png") as image:
        woman = image.crop((60, 0, 380, 320))
        pair = Image.new("RGB", (640, 320), (120, 120, 120))
        pair.paste(woman, (0, 0))
        pair.paste(woman, (320, 0))
    assert "2 faces" in found(pair)["faces"].text


def test_an_animal_is_judged_by_what_counts_for_it() -> None:
    portrait = open_portrait(PORTRAITS / "astronaut.png")
    names = [one.what for one in judge(portrait.image, portrait.faces, 0, "animal")]
    assert names == ["size", "sharpness", "light"]
    assert judge(portrait.image, (), 0, "animal") == []
