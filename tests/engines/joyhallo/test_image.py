"""The image inputs. Small models answer in place of InsightFace's files, which are not available."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engines.base import EngineOptions
from engines.joyhallo.face.crop import Square
from engines.joyhallo.face.identity import DETECTION_SIDE, DETECTOR, RECOGNISER, IdentityReader
from engines.joyhallo.face.image import FaceImage, read_face
from engines.joyhallo.options import JoyHalloOptions
from media.errors import NoFaceError
from media.faces import Face
from media.portrait import Portrait, open_portrait
from tests.engines.faces import small_models
from tests.engines.faces.small_models import anchor

ASTRONAUT = Path(__file__).parents[3] / "examples" / "portraits" / "astronaut.png"
NOBODY = IdentityReader()


@pytest.fixture(scope="module")
def portrait() -> Portrait:
    return open_portrait(ASTRONAUT)


@pytest.fixture(scope="module")
def faceless(portrait: Portrait) -> Portrait:
    return replace(portrait, image=portrait.image[:, :400], faces=())


def cut(portrait: Portrait, rows: slice, columns: slice) -> Portrait:
    """A part of a portrait, with the face where it was."""
    assert portrait.face is not None
    x, y = columns.start, rows.start
    box = portrait.face.box
    face = Face(
        portrait.face.landmarks - np.array([x, y, 0], np.float32),
        (box[0] - x, box[1] - y, box[2] - x, box[3] - y),
        portrait.face.score,
    )
    return replace(portrait, image=np.ascontiguousarray(portrait.image[rows, columns]), faces=(face,))


def reader(folder: Path, portrait: Portrait, *faces: Face, score: float = 0.9) -> IdentityReader:
    """InsightFace seeing faces of a portrait of 512 pixels, squares as wide as theirs."""
    factor = DETECTION_SIDE / max(portrait.image.shape[:2])
    seen = []
    for face in faces:
        x, y = (round((face.box[i] + face.box[i + 2]) / 2 * factor / 8) * 8 for i in (0, 1))
        reach = round((face.box[2] - face.box[0]) / 2 * factor / 8)
        seen.append((0, anchor(0, x, y, DETECTION_SIDE), reach, score))
    small_models.detector(folder / DETECTOR, *seen, side=DETECTION_SIDE)
    small_models.quarters_recogniser(folder / RECOGNISER)
    return IdentityReader.from_folder(folder)


def covers(face_image: FaceImage, face: Face) -> bool:
    """Whether the face's landmarks are inside the box that the networks get."""
    box = face_image.boxes.face
    middle = face.landmarks[:, :2].mean(axis=0) - (face_image.square.x, face_image.square.y)
    return bool(box.x0 < middle[0] < box.x1 and box.y0 < middle[1] < box.y1)


def test_a_face_is_cut_out_and_reported_where_it_is(portrait: Portrait) -> None:
    found = read_face(portrait, NOBODY)
    assert portrait.face is not None
    assert found.image.shape == (512, 512, 3)
    assert found.image.dtype == np.uint8
    assert 200 < found.square.width < 280
    assert covers(found, portrait.face)
    region, masks = found.region(), found.masks()
    assert region.shape == (3, 512, 512)
    assert 0.1 < region.mean() < 0.5
    assert [level.size for level in masks.lips] == [4096, 1024, 256, 64]
    small = read_face(portrait, NOBODY, side=256)
    assert small.image.shape == (256, 256, 3)
    assert small.region().shape == (3, 256, 256)
    assert [level.size for level in small.masks().lips] == [1024, 256, 64, 16]


def test_the_ratios_and_the_share_act(portrait: Portrait) -> None:
    usual = read_face(portrait, NOBODY)
    wide = read_face(portrait, NOBODY, face_ratio=1.5, lip_ratio=3.0, face_share=0.5)
    assert wide.square.width == pytest.approx(usual.square.width * 1.2, abs=2)
    assert wide.boxes.face.x1 - wide.boxes.face.x0 > 1.2 * (usual.boxes.face.x1 - usual.boxes.face.x0)
    assert wide.boxes.lips.y1 - wide.boxes.lips.y0 > 1.4 * (usual.boxes.lips.y1 - usual.boxes.lips.y0)


def test_without_cropping_the_whole_portrait_is_squeezed(portrait: Portrait) -> None:
    part = cut(portrait, slice(0, 300), slice(100, 500))
    found = read_face(part, NOBODY, crop=False)
    assert found.square == Square(0, 0, 400, 300)
    assert found.boxes.size == (300, 400)
    assert part.face is not None
    assert covers(found, part.face)


@pytest.mark.parametrize(
    ("rows", "columns"),
    [(slice(40, 400), slice(190, 480)), (slice(80, 400), slice(100, 400)), (slice(0, 170), slice(0, 260))],
    ids=["left", "top", "lower right"],
)
def test_a_face_near_the_border(portrait: Portrait, rows: slice, columns: slice) -> None:
    part = cut(portrait, rows, columns)
    found = read_face(part, NOBODY)
    assert part.face is not None
    assert covers(found, part.face)
    height, width = part.image.shape[:2]
    square = found.square
    assert 0 <= square.x <= width - square.width
    assert 0 <= square.y <= height - square.height


