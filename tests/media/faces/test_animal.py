from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from media.faces import Face, default_detector
from media.faces.animal import HUMAN_SCORE, cat_heads, measure, plausible_faces

PORTRAITS = Path(__file__).resolve().parents[3] / "examples" / "portraits"


def pixels(name: str) -> np.ndarray:
    return np.asarray(Image.open(PORTRAITS / name).convert("RGB"))


def grey(image: np.ndarray) -> np.ndarray:
    return image @ np.array([0.299, 0.587, 0.114], np.float32)


def moved(face: Face, x: float = 0.0, y: float = 0.0, scale: float = 1.0, score: float = 0.6) -> Face:
    """The face elsewhere in the picture, about its own middle, with an animal's score."""
    points = face.landmarks.copy()
    middle = points[:, :2].mean(axis=0)
    points[:, :2] = (points[:, :2] - middle) * scale + middle + (x, y)
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    return Face(points, (float(low[0]), float(low[1]), float(high[0]), float(high[1])), score)


@pytest.fixture(scope="module")
def astronaut() -> tuple[np.ndarray, Face]:
    """Her face stands in for an animal's that the mesh fits: the measurements make no difference."""
    image = pixels("astronaut.png")
    return image, default_detector().detect(image)[0]


def test_a_mesh_that_fits_is_trusted(astronaut: tuple[np.ndarray, Face]) -> None:
    image, face = astronaut
    measured = measure(grey(image), face)
    assert measured.darkness > 0.3
    assert measured.symmetry > 0.5
    assert plausible_faces(image, [moved(face)])


@pytest.mark.parametrize(
    ("x", "y", "scale"),
    [(0, 30, 1), (0, -30, 1), (40, 0, 1), (-40, 0, 1), (0, 0, 0.3), (0, 120, 1), (150, 100, 1)],
)
def test_a_mesh_in_the_wrong_place_is_not(
    astronaut: tuple[np.ndarray, Face], x: float, y: float, scale: float
) -> None:
    image, face = astronaut
    assert plausible_faces(image, [moved(face, x, y, scale)]) == []


def test_a_mesh_with_the_mouth_above_the_eyes_is_not(astronaut: tuple[np.ndarray, Face]) -> None:
    image, face = astronaut
    turned = moved(face)
    turned.landmarks[:, 1] = 2 * turned.landmarks[:, 1].mean() - turned.landmarks[:, 1]
    assert measure(grey(image), turned).proportion == 0.0
    assert plausible_faces(image, [turned]) == []


def test_a_high_score_needs_no_dark_eyes(astronaut: tuple[np.ndarray, Face]) -> None:
    image, face = astronaut
    wrong_place = moved(face, 0, 30, score=HUMAN_SCORE)
    assert plausible_faces(image, [wrong_place]) == [wrong_place]


def test_a_head_is_seen_where_the_cat_is() -> None:
    (head,) = cat_heads(grey(pixels("cat.png")))
    eyes = [(172, 115), (299, 122)]
    assert all(head[0] < x < head[2] and head[1] < y < head[3] for x, y in eyes)
    assert 250 < head[2] - head[0] < 400
    assert cat_heads(grey(pixels("astronaut.png"))) == []


def test_a_face_beside_the_cats_head_is_not_trusted(astronaut: tuple[np.ndarray, Face]) -> None:
    """Her face, pasted small into the cat's picture, is a fine face, but not the cat's."""
    image, face = astronaut
    cat = pixels("cat.png")
    canvas = np.full((cat.shape[0], cat.shape[1] + 200, 3), 120, np.uint8)
    canvas[:, : cat.shape[1]] = cat
    canvas[60:190, -150:] = image[60:190, 150:300]
    beside = moved(face, canvas.shape[1] - 300, 0)
    assert measure(grey(canvas), beside).passed
    assert plausible_faces(canvas, [beside]) == []
    assert plausible_faces(canvas, [moved(face, canvas.shape[1] - 300, 0, score=0.8)])


def test_the_cats_own_faces_are_refused() -> None:
    """The network sees a face in one of the cat's eyes; nothing it finds there may be animated."""
    image = pixels("cat.png")
    assert plausible_faces(image, default_detector().detect(image, 0.3)) == []
