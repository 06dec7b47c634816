"""Where a followed face is cut out and where it is pasted back: steady, on the lower face, and soft."""

from __future__ import annotations

import numpy as np
import pytest

from engines.joyvasa.dubbing.region import lower_face
from engines.joyvasa.dubbing.steady_crop import TrackCrop
from engines.joyvasa.face.crop import crop_face
from engines.joyvasa.face.mesh_points import OUTER_LIPS, mesh_to_106
from engines.joyvasa.face.paste_back import PasteBack, drawn_over
from engines.joyvasa.motion.pose import rotation
from engines.joyvasa.options import JoyVasaOptions
from tests.engines.joyvasa.dubbing.conftest import MovingHead, Opened, moved

EYES_AND_BROWS = (33, 133, 362, 263, 159, 145, 386, 374, 70, 105, 300, 334, 10, 168)


@pytest.fixture
def crop(mesh: np.ndarray) -> TrackCrop:
    return TrackCrop(mesh, JoyVasaOptions())


def weights_of(mesh: np.ndarray, to_crop: np.ndarray, strength: float = 1.0) -> np.ndarray:
    """(512, 512) weights of the whole frame."""
    whole = np.zeros((512, 512), np.float32)
    placement = lower_face(np.zeros((512, 512, 3), np.uint8), mesh, to_crop, strength)
    assert placement is not None
    whole[placement.rows, placement.columns] = placement.weights[..., 0]
    return whole


def test_the_calm_frame_is_cut_as_a_portrait(crop: TrackCrop, moving: MovingHead, mesh: np.ndarray) -> None:
    ours = crop.cut(moving.pictures[0], mesh)
    portrait = crop_face(moving.pictures[0], mesh_to_106(mesh))
    assert ours is not None
    assert ours.to_crop == pytest.approx(portrait.to_crop, abs=1e-3)
    assert np.abs(ours.image.astype(int) - portrait.image).max() <= 1


def test_a_head_that_moves_stands_still_in_its_crop(crop: TrackCrop, moving: MovingHead) -> None:
    for picture, mesh in zip(moving.pictures, moving.meshes, strict=True):
        cut = crop.cut(picture, mesh)
        assert cut is not None
        assert cut.points == pytest.approx(crop.cut(picture, moving.meshes[0]).points, abs=0.02)  # type: ignore[union-attr]


def test_an_opening_jaw_moves_the_crop_by_nothing_and_noise_by_less_than_itself(
    crop: TrackCrop, mesh: np.ndarray, opened: Opened
) -> None:
    assert crop.box(opened(0.4)) == crop.box(mesh)
    noise = np.random.default_rng(0).normal(0, 0.3, (50, *mesh.shape)).astype(np.float32)
    boxes = [crop.box(mesh + one) for one in noise]
    places = np.array([(box.x, box.y) for box in boxes])
    assert places.std(axis=0).max() < 0.12
    assert np.std([box.side for box in boxes]) < 0.005 * boxes[0].side


def test_a_face_of_a_few_pixels_is_left_alone(crop: TrackCrop, moving: MovingHead, mesh: np.ndarray) -> None:
    assert crop.cut(moving.pictures[0], mesh * np.float32(0.03)) is None


def test_lips_and_a_dropped_chin_are_painted_fully_and_the_eyes_are_not(
    crop: TrackCrop, mesh: np.ndarray, opened: Opened
) -> None:
    weights = weights_of(mesh, crop.box(mesh).to_crop(512))
    for place in (*OUTER_LIPS, 13, 14):
        x, y = mesh[place, :2].astype(int)
        assert weights[y, x] > 0.99
    x, y = opened(0.25)[152, :2].astype(int)
    assert weights[y, x] > 0.95
    for x, y in mesh[list(EYES_AND_BROWS), :2].astype(int):
        assert weights[y, x] == 0
    half = weights_of(mesh, crop.box(mesh).to_crop(512), 0.5)
    assert half == pytest.approx(weights / 2, abs=1e-6)


