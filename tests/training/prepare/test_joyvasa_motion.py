"""Motions of videos: batches, boxes, gaps, memory."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator

import numpy as np
import pytest
import torch
from PIL import Image

from engines.joyvasa.face.affine import inverse, sample_bilinear, transform_points
from engines.joyvasa.face.crop import CropBox, crop_box, crop_face, resized
from engines.joyvasa.face.mesh_points import mesh_eye_ratios, mesh_lip_ratio, mesh_to_106
from engines.joyvasa.face.openness import eye_ratios, lip_ratio
from engines.joyvasa.networks.builders import TINY, build
from engines.joyvasa.networks.motion_extractor import MotionExtractor
from media.faces.face import Face
from media.faces.mediapipe_mesh import MediaPipeDetector
from training.prepare.face_following import LONGEST_GAP, FaceFollower
from training.prepare.motion_extraction import WIDTHS, BoxView, Pictures, face_views, motion_of
from training.prepare.preparer import Rejected

SIDE = 160


@pytest.fixture(scope="module")
def network() -> MotionExtractor:
    torch.manual_seed(1)
    made = build("motion_extractor", TINY["motion_extractor"]).eval()
    assert isinstance(made, MotionExtractor)
    return made


@pytest.fixture(scope="module")
def portrait() -> np.ndarray:
    with Image.open("examples/portraits/astronaut.png") as image:
        return np.asarray(image.convert("RGB").resize((SIDE, SIDE)))


def mesh(x: float, y: float, size: float, seed: int = 0) -> np.ndarray:
    """A made-up face around a point, `size` pixels across."""
    places = np.random.default_rng(seed).uniform(-0.5, 0.5, (478, 3))
    places[[33, 133, 362, 263], :2] = [(-0.3, -0.2), (-0.1, -0.2), (0.1, -0.2), (0.3, -0.2)]
    places[[159, 145, 386, 374], :2] = [(-0.2, -0.25), (-0.2, -0.15), (0.2, -0.22), (0.2, -0.18)]
    places[[61, 291, 13, 14], :2] = [(-0.2, 0.3), (0.2, 0.3), (0, 0.25), (0, 0.35)]
    return (places * size + (x, y, 0)).astype(np.float32)


class Faces:
    """A detector that sees in each picture what its corner says: the list's entry of that number."""

    def __init__(self, *seen: list[np.ndarray]) -> None:
        self.seen = seen

    def detect(self, image: np.ndarray, min_score: float = 0.5) -> list[Face]:
        return [face_of(points) for points in self.seen[image[0, 0, 0]]]

    def follow(self, image: np.ndarray, face: Face) -> Face | None:
        return next(iter(self.detect(image)), None)


def face_of(points: np.ndarray) -> Face:
    (x0, y0), (x1, y1) = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    return Face(points, (float(x0), float(y0), float(x1), float(y1)), 0.9)


def numbered(count: int, height: int = 40, width: int = 40) -> Iterator[np.ndarray]:
    noise = np.random.default_rng(3).integers(0, 255, (count, height, width, 3), dtype=np.uint8)
    for number, picture in enumerate(noise):
        picture[0, 0, 0] = number
        yield picture


def extract_motion(
    pictures: Pictures, follower: FaceFollower, network: MotionExtractor, *, square: bool, batch: int = 3
) -> dict[str, np.ndarray]:
    views = list(face_views(pictures, follower, square=square))
    face = follower.finish()
    return motion_of(views, face.seen, network, batch) | {"eyes": face.eyes, "lip": face.lip}


@pytest.mark.parametrize("square", [True, False])
def test_batches_change_nothing(network: MotionExtractor, square: bool) -> None:
    faces = Faces(*([mesh(20 + i, 18, 16)] for i in range(9)))
    made = [
        extract_motion(lambda: numbered(9), FaceFollower(faces), network, square=square, batch=batch)
        for batch in (1, 4, 64)
    ]
    for other in made[1:]:
        for name, width in WIDTHS.items():
            assert other[name].shape == (9, width)
            assert other[name].dtype == np.float32
            np.testing.assert_allclose(other[name], made[0][name], rtol=1e-4, atol=1e-4)


