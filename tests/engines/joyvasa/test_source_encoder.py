"""Faces by every backend. Small models and functions answer in place of the public model files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from engines.faces.mesh import mesh_turn
from engines.joyvasa.face.crop import crop_box
from engines.joyvasa.face.face_axis import face_axis
from engines.joyvasa.face.landmarks import landmarks_203
from engines.joyvasa.face.mesh_points import (
    clicks_to_9,
    mesh_lip_ratio,
    mesh_to_9,
    mesh_to_106,
)
from engines.joyvasa.face.source_encoder import DETECTOR, LANDMARKS_106, FaceFinder
from media.errors import NoFaceError
from media.faces import Face
from media.portrait import Anchors, Portrait, open_portrait
from tests.engines.faces import small_models
from tests.engines.faces.small_models import anchor

ASTRONAUT = Path(__file__).parents[3] / "examples" / "portraits" / "astronaut.png"


@pytest.fixture(scope="module")
def portrait() -> Portrait:
    return open_portrait(ASTRONAUT)


def face_of(portrait: Portrait) -> Face:
    assert portrait.face is not None
    return portrait.face


def test_landmarks_of_203_are_mapped_back_from_a_turned_crop(portrait: Portrait) -> None:
    points = mesh_to_106(face_of(portrait).landmarks)

    def model(pixels: np.ndarray) -> list[np.ndarray]:
        assert pixels.shape == (1, 3, 224, 224)
        assert pixels.max() <= 1
        return [np.zeros(1), np.zeros(1), np.full((1, 406), 0.5, np.float32)]

    found = landmarks_203(portrait.image, points, model)
    box = crop_box(points, scale=1.5, vy_ratio=-0.1)
    assert found == pytest.approx(np.tile([box.x, box.y], (203, 1)), abs=0.01)


def test_the_mesh_has_the_axis_and_the_reach_of_the_106_points(portrait: Portrait) -> None:
    mesh = face_of(portrait).landmarks
    points = mesh_to_106(mesh)
    assert points.shape == (106, 2)
    eyes, mouth = face_axis(points)
    assert eyes == pytest.approx(mesh[[468, 473], :2].mean(axis=0), abs=0.06 * np.ptp(points[:, 0]))
    assert mouth == pytest.approx(mesh[[61, 291], :2].mean(axis=0), abs=1e-3)
    chin, ears = mesh[152, :2], mesh[[234, 454], :2]
    assert np.hypot(*(points - chin).T).min() < 2
    assert np.ptp(points[:, 0]) >= 0.98 * abs(ears[1, 0] - ears[0, 0])


def test_the_same_face_has_the_same_crop_by_every_number_of_points(portrait: Portrait) -> None:
    """Not InsightFace's agreement with MediaPipe, which needs its files: that the maps do not contradict."""
    mesh = face_of(portrait).landmarks
    whole, nine = crop_box(mesh_to_106(mesh)), crop_box(mesh_to_9(mesh))
    assert nine.angle == pytest.approx(whole.angle, abs=0.05)
    assert 0.5 < nine.side / whole.side < 1
    eyes = mesh[[468, 473], :2]
    clicked = crop_box(clicks_to_9(tuple(eyes[0]), tuple(eyes[1]), tuple(mesh[13, :2])))
    assert clicked.angle == pytest.approx(nine.angle, abs=0.05)
    assert clicked.side == pytest.approx(nine.side, rel=0.2)


def test_eyes_on_one_place_are_refused() -> None:
    with pytest.raises(ValueError, match="one point"):
        clicks_to_9((5, 5), (5, 5), (5, 9))


def test_people_by_mediapipe_when_nothing_else_is_there(portrait: Portrait) -> None:
    found = FaceFinder().find(portrait)
    assert (found.backend, found.notes) == ("mediapipe", ())
    assert found.lip_ratio == pytest.approx(mesh_lip_ratio(face_of(portrait).landmarks))
    assert found.points.shape == (106, 2)