@pytest.mark.parametrize("yaw", [-30, 0, 30])
@pytest.mark.parametrize("pitch", [-15, 15])
def test_in_a_turned_head_the_lips_are_painted_fully_and_the_eyes_are_not(
    mesh: np.ndarray, yaw: int, pitch: int
) -> None:
    middle = mesh.mean(axis=0)
    turn = rotation(np.array([pitch]), np.array([yaw]), np.array([0]))[0]
    turned = (mesh - middle) @ turn + middle
    weights = weights_of(turned, TrackCrop(turned, JoyVasaOptions()).box(turned).to_crop(512))
    lips, eyes = (turned[list(which), :2].astype(int).T for which in (OUTER_LIPS, EYES_AND_BROWS))
    assert weights[lips[1], lips[0]].min() > 0.97
    assert weights[eyes[1], eyes[0]].max() == 0


def test_the_rim_is_soft_and_does_not_flicker_between_pixels(crop: TrackCrop, mesh: np.ndarray) -> None:
    to_crop = crop.box(mesh).to_crop(512)
    weights = weights_of(mesh, to_crop)
    steps = np.abs(np.diff(weights, axis=1)).max(), np.abs(np.diff(weights, axis=0)).max()
    assert max(steps) < 0.2  # this face is 90 pixels wide
    tenth = np.array([[1, 0, 0.1], [0, 1, 0.0]])
    assert np.abs(weights_of(moved(mesh, tenth), to_crop) - weights).max() < 0.15 * max(steps)


def test_the_part_in_the_frame_is_painted_and_nothing_of_a_face_outside(
    crop: TrackCrop, mesh: np.ndarray
) -> None:
    picture = np.zeros((512, 512, 3), np.uint8)
    x, y = mesh[13, :2].astype(int)
    placement = lower_face(picture[: y + 6, : x + 4], mesh, crop.box(mesh).to_crop(512), 1.0)
    assert placement is not None
    assert (placement.rows.stop, placement.columns.stop) == (y + 6, x + 4)
    away = mesh + np.array([4000, 0, 0], np.float32)
    assert lower_face(picture, away, crop.box(away).to_crop(512), 1.0) is None


def test_a_crop_that_is_pasted_back_unchanged_lies_where_it_was_to_a_twentieth_of_a_pixel(
    crop: TrackCrop, moving: MovingHead
) -> None:
    for picture, mesh in zip(moving.pictures, moving.meshes, strict=True):
        cut = crop.cut(picture, mesh)
        assert cut is not None
        placement = lower_face(picture, mesh, cut.to_crop, 1.0)
        assert placement is not None
        part = placement.part.astype(np.float64)
        away = (drawn_over(placement, cut.image) - part) * (placement.weights > 0.5)
        assert np.abs(away).mean() < 1.5  # interpolated twice
        slopes = [np.gradient(part, axis=axis) * (placement.weights > 0.5) for axis in (1, 0)]
        shift, *_ = np.linalg.lstsq(np.stack([s.ravel() for s in slopes], axis=1), away.ravel(), rcond=None)
        assert np.abs(shift).max() < 0.05


@pytest.mark.parametrize("scale", [2.3, 4.0])
def test_a_patch_over_its_frame_is_the_paste_back_of_portraits(
    moving: MovingHead, mesh: np.ndarray, scale: float
) -> None:
    picture = moving.pictures[0]
    to_crop = TrackCrop(mesh, JoyVasaOptions(scale=scale)).box(mesh).to_crop(512)
    placement = lower_face(picture, mesh, to_crop, 1.0)
    assert placement is not None
    crop = np.random.default_rng(1).integers(0, 256, (512, 512, 3), np.uint8)
    (wanted,) = PasteBack(placement)(crop[None])
    blended = picture.copy()
    under = placement.part.astype(np.float32)
    mixed = under + placement.weights * (drawn_over(placement, crop) - under)
    blended[placement.rows, placement.columns] = np.rint(mixed)
    assert np.abs(blended.astype(int) - wanted).max() <= 1