def test_rows_are_those_of_the_network(network: MotionExtractor) -> None:
    (picture,) = numbered(1, 256, 256)
    follower = FaceFollower(Faces(*[[mesh(99, 99, 80)]] * 256))
    one = extract_motion(lambda: iter([picture]), follower, network, square=True)
    with torch.inference_mode():
        heads = network(torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 255)
    for name in ("exp", "scale", "t", "kp"):
        np.testing.assert_allclose(one[name], getattr(heads, name).numpy(), atol=1e-5)
    chance = torch.softmax(heads.yaw, 1)[0].numpy()
    assert one["yaw"][0, 0] == pytest.approx(float(chance @ np.arange(66)) * 3 - 97.5, abs=1e-3)


def test_one_box_for_the_whole_video() -> None:
    """LivePortrait's square: 2.2 times the points' extent, up by a tenth, upright, the mean of all frames."""
    places = [(60.0, 50.0, 30.0), (70.0, 54.0, 34.0), (95.0, 40.0, 20.0)]
    alone = []
    for x, y, size in places:
        follower = FaceFollower(Faces([mesh(x, y, size)]))
        follower.look(np.zeros((8, 8, 3), np.uint8))
        alone.append(follower.finish().box)
    follower = FaceFollower(Faces(*([mesh(*place)] for place in places)))
    for picture in numbered(3, 8, 8):
        follower.look(picture)
    box = follower.finish().box
    assert box.angle == 0
    for name in ("x", "y", "side"):
        assert getattr(box, name) == pytest.approx(np.mean([getattr(one, name) for one in alone]))
    assert alone[0].side / alone[2].side == pytest.approx(30 / 20, rel=1e-3)


def test_box_view_cuts_the_square_and_leaves_black() -> None:
    picture = np.zeros((100, 200, 3), np.uint8)
    picture[20:60, 100:140] = (250, 100, 50)
    view = BoxView(CropBox(120, 40, 40, 0.0))(picture)
    assert view.shape == (256, 256, 3)
    np.testing.assert_array_equal(view[128, 128], (250, 100, 50))
    outside = BoxView(CropBox(0, 50, 100, 0.0))(np.full((100, 200, 3), 200, np.uint8))
    assert not outside[:, :120].any()
    assert (outside[8:-8, 136:] == 200).all()
    smooth = np.add.outer(np.arange(100), np.arange(200))[..., None].repeat(3, axis=2) * 0.8
    box = CropBox(90.3, 48.7, 71.9, 0.0)
    there = inverse(box.to_crop(512, turned=False))
    exact = resized(sample_bilinear(smooth.astype(np.uint8), there, (512, 512)), 256)
    assert np.abs(BoxView(box)(smooth.astype(np.uint8)).astype(int) - exact).max() <= 1


def test_short_gaps_are_bridged(network: MotionExtractor) -> None:
    seen = [[mesh(20, 20, 16, seed=0)]] * 4 + [[]] * LONGEST_GAP + [[mesh(20, 20, 16, seed=0)]] * 2
    made = extract_motion(lambda: numbered(9), FaceFollower(Faces(*seen)), network, square=True)
    steps = np.diff(made["exp"][3:8], axis=0)
    np.testing.assert_allclose(steps, np.broadcast_to(steps[:1], steps.shape), atol=1e-5)
    assert (made["lip"] > 0).all()


def test_long_gaps_reject() -> None:
    seen = [[mesh(20, 20, 16)]] * 4 + [[]] * (LONGEST_GAP + 1)
    follower = FaceFollower(Faces(*seen))
    pictures = list(numbered(8, 8, 8))
    for picture in pictures[:7]:
        follower.look(picture)
    with pytest.raises(Rejected, match=r"No face from 0\.16 s to 0\.32 s") as refusal:
        follower.look(pictures[7])
    assert refusal.value.code == "no_face"