def insightface(folder: Path, box: tuple[float, float, float, float], score: float) -> FaceFinder:
    """A finder whose detector sees one face of `box` in a picture of 512 x 512."""
    x, y = (round((box[i] + box[i + 2]) / 2 / 8) * 8 for i in (0, 1))
    reach = round((box[2] - box[0]) / 2 / 8)
    small_models.detector(folder / DETECTOR, (0, anchor(0, x, y), reach, score))
    small_models.landmarks(folder / LANDMARKS_106)
    return FaceFinder.from_folder(folder, device="cuda")  # falls back to the CPU where there is no GPU


def test_people_by_insightface_when_it_is_there(portrait: Portrait, tmp_path: Path) -> None:
    assert portrait.image.shape[:2] == (512, 512)
    box = face_of(portrait).box
    found = insightface(tmp_path, box, 0.8).find(portrait)
    assert found.backend == "insightface"
    assert found.score == pytest.approx(0.8)
    assert found.lip_ratio == pytest.approx(mesh_lip_ratio(face_of(portrait).landmarks))
    assert found.points.shape == (106, 2)
    middle, side = found.points.mean(axis=0), box[2] - box[0]
    assert middle == pytest.approx([(box[0] + box[2]) / 2, (box[1] + box[3]) / 2], abs=side)


def test_insightface_gives_way_where_it_does_not_see_the_chosen_face(
    portrait: Portrait, tmp_path: Path
) -> None:
    for box, score in (((400, 400, 480, 480), 0.8), (face_of(portrait).box, 0.1)):
        found = insightface(tmp_path, box, score).find(portrait)
        assert found.backend == "mediapipe"
        assert "InsightFace did not find this face" in found.notes[0]


def turned(portrait: Portrait, degrees: float) -> Portrait:
    face = face_of(portrait)
    mesh = face.landmarks - face.landmarks.mean(axis=0)
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    mesh = mesh @ np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]]) + face.landmarks.mean(axis=0)
    return replace(portrait, faces=(replace(face, landmarks=mesh.astype(np.float32)),))


def test_a_turned_face_is_reported_and_a_profile_refused(portrait: Portrait) -> None:
    assert mesh_turn(face_of(portrait).landmarks) < 10
    assert "turned aside by 4" in FaceFinder().find(turned(portrait, 45)).notes[0]
    with pytest.raises(NoFaceError, match="turned aside by 7"):
        FaceFinder().find(turned(portrait, 75))


def xpose(score: float) -> SimpleNamespace:
    points = np.arange(18, dtype=np.float32).reshape(9, 2)
    return SimpleNamespace(best=lambda _: SimpleNamespace(keypoints=points, score=score))


def test_animals_by_clicks_first_then_x_pose_then_a_plausible_mesh(portrait: Portrait) -> None:
    animal = replace(portrait, subject="animal")
    clicked = replace(animal, anchors=Anchors((200, 80), (250, 80), (225, 120)))
    finder = FaceFinder(animals=xpose(0.4))
    assert finder.find(clicked).backend == "clicked"
    by_xpose = finder.find(animal)
    assert (by_xpose.backend, by_xpose.lip_ratio) == ("x-pose", None)
    assert "score of 0.40" in by_xpose.notes[0]
    assert finder.find(animal, det_thresh=0.5).backend == "mediapipe"


def test_a_doubtful_animal_is_refused_with_its_score(portrait: Portrait) -> None:
    nothing = replace(portrait, subject="animal", faces=())
    with pytest.raises(NoFaceError, match=r"best score is 0\.05, 0\.15 is asked for.*--anchors"):
        FaceFinder(animals=xpose(0.05)).find(nothing)
    with pytest.raises(NoFaceError, match="No animal's face was found; click"):
        FaceFinder().find(nothing)


def test_missing_models_are_not_used(tmp_path: Path) -> None:
    assert FaceFinder.from_folder(tmp_path) == FaceFinder()
