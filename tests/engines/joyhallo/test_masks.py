"""Boxes and masks where the original has no numbers to compare with. The others are checked by parity."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.joyhallo.face.masks import (
    FACE_OUTLINE,
    LIPS,
    Box,
    FaceBoxes,
    FacePoints,
    attention_masks,
    box_around,
    joined,
    region_mask,
    soft_masks,
)

SIZE = (512, 512)


def corners(x0: float, y0: float, x1: float, y1: float) -> np.ndarray:
    return np.array([[x0, y0], [x1, y1]], np.float32)


def test_a_box_grows_around_its_middle() -> None:
    assert box_around(corners(100, 200, 200, 300), SIZE, 1.2) == Box(90, 190, 210, 310)
    assert box_around(corners(100.4, 199.6, 200.4, 299.6), SIZE) == Box(100, 200, 200, 300)


def test_a_box_is_moved_into_the_picture() -> None:
    assert box_around(corners(-10, 10, 90, 110), SIZE, 1.2) == Box(0, 0, 120, 120)
    assert box_around(corners(450, 450, 500, 520), SIZE) == Box(450, 442, 500, 512)


def test_a_box_larger_than_the_picture_becomes_the_picture() -> None:
    """The original's mask is a strip or empty there."""
    assert box_around(corners(20, 10, 490, 500), SIZE, 1.5) == Box(0, 0, 512, 512)
    assert box_around(corners(20, 100, 490, 200), SIZE, 1.5) == Box(0, 75, 512, 225)


@given(
    st.lists(st.floats(-2000, 3000), min_size=4, max_size=4),
    st.floats(0.1, 5),
    st.tuples(st.integers(8, 900), st.integers(8, 900)),
)
def test_boxes_never_leave_the_picture(places: list[float], ratio: float, size: tuple[int, int]) -> None:
    box = box_around(np.array(places, np.float64).reshape(2, 2), size, ratio)
    assert 0 <= box.x0 <= box.x1 <= size[1]
    assert 0 <= box.y0 <= box.y1 <= size[0]


def test_face_and_lips_come_from_their_own_landmarks() -> None:
    landmarks = np.zeros((478, 3), np.float32)
    landmarks[FACE_OUTLINE] = 100, 150, 9
    landmarks[FACE_OUTLINE[0]] = 200, 250, 9
    landmarks[LIPS] = 140, 220, 9
    landmarks[LIPS[0]] = 160, 230, 9
    points = FacePoints.from_mesh(landmarks)
    assert points.boxes((400, 300), 1, 1) == FaceBoxes(
        Box(100, 150, 200, 250), Box(140, 220, 160, 230), (400, 300)
    )
    assert points.moved(90, 140).boxes((400, 300)).face == Box(0, 0, 120, 120)


def test_the_three_masks_share_the_picture() -> None:
    masks = soft_masks(FaceBoxes(Box(100, 80, 400, 450), Box(200, 300, 300, 360), SIZE))
    for mask in (masks.full, masks.face, masks.lips):
        assert mask.shape == (64, 64)
        assert mask.dtype == np.uint8
    assert masks.full[0, 0] > 250 > masks.full[30, 30]
    assert masks.lips[41, 31] == 255
    assert masks.face[41, 31] < 30 < 200 < masks.face[20, 31]
    covered = masks.full.astype(int) + masks.face + masks.lips
    assert covered.min() >= 253


def test_a_face_as_large_as_the_picture_is_a_face() -> None:
    masks = soft_masks(FaceBoxes(Box(0, 0, 512, 512), Box(200, 300, 300, 360), SIZE))
    assert masks.whole_face.min() == 255
    assert masks.full.max() == 0


@pytest.mark.parametrize(
    ("side", "sides"), [(64, (64, 32, 16, 8)), (32, (32, 16, 8, 4)), (40, (40, 20, 10, 5))]
)
def test_attention_masks_of_every_level(side: int, sides: tuple[int, ...]) -> None:
    soft = soft_masks(FaceBoxes(Box(100, 80, 400, 450), Box(200, 300, 300, 360), SIZE))
    masks = attention_masks(soft, side)
    for levels in (masks.full, masks.face, masks.lips):
        assert [level.shape for level in levels] == [(1, n * n) for n in sides]
        assert all(level.dtype == np.float32 and 0 <= level.min() <= level.max() <= 1 for level in levels)
    lips = masks.lips[0].reshape(side, side)
    assert np.unravel_index(lips.argmax(), lips.shape)[0] > 0.55 * side  # rows are the picture's rows


def test_a_picture_too_small_for_four_levels_is_refused() -> None:
    soft = soft_masks(FaceBoxes(Box(0, 0, 40, 40), Box(10, 20, 20, 30), (56, 56)))
    with pytest.raises(ValueError, match="7 is too small"):
        attention_masks(soft, 7)


def test_the_region_is_the_faces_box() -> None:
    region = region_mask(FaceBoxes(Box(0, 400, 300, 800), Box(0, 0, 1, 1), (800, 600)), 256)
    assert region.shape == (3, 256, 256)
    assert region.dtype == np.float32
    assert region[:, 130:, :126].min() == 1
    assert region[:, :126].max() == 0
    assert region[:, :, 130:].max() == 0


def test_boxes_of_a_video_are_joined() -> None:
    assert joined([Box(5, 6, 20, 21), Box(4, 9, 18, 30)]) == Box(4, 6, 20, 30)
