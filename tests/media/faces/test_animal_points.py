"""An animal's three points, proposed on pictures that installed packages carry."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

from benchmarks.animal_pictures import Marked, marked_pictures
from media.errors import NoFaceError
from media.faces import Face
from media.faces.animal_hints import Hint
from media.faces.animal_points import ANOTHER, MOST_PROPOSALS, AnimalPoints, groups, propose_points
from media.faces.animal_shape import alignment
from media.portrait import open_portrait

PORTRAITS = Path(__file__).resolve().parents[3] / "examples" / "portraits"
PICTURES = {picture.name: picture for picture in marked_pictures()}
USABLE = 0.35


@cache
def proposed(name: str) -> tuple[AnimalPoints, ...]:
    with Image.open(PICTURES[name].path) as image:
        return propose_points(np.asarray(image.convert("RGB")))


def farthest(points: object, picture: Marked) -> float:
    """Largest distance of a point from its place, in distances between the eyes."""
    face = np.array(picture.faces[0])
    eyes = np.linalg.norm(face[1] - face[0])
    return float(np.linalg.norm(np.asarray(points) - face, axis=1).max() / eyes)


@pytest.mark.parametrize("name", ["cheetah1", "cheetah2"])
def test_points_are_proposed_near_eyes_and_mouth(name: str) -> None:
    first, *others = proposed(name)
    assert farthest(first.points, PICTURES[name]) <= USABLE
    assert 1 <= len(others) < MOST_PROPOSALS
    assert not any(one.sure for one in others)
    # Each is another place.
    every = [np.array(one.points) for one in (first, *others)]
    for number, one in enumerate(every):
        for other in every[:number]:
            eyes = min(np.linalg.norm(points[1] - points[0]) for points in (one, other))
            assert np.linalg.norm(one - other, axis=1).max() >= ANOTHER * eyes


@pytest.mark.parametrize("name", ["page", "brick", "grass"])
def test_no_points_are_used_without_a_question_where_there_is_no_animal(name: str) -> None:
    image = np.asarray(getattr(data, name)())
    found = propose_points(np.stack([image] * 3, axis=-1) if image.ndim == 2 else image)
    assert not found or not found[0].sure


def test_an_even_area_has_no_points() -> None:
    assert propose_points(np.full((300, 400, 3), 128, np.uint8)) == ()


def test_the_same_picture_has_the_same_points_at_any_size() -> None:
    picture = PICTURES["cheetah1"]
    with Image.open(picture.path) as image:
        large = np.asarray(image.convert("RGB").resize((image.width * 3, image.height * 3)))
    first, *_ = propose_points(large)
    assert farthest(np.array(first.points) / 3, picture) <= USABLE


def test_hints_that_agree_are_one_group_and_a_lonely_one_is_last() -> None:
    face = np.array([[10.0, 10], [50, 10], [30, 30], [30, 45]])
    hints = [Hint(face + shift, 0.3) for shift in (0.0, 1.0, 2.0)] + [Hint(face + 200, 0.4)]
    (first, support), (second, less) = groups(hints)
    assert first == pytest.approx(face[[0, 1, 3]] + 1, abs=0.2)
    assert second == pytest.approx(face[[0, 1, 3]] + 200)
    assert support > less
    assert groups([]) == []


def test_points_are_aligned_by_moving_turning_and_resizing_only() -> None:
    points = np.array([[0.0, 0], [10, 0], [5, 8]])
    turn = 2 * np.array([[0.0, -1], [1, 0]])
    matrix = alignment(points, points @ turn.T + (7, 3))
    assert matrix == pytest.approx(np.column_stack([turn, (7, 3)]))


def test_an_unsure_face_is_an_error_with_the_points_to_pass_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def unsure(_: np.ndarray, most: int = 5) -> tuple[AnimalPoints, ...]:
        places = (100.2, 200.0)
        return tuple(AnimalPoints((x, 50.0), (x + 40, 51.0), (x + 20, 90.0), -x / 100) for x in places)

    monkeypatch.setattr("media.animal_search.propose_points", unsure)
    with pytest.raises(NoFaceError, match=r"--anchors 100,50 140,51 120,90$") as caught:
        open_portrait(PORTRAITS / "cat.png", subject="animal")
    assert caught.value.proposals[1] == ((200.0, 50.0), (240.0, 51.0), (220.0, 90.0))
    unneeded = open_portrait(PORTRAITS / "cat.png", subject="animal", face_needed=False)
    assert unneeded.points is None
    assert len(unneeded.proposals) == 2


def test_a_sure_face_needs_no_answer_and_the_users_points_count_more(monkeypatch: pytest.MonkeyPatch) -> None:
    def sure(_: np.ndarray, most: int = 5) -> tuple[AnimalPoints, ...]:
        return (AnimalPoints((100.0, 50.0), (140.0, 51.0), (120.0, 90.0), 100.0),)

    monkeypatch.setattr("media.animal_search.propose_points", sure)
    portrait = open_portrait(PORTRAITS / "cat.png", subject="animal")
    assert portrait.points == ((100.0, 50.0), (140.0, 51.0), (120.0, 90.0))
    mine = ((172.0, 115.0), (319.0, 136.0), (257.0, 268.0))
    assert open_portrait(PORTRAITS / "cat.png", subject="animal", anchors=mine).points == mine


@pytest.mark.parametrize(
    ("shift", "score", "kept"),
    [(4, 0.8, True), (40, 0.8, False), (40, 0.9, True), (180, 0.8, True)],
    ids=["the same face", "beside it", "a person's", "another animal"],
)
def test_a_doubtful_mesh_beside_a_sure_face_is_dropped(
    monkeypatch: pytest.MonkeyPatch, shift: float, score: float, kept: bool
) -> None:
    points = (100.0, 50.0), (140.0, 50.0), (120.0, 90.0)
    mesh = np.zeros((478, 3), np.float32)
    mesh[[468, 473, 13, 14], :2] = np.array(points)[[0, 1, 2, 2]] + (shift, 0)
    face = Face(mesh, (90.0, 30.0, 330.0, 100.0), score)

    def sure(_: np.ndarray, most: int = 5) -> tuple[AnimalPoints, ...]:
        return (AnimalPoints(*points, 100.0),)

    monkeypatch.setattr("media.animal_search.propose_points", sure)
    monkeypatch.setattr("media.faces.animal.trusted_faces", lambda *_: [face])
    portrait = open_portrait(PORTRAITS / "cat.png", subject="animal")
    assert (portrait.face is face) == kept
    assert (portrait.points is None) == kept


@pytest.mark.parametrize(("degrees", "turn"), [(0, 0), (90, 90), (270, 270)])
def test_a_face_on_its_side_has_a_note_that_says_how_to_turn_the_portrait(degrees: int, turn: int) -> None:
    with Image.open(PORTRAITS / "astronaut.png") as image:
        portrait = open_portrait(image.convert("RGB").rotate(degrees, expand=True))
    assert portrait.upright_turn == turn
    notes = [note for note in portrait.notes if f"turn it by {turn} degrees clockwise" in note]
    assert len(notes) == bool(turn)
    with Image.open(PORTRAITS / "astronaut.png") as image:
        again = image.convert("RGB").rotate(degrees - turn, expand=True)
    assert open_portrait(again).upright_turn == 0


@pytest.mark.parametrize("name", ["astronaut.png", "drawing.jpg", "painting.jpg"])
def test_a_person_is_not_taken_for_an_animal(name: str) -> None:
    assert not open_portrait(PORTRAITS / name).may_be_animal
