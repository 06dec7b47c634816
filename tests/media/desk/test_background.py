"""What is behind the person."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from media.desk.background import with_background
from media.desk.edit import PortraitEdit
from media.desk.segmenter import MediaPipeSegmenter
from media.errors import PortraitError
from media.portrait import open_portrait

PORTRAITS = Path(__file__).resolve().parents[3] / "examples" / "portraits"
ASTRONAUT = PORTRAITS / "astronaut.png"
CORNER = (slice(0, 60), slice(0, 60))
FACE = (slice(90, 150), slice(190, 250))


@pytest.fixture(scope="module")
def plain() -> np.ndarray:
    return open_portrait(ASTRONAUT).image


def test_the_person_stays_and_the_rest_is_blurred(plain: np.ndarray) -> None:
    blurred = open_portrait(ASTRONAUT, edit=PortraitEdit(background="blur")).image
    np.testing.assert_allclose(blurred[FACE].astype(int), plain[FACE].astype(int), atol=2)

    def detail(image: np.ndarray) -> float:
        corner = image[20:120, 330:500].astype(float)  # the flag and the shuttle
        return float(np.abs(np.diff(corner, axis=1)).mean())

    assert detail(blurred) < 0.3 * detail(plain)


def test_the_person_leaves_no_halo_in_a_large_picture() -> None:
    y, x = np.mgrid[:900, :700]
    person = (np.hypot(x - 350, y - 450) < 200).astype(np.float32)

    class Disc:
        def mask(self, image: np.ndarray) -> np.ndarray:
            return person

    image = np.full((900, 700, 3), (20, 90, 200), np.uint8)
    image[person > 0] = (255, 0, 0)
    blurred, _ = with_background(image, "blur", (250, 350, 450, 550), Disc())
    np.testing.assert_allclose(blurred, image, atol=2)


def test_a_colour_stands_behind_the_person(plain: np.ndarray) -> None:
    portrait = open_portrait(ASTRONAUT, edit=PortraitEdit(background="#00b140"))
    np.testing.assert_allclose(portrait.image[CORNER], np.broadcast_to((0, 177, 64), (60, 60, 3)), atol=12)
    np.testing.assert_allclose(portrait.image[FACE].astype(int), plain[FACE].astype(int), atol=2)
    assert portrait.opacity is None
    assert portrait.sha256 != open_portrait(ASTRONAUT).sha256


def test_a_transparent_background_has_no_opacity() -> None:
    portrait = open_portrait(ASTRONAUT, edit=PortraitEdit(background="transparent"))
    assert portrait.opacity is not None
    assert portrait.opacity.shape == portrait.image.shape[:2]
    assert portrait.opacity[CORNER].mean() < 20
    assert portrait.opacity[FACE].min() > 240


def test_the_image_before_leaves_no_trace(plain: np.ndarray) -> None:
    segmenter = MediaPipeSegmenter()
    first = segmenter.mask(plain)
    segmenter.mask(np.ascontiguousarray(plain[:, ::-1]))
    np.testing.assert_array_equal(segmenter.mask(plain), first)


def test_a_face_that_is_not_a_person_is_refused() -> None:
    class Nothing:
        def mask(self, image: np.ndarray) -> np.ndarray:
            return np.zeros(image.shape[:2], np.float32)

    image = np.full((100, 100, 3), 90, np.uint8)
    with pytest.raises(PortraitError, match=r"only 0% of the face .* at least 60% are needed"):
        with_background(image, "blur", (20, 20, 60, 60), Nothing())
    with pytest.raises(PortraitError, match=r"only 0\.0% of the portrait .* at least 2% are needed"):
        with_background(image, "blur", None, Nothing())
