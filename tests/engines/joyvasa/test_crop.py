"""Faces cut out and put back."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.joyvasa.face.affine import inverse, sample_bilinear, transform_points
from engines.joyvasa.face.crop import crop_box, crop_face, whole_picture
from engines.joyvasa.face.face_axis import face_axis
from engines.joyvasa.face.paste_back import PasteBack, mask_weights, place
from engines.joyvasa.face.paste_back_torch import TorchPasteBack

COUNTS = (5, 9, 68, 101, 106, 150, 203)


def face(
    count: int = 106, *, angle: float = 0.3, size: float = 60, middle: tuple[float, float] = (100, 90)
) -> Any:
    """Random points around a place, eyes and mouth where they belong, all turned."""
    points = np.random.default_rng(count).uniform(-1, 1, (count, 2))
    eyes = {5: (0,), 9: (2, 3), 68: (36, 39), 106: (33, 35, 40, 39), 203: (0, 6, 12, 18)}
    others = {5: (1,), 9: (0, 1), 68: (42, 45), 106: (87, 89, 94, 93), 203: (24, 30, 36, 42)}
    mouths = {5: (3, 4), 9: (5, 6), 68: (48, 54), 106: (52, 61), 203: (48, 66)}
    key = count if count in eyes else 101
    points[list(eyes.get(key, (39, 42, 45, 48)))] = (-0.4, -0.3)
    points[list(others.get(key, (51, 54, 57, 60)))] = (0.4, -0.3)
    points[list(mouths.get(key, (75, 81)))] = (0, 0.5)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    return (points * size / 2) @ turn + middle


def picture(height: int = 180, width: int = 220, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (height // 12, width // 12, 3), dtype=np.uint8)
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC)


@pytest.mark.parametrize("count", COUNTS)
@pytest.mark.parametrize("use_lip", [True, False])
def test_a_turned_face_stands_upright_in_its_crop(count: int, use_lip: bool) -> None:
    crop = crop_face(picture(), face(count, angle=0.5), size=128, use_lip=use_lip)
    start, end = face_axis(crop.points, use_lip=use_lip)
    assert end[0] - start[0] == pytest.approx(0, abs=1e-3)
    assert end[1] > start[1]
    assert crop.box.angle == pytest.approx(0.5, abs=1e-6)


def test_other_numbers_of_points_and_points_without_extent_are_refused() -> None:
    with pytest.raises(ValueError, match="not 7"):
        crop_box(np.zeros((7, 2)))
    with pytest.raises(ValueError, match="one point"):
        crop_box(np.ones((5, 2)))


@settings(max_examples=30, deadline=None)
@given(
    angle=st.floats(-3, 3),
    size=st.floats(5, 400),
    scale=st.floats(1.5, 4),
    vx=st.floats(-0.5, 0.5),
    vy=st.floats(-0.5, 0.5),
    rotate=st.booleans(),
)
def test_to_the_crop_and_back_is_the_identity(
    angle: float, size: float, scale: float, vx: float, vy: float, rotate: bool
) -> None:
    points = face(angle=angle, size=size)
    box = crop_box(points, scale=scale, vx_ratio=vx, vy_ratio=vy)
    to_crop = box.to_crop(512, turned=rotate)
    there = transform_points(points, to_crop)
    assert transform_points(there, inverse(to_crop)) == pytest.approx(points, abs=0.01)
    corners = transform_points(box.corners(turned=rotate), to_crop)
    assert corners == pytest.approx(np.array([[0, 0], [512, 0], [512, 512], [0, 512]]), abs=0.05)


def test_ratios_shift_the_crop_along_the_face() -> None:
    points = face(angle=0.7)
    plain = crop_box(points, vx_ratio=0, vy_ratio=0)
    across, down = np.array([np.cos(0.7), np.sin(0.7)]), np.array([-np.sin(0.7), np.cos(0.7)])
    for vx, vy, direction in ((0.2, 0.0, across), (0.0, 0.2, down)):
        moved = crop_box(points, vx_ratio=vx, vy_ratio=vy)
        shift = np.array([moved.x - plain.x, moved.y - plain.y])
        assert shift == pytest.approx(0.2 * plain.side * direction, abs=1e-6)


def test_a_crop_of_a_picture_pasted_back_is_the_picture() -> None:
    image = picture()
    crop = crop_face(image, face(angle=0.2, size=40), size=512)
    pasted = PasteBack(place(image, crop.to_crop, 512))(crop.image[None])[0]
    assert np.abs(pasted.astype(int) - image).max() <= 3


def test_a_crop_beyond_the_picture_is_black_there() -> None:
    image = np.full((60, 60, 3), 200, np.uint8)
    crop = crop_face(image, face(middle=(5, 5), angle=0, size=20), size=64)
    assert (crop.image[0, 0] == 0).all()
    assert (crop.image[-1, -1] == 200).all()


def test_the_sampler_is_exact_where_pixels_meet_and_between_them() -> None:
    image = np.array([[0, 100], [200, 40]], np.uint8)
    halfway = sample_bilinear(image, np.array([[0.5, 0, 0], [0, 0.5, 0]]), (3, 3))
    assert halfway.tolist() == [[0, 50, 100], [100, 85, 70], [200, 120, 40]]
    assert sample_bilinear(image, np.array([[1.0, 0, 9], [0, 1, 0]]), (1, 2)).tolist() == [[0, 0]]


@pytest.mark.parametrize("size", [(64, 64), (90, 200), (200, 90)])
def test_without_a_crop_the_whole_picture_is_squeezed(size: tuple[int, int]) -> None:
    crop = whole_picture(picture(*size), 128)
    assert crop.image.shape == (128, 128, 3)
    assert crop.for_network(64).shape == (64, 64, 3)
    corner = transform_points(np.array([[size[1], size[0]]]), crop.to_crop)
    assert corner == pytest.approx(np.array([[128, 128]]))


def placements() -> list[Any]:
    large = np.array([[1.7, 0.6, -60], [-0.6, 1.7, -20], [0, 0, 1.0]])
    small = np.array([[4.5, 1, -350], [-1, 4.5, -200], [0, 0, 1.0]])
    beyond = np.array([[1.2, 0, 40], [0, 1.2, 60], [0, 0, 1.0]])
    return [pytest.param(m, id=n) for m, n in ((large, "large"), (small, "small"), (beyond, "beyond"))]


@pytest.mark.parametrize("to_crop", placements())
def test_pixels_outside_of_the_mask_stay_and_numpy_and_torch_agree(to_crop: np.ndarray) -> None:
    image, crops = picture(), np.stack([picture(256, 256, seed) for seed in (1, 2)])
    spot = place(image, to_crop, 256)
    pasted = PasteBack(spot)(crops)
    seen = np.zeros(image.shape[:2], bool)
    seen[spot.rows, spot.columns] = spot.weights[..., 0] > 0
    assert pasted.shape == (2, *image.shape)
    assert (pasted[:, ~seen] == image[~seen]).all()
    assert (pasted[:, seen] != image[seen]).mean() > 0.05
    levels = torch.from_numpy(crops).permute(0, 3, 1, 2) / 255
    by_torch = TorchPasteBack(spot)(levels).numpy()
    assert (by_torch[:, ~seen] == image[~seen]).all()
    assert np.abs(by_torch.astype(int) - pasted).max() <= 1
    assert np.array_equal(image, picture())  # the portrait itself is never written to


def test_there_is_no_seam() -> None:
    image = np.full((300, 300, 3), 100, np.uint8)
    to_crop = crop_box(face(angle=0.3, size=90, middle=(150, 150)), vy_ratio=0).to_crop(256)
    pasted = PasteBack(place(image, to_crop, 256))(np.full((1, 256, 256, 3), 140, np.uint8))[0, ..., 0]
    assert pasted.max() == 140
    assert pasted.min() == 100
    steps = [np.abs(np.diff(pasted.astype(int), axis=axis)).max() for axis in (0, 1)]
    assert max(steps) <= 4  # of 40: the edge is spread over many pixels


def test_the_mask_is_one_inside_zero_on_the_border_and_round_at_the_corners() -> None:
    y, x = np.mgrid[:101, :101].astype(float)
    weights = mask_weights(x, y, 101)
    assert weights.shape == (101, 101)
    assert weights[50, 50] == 1
    assert max(weights[0].max(), weights[-1].max(), weights[:, 0].max(), weights[:, -1].max()) < 1e-3
    assert np.array_equal(weights, weights.T)
    assert weights[6, 6] == 0 < weights[6, 50]
    assert np.abs(np.diff(weights, axis=0)).max() < 0.15


def test_a_mask_of_ones_own_and_a_crop_that_misses_the_picture() -> None:
    image, mask = picture(), np.zeros((64, 64), np.uint8)
    mask[20:40, 20:40] = 255
    spot = place(image, np.eye(3), 64, mask)
    assert (spot.rows, spot.columns) == (slice(20, 40), slice(20, 40))
    with pytest.raises(ValueError, match="outside"):
        place(image, np.array([[1, 0, 1000], [0, 1, 0], [0, 0, 1.0]]), 64)


def test_small_faces_are_averaged_before_they_are_shrunk() -> None:
    stripes = np.zeros((240, 240, 3), np.uint8)
    stripes[:, ::2] = 200
    spot = place(picture(), np.array([[4, 0, 0], [0, 4, 0], [0, 0, 1.0]]), 240)
    assert spot.shrinkage == 4
    pasted = PasteBack(spot)(stripes[None])[0]
    assert (np.abs(pasted[20:40, 20:40].astype(int) - 100) <= 1).all()
    assert set(np.unique(PasteBack(spot, original=True)(stripes[None])[0, 20:40, 20:40])) <= {0, 200}
