"""The face recogniser. Its public file is not here, so a function answers in its form."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from engines.faces.mesh import mesh_keypoints
from engines.faces.recogniser import ALIGNED, align, embed, similarity
from media.faces import default_detector
from media.picture import open_picture

ASTRONAUT = Path(__file__).parents[3] / "examples" / "portraits" / "astronaut.png"


@pytest.mark.parametrize("degrees", [0, 35, 180, -90])
def test_a_similarity_is_found_again(degrees: float) -> None:
    points = np.random.default_rng(0).normal(size=(5, 2)) * 40 + 300
    angle = np.radians(degrees)
    turn = 0.4 * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = similarity(points, points @ turn.T + [5, -7])
    np.testing.assert_allclose(matrix, np.column_stack([turn, [5, -7]]), atol=1e-9)


def test_of_what_is_no_similarity_the_nearest_is_taken() -> None:
    """Moved, scaled or turned a little, the points are never nearer to their places."""
    points = ALIGNED * 3 + np.random.default_rng(1).normal(size=(5, 2)) * 12
    best = similarity(points, ALIGNED)

    def distance(matrix: np.ndarray) -> float:
        return float(np.square(points @ matrix[:, :2].T + matrix[:, 2] - ALIGNED).sum())

    for a, b, x, y in np.vstack([np.eye(4), -np.eye(4)]) * 1e-3:
        assert distance(best + np.array([[a, -b, x], [b, a, y]])) > distance(best)


def test_points_on_one_place_are_no_face() -> None:
    with pytest.raises(ValueError, match="one place"):
        similarity(np.full((5, 2), 7.0), ALIGNED)


def test_a_face_is_brought_to_the_places_of_training() -> None:
    image = open_picture(ASTRONAUT, 512).image
    keypoints = mesh_keypoints(default_detector().detect(image)[0].landmarks)
    turned = cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE)
    moved = np.column_stack([image.shape[0] - 1 - keypoints[:, 1], keypoints[:, 0]])
    upright, from_turned = align(image, keypoints), align(turned, moved)
    assert upright.shape == (112, 112, 3)
    assert np.abs(upright.astype(int) - from_turned).mean() < 1
    found = keypoints @ similarity(keypoints, ALIGNED)[:, :2].T + similarity(keypoints, ALIGNED)[:, 2]
    assert np.abs(found - ALIGNED).max() < 5  # MediaPipe's five points mean the same as InsightFace's


def test_what_the_network_sees_and_what_it_answers() -> None:
    image = np.zeros((112, 112, 3), np.uint8)
    image[..., 0] = 255
    seen: list[np.ndarray] = []

    def model(pixels: np.ndarray) -> list[np.ndarray]:
        seen.append(pixels)
        return [np.arange(512, dtype=np.float32)[None]]

    embedding = embed(image, ALIGNED, model)
    assert embedding.shape == (512,)
    assert embedding[-1] == 511  # not brought to length 1
    assert seen[0].shape == (1, 3, 112, 112)
    assert seen[0][0, :, 50, 50] == pytest.approx([1, -1, -1])  # red comes first
    with pytest.raises(ValueError, match="512 numbers, this one 128"):
        embed(image, ALIGNED, lambda _: [np.zeros((1, 128), np.float32)])
