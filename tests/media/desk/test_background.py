"""What is behind the person."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from media.desk.background import with_background
from media.desk.edit import PortraitEdit
from media.desk.segmenter import MediaPipeSegmenter
from media.errors import PortraitError
from media.framing import colour_of
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


SIDE = 480
DARK, LIGHT = (38, 28, 22), (226, 222, 214)


def hair(person: tuple[int, int, int], behind: tuple[int, int, int]) -> tuple[np.ndarray, ...]:
    """A head with strands of hair, uneven in colour, before an uneven wall: the picture, the person's
    opacity and colours without a wall, and the soft mask that a network gives.
    """
    random, large = np.random.default_rng(3), np.zeros((4 * SIDE, 4 * SIDE), np.uint8)
    cv2.circle(large, (2 * SIDE, 2 * SIDE), SIDE, 255, -1)
    for angle in np.linspace(0, 2 * np.pi, 150):
        towards = angle + random.normal(0, 0.25)
        begins = 2 * SIDE + SIDE * np.array([np.cos(angle), np.sin(angle)])
        ends = begins + random.uniform(10, 45) * np.array([np.cos(towards), np.sin(towards)])
        cv2.line(large, begins.astype(int).tolist(), ends.astype(int).tolist(), 255, 5)
    opacity = cv2.resize(large, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    colours, wall = (
        np.clip(cv2.GaussianBlur(random.normal(0, 60, (SIDE, SIDE, 3)), (0, 0), 4) + colour, 0, 255)
        for colour in (person, behind)
    )
    picture = opacity[:, :, None] * colours + (1 - opacity[:, :, None]) * wall
    return np.rint(picture).astype(np.uint8), opacity, colours, cv2.GaussianBlur(opacity, (0, 0), 4)


@pytest.mark.parametrize(
    ("person", "behind"), [(DARK, LIGHT), (LIGHT, DARK)], ids=["dark hair", "white hair"]
)
@pytest.mark.parametrize("colour", ["#ffffff", "#00b140", "#000000"])
def test_the_old_background_does_not_shine_through_hair(
    person: tuple[int, int, int], behind: tuple[int, int, int], colour: str
) -> None:
    picture, opacity, colours, soft = hair(person, behind)

    class Soft:
        def mask(self, image: np.ndarray) -> np.ndarray:
            return soft

    new = np.array(colour_of(colour))
    right = opacity[:, :, None] * colours + (1 - opacity[:, :, None]) * new
    rim = (soft > 0.02) & (soft < 0.98)

    def error(image: np.ndarray) -> float:
        return float(np.abs(image.astype(float) - right)[rim].mean())

    face = (200, 200, 280, 280)
    mixed = error(soft[:, :, None] * picture + (1 - soft[:, :, None]) * new)
    found, _ = with_background(picture, colour, face, Soft())
    clear, alpha = with_background(picture, "transparent", face, Soft())
    assert alpha is not None
    share = alpha[:, :, None] / 255
    laid = share * clear + (1 - share) * new
    assert error(found) < 0.5 * mixed
    assert error(laid) < 0.5 * mixed


def test_a_face_that_is_not_a_person_is_refused() -> None:
    class Nothing:
        def mask(self, image: np.ndarray) -> np.ndarray:
            return np.zeros(image.shape[:2], np.float32)

    image = np.full((100, 100, 3), 90, np.uint8)
    with pytest.raises(PortraitError, match=r"only 0% of the face .* at least 60% are needed"):
        with_background(image, "blur", (20, 20, 60, 60), Nothing())
    with pytest.raises(PortraitError, match=r"only 0\.0% of the portrait .* at least 2% are needed"):
        with_background(image, "blur", None, Nothing())