def test_a_face_larger_than_the_picture_is_reported(portrait: Portrait) -> None:
    part = cut(portrait, slice(90, 170), slice(160, 280))
    found = read_face(part, NOBODY)
    assert found.square.height > 80
    assert found.image.shape == (512, 512, 3)
    assert any("The head takes 100%" in note for note in found.notes)
    assert any("The face is small" in note for note in found.notes)
    assert found.region().max() == 1


def test_the_chosen_one_of_several_faces(portrait: Portrait, tmp_path: Path) -> None:
    assert portrait.face is not None
    image = np.ascontiguousarray(np.hstack([portrait.image, portrait.image[:, ::-1]]))
    moved = portrait.face.landmarks * np.array([-1, 1, 1], np.float32) + np.array([1023, 0, 0], np.float32)
    x0, y0, x1, y1 = portrait.face.box
    faces = (portrait.face, Face(moved, (1023 - x1, y0, 1023 - x0, y1), 0.9))
    both = replace(portrait, image=image, faces=faces)
    identities = reader(tmp_path, both, *faces)
    for index in (0, 1):
        chosen = replace(both, face_index=index)
        found = read_face(chosen, identities)
        assert covers(found, faces[index])
        seen = identities.read(image, faces[index]).found
        assert seen is not None
        assert (seen.box[0] > 512) == (index == 1)


def test_insightface_identifies_the_person(portrait: Portrait, tmp_path: Path) -> None:
    assert portrait.face is not None
    found = read_face(portrait, reader(tmp_path, portrait, portrait.face))
    assert found.embedding.shape == (512,)
    assert found.embedding.dtype == np.float32
    assert found.embedding.any()
    assert not any("InsightFace" in note for note in found.notes)


def test_where_insightface_sees_nothing_mediapipes_points_do(portrait: Portrait, tmp_path: Path) -> None:
    assert portrait.face is not None
    found = read_face(portrait, reader(tmp_path, portrait, portrait.face, score=0.4))
    assert found.embedding.any()
    assert "InsightFace did not find this face with a score of 0.50" in found.notes[0]
    (tmp_path / DETECTOR).unlink()
    alone = IdentityReader.from_folder(tmp_path).read(portrait.image, portrait.face)
    assert alone.notes == ()
    np.testing.assert_array_equal(alone.embedding, found.embedding)


def test_without_the_recogniser_no_one_is_identified(portrait: Portrait) -> None:
    found = read_face(portrait, NOBODY)
    assert not found.embedding.any()
    assert "glintr100.onnx is missing" in found.notes[0]


def test_a_turned_face_is_reported(portrait: Portrait) -> None:
    assert portrait.face is not None
    mesh = portrait.face.landmarks.copy()
    mesh[234, 2] += 90
    turned = replace(portrait, faces=(replace(portrait.face, landmarks=mesh),))
    assert any("turned aside by" in note for note in read_face(turned, NOBODY).notes)
    assert not any("turned aside by" in note for note in read_face(portrait, NOBODY).notes)


def test_a_picture_without_a_face_reaches_the_engine_and_is_refused(faceless: Portrait) -> None:
    assert not JoyHalloOptions().needs_face
    assert EngineOptions().needs_face
    with pytest.raises(NoFaceError, match="--allow-no-face"):
        read_face(faceless, NOBODY)


def test_a_picture_without_a_face_is_taken_as_a_usual_one(faceless: Portrait) -> None:
    found = read_face(faceless, NOBODY, allow_no_face=True)
    assert found.square == Square(0, 56, 400, 400)
    assert not found.embedding.any()
    assert "as if it showed one in its centre" in found.notes[-1]
    assert 0.2 < found.region().mean() < 0.5
    face, lips = found.boxes.face, found.boxes.lips
    assert face.x0 < lips.x0 < lips.x1 < face.x1
    assert face.y0 < lips.y0 < lips.y1 < face.y1
    squeezed = read_face(faceless, NOBODY, allow_no_face=True, crop=False)
    assert squeezed.square == Square(0, 0, 400, 512)


def test_a_face_that_only_insightface_sees_is_used(
    portrait: Portrait, faceless: Portrait, tmp_path: Path
) -> None:
    assert portrait.face is not None
    identities = reader(tmp_path, faceless, portrait.face)
    found = read_face(faceless, identities, allow_no_face=True)
    assert found.embedding.any()
    assert not any("middle" in note for note in found.notes)
    assert covers(found, portrait.face)
    lips = found.boxes.lips
    assert lips.x1 >= lips.x0
    with pytest.raises(NoFaceError):
        read_face(faceless, identities)


def test_without_any_model_there_is_no_reader_of_any(tmp_path: Path) -> None:
    assert IdentityReader.from_folder(tmp_path) == NOBODY