def test_two_faces_reject_unless_one_is_small() -> None:
    large, small, equal = mesh(30, 30, 40), mesh(90, 30, 12), mesh(90, 30, 38)
    FaceFollower(Faces([large, small])).look(np.zeros((8, 8, 3), np.uint8))
    with pytest.raises(Rejected, match=r"2 faces at 0\.00 s") as refusal:
        FaceFollower(Faces([large, equal])).look(np.zeros((8, 8, 3), np.uint8))
    assert refusal.value.code == "many_faces"


def test_no_picture_at_all_rejects() -> None:
    with pytest.raises(Rejected):
        FaceFollower(Faces()).finish()


class Counted:
    """Counts how many of the arrays that went through it are alive."""

    def __init__(self) -> None:
        self.alive = self.most = 0

    def __call__(self, arrays: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        for array in map(np.copy, arrays):
            weakref.finalize(array, self._gone)
            self.alive += 1
            self.most = max(self.most, self.alive)
            yield array

    def _gone(self) -> None:
        self.alive -= 1


@pytest.mark.parametrize("square", [True, False])
def test_memory_does_not_grow_with_the_video(network: MotionExtractor, square: bool) -> None:
    """One picture at a time, whatever the batch, and two batches of views."""
    pictures, views = Counted(), Counted()
    follower = FaceFollower(Faces(*([mesh(20, 20, 16)] for _ in range(30))))
    cut = face_views(lambda: pictures(numbered(30)), follower, square=square)
    motion_of(views(cut), np.ones(30, bool), network, 4)
    assert pictures.most <= 3
    assert views.most <= 9


def test_a_real_face_is_measured(network: MotionExtractor, portrait: np.ndarray) -> None:
    wide = np.pad(portrait, ((0, 0), (40, 20), (0, 0)))
    detector = MediaPipeDetector()
    follower = FaceFollower(detector)
    follower.look(wide)
    follower.look(wide)
    face = follower.finish()
    found = detector.detect(wide)[0].landmarks
    assert abs(face.box.x - found[4, 0]) < 0.15 * face.box.side
    assert 1.5 < face.box.side / np.ptp(found[:, 1]) < 2.8
    np.testing.assert_allclose(face.eyes[0], mesh_eye_ratios(found), atol=0.05)
    np.testing.assert_allclose(face.lip[0], mesh_lip_ratio(found), atol=0.05)
    assert (face.eyes > 0.2).all()
    assert (face.eyes < 0.6).all()


def test_finer_points_measure_where_they_are_installed() -> None:
    """LivePortrait's 203 points make the box and the ratios; MediaPipe's mesh only says where to look."""
    places = np.random.default_rng(5).uniform(0.2, 0.8, (203, 2)).astype(np.float32)
    looked_at = []

    def model(batch: np.ndarray) -> list[np.ndarray]:
        looked_at.append(batch.shape)
        return [np.zeros(1), np.zeros(1), places.reshape(1, -1)]

    picture = np.zeros((96, 96, 3), np.uint8)
    follower = FaceFollower(Faces([mesh(48, 48, 30)]), model)
    follower.look(picture)
    face = follower.finish()
    assert looked_at == [(1, 3, 224, 224)]
    crop = crop_face(picture, mesh_to_106(mesh(48, 48, 30)), size=224, scale=1.5, vy_ratio=-0.1)
    there = transform_points(places * 224, crop.to_picture)
    expected = crop_box(there, scale=2.2, vy_ratio=-0.1)
    assert (face.box.x, face.box.y, face.box.side) == pytest.approx(
        (expected.x, expected.y, expected.side), rel=1e-4
    )
    np.testing.assert_allclose(face.eyes[0], eye_ratios(places), rtol=1e-3)
    np.testing.assert_allclose(face.lip[0], lip_ratio(places), rtol=1e-3)
