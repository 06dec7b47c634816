"""The rendered square: its place, its content, and how it is pasted back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from engines.joyhallo.face.crop import (
    HEAD,
    Square,
    SquarePasteBack,
    head_length,
    largest_square,
    square_around,
    whole,
)


def outline(x: float, y: float, length: float) -> np.ndarray:
    """A face around x, y, three quarters as wide as long."""
    return np.array([[x - 0.375 * length, y - length / 2], [x + 0.375 * length, y + length / 2]])


def picture(height: int, width: int) -> np.ndarray:
    noise = np.random.default_rng(height + width).integers(0, 256, (height // 8 + 1, width // 8 + 1, 3))
    return np.repeat(np.repeat(noise.astype(np.uint8), 8, 0), 8, 1)[:height, :width]


def test_the_head_takes_the_wanted_share() -> None:
    face = outline(500, 400, 100)
    square = square_around(face, (800, 1000), 0.6)
    assert head_length(face) / square.width == pytest.approx(0.6, abs=0.01)
    assert square == Square(392, 292, 217, 217)
    assert square_around(face, (800, 1000), 0.5).width == 260


@pytest.mark.parametrize("share", [0.51, 0.69])
def test_a_suitable_picture_stays_unchanged(share: float) -> None:
    assert square_around(outline(250, 300, share * 512 / HEAD), (512, 512)) == whole((512, 512))


def test_a_picture_that_is_not_square_loses_the_ends_of_its_longer_side() -> None:
    assert square_around(outline(200, 500, 250), (900, 512)) == Square(0, 244, 512, 512)


@pytest.mark.parametrize(("x", "y"), [(30, 30), (770, 30), (30, 570), (770, 570), (-20, 620)])
def test_near_the_border_the_square_is_moved_into_the_picture(x: float, y: float) -> None:
    square = square_around(outline(x, y, 100), (600, 800))
    assert square.width == 217
    assert square.x == (0 if x < 400 else 800 - 217)
    assert square.y == (0 if y < 300 else 600 - 217)


def test_a_face_that_fills_the_picture_keeps_it() -> None:
    assert square_around(outline(256, 256, 450), (512, 512)) == whole((512, 512))


def test_a_face_larger_than_the_picture_is_wide_gets_a_square_beyond_it() -> None:
    square = square_around(outline(150, 400, 450), (800, 300))
    assert square.width == 500
    assert (square.x, square.y) == (-100, 150)
    image = picture(800, 300)
    crop = square.cut(image, 500)
    assert np.array_equal(crop[:, 100:400], image[150:650])
    assert np.array_equal(crop[:, 0], image[150:650, 0])
    assert np.array_equal(crop[:, -1], image[150:650, -1])
    painted = np.full((1, 500, 500, 3), 7, np.uint8)
    back = SquarePasteBack(image, square)(painted)[0]
    assert np.array_equal(back[:150], image[:150])
    assert (back[300:500] == 7).all()  # no fading towards the picture's own border


@given(
    st.tuples(st.integers(16, 700), st.integers(16, 700)),
    st.tuples(st.floats(-300, 900), st.floats(-300, 900), st.floats(4, 900)),
    st.floats(0.5, 0.7),
)
def test_any_face_of_any_picture_has_a_square(
    size: tuple[int, int], face: tuple[float, float, float], share: float
) -> None:
    square = square_around(outline(*face), size, share)
    assert square.width == square.height >= 8
    for start, side, length in ((square.x, square.width, size[1]), (square.y, square.height, size[0])):
        assert min(start + side, length) - max(start, 0) == min(side, length)


def test_the_whole_picture_is_squeezed_as_the_original_does() -> None:
    image = picture(300, 420)
    expected = Image.fromarray(image).resize((512, 512), Image.Resampling.BILINEAR)
    assert np.array_equal(whole((300, 420)).cut(image, 512), np.asarray(expected))


def test_the_largest_square_lies_in_the_middle() -> None:
    assert largest_square((300, 420)) == Square(60, 0, 300, 300)
    assert largest_square((421, 300)) == Square(0, 60, 300, 300)


def test_pixels_outside_the_square_stay_bit_for_bit() -> None:
    image = picture(400, 600)
    square = Square(200, 100, 200, 200)
    painted = np.random.default_rng(0).integers(0, 256, (2, 512, 512, 3)).astype(np.uint8)
    frames = SquarePasteBack(image, square)(painted)
    assert frames.shape == (2, 400, 600, 3)
    assert frames.dtype == np.uint8
    changed = (frames != image).any(axis=(0, 3))
    rows, columns = np.nonzero(changed.any(axis=1))[0], np.nonzero(changed.any(axis=0))[0]
    assert 100 <= rows[0] <= 102
    assert 297 <= rows[-1] < 300
    assert 200 <= columns[0] <= 202
    assert 397 <= columns[-1] < 400
    assert (frames[0] != frames[1]).any()


def test_the_middle_is_the_painted_one_and_the_seam_is_soft() -> None:
    image = np.zeros((400, 600, 3), np.uint8)
    frame = SquarePasteBack(image, Square(200, 100, 200, 200))(np.full((1, 200, 200, 3), 200, np.uint8))[0]
    assert (frame[121:279, 221:379] == 200).all()
    assert np.abs(np.diff(frame[200, :, 0].astype(int))).max() <= 200 / 20 * 1.6


@pytest.mark.parametrize("side", [100, 250, 512, 700])
def test_a_square_that_was_not_painted_over_comes_back_as_it_was(side: int) -> None:
    rows, columns = np.mgrid[0:700, 0:900]
    image = np.stack([rows / 3, columns / 4, (rows + columns) / 8], axis=2).astype(np.uint8)
    square = Square(100, 0, side, side)
    back = SquarePasteBack(image, square)(square.cut(image, 512)[None])[0]
    assert np.abs(back.astype(int) - image).max() <= 3


def test_the_whole_picture_is_unsqueezed() -> None:
    image = picture(300, 420)
    painted = np.full((1, 256, 256, 3), 9, np.uint8)
    assert (SquarePasteBack(image, whole((300, 420)))(painted) == 9).all()
