"""The face detector. Its public file is not here, so a function answers in its form."""

from __future__ import annotations

import numpy as np
import pytest

from engines.faces.scrfd import Detection, best_boxes, detect_faces, same_face
from tests.engines.faces.small_models import KEYPOINTS, anchor, scores


def test_the_detector_reads_anchors_distances_and_the_letterbox() -> None:
    image = np.zeros((200, 400, 3), np.uint8)
    image[..., 0] = 255
    seen: list[np.ndarray] = []

    def model(pixels: np.ndarray) -> list[np.ndarray]:
        seen.append(pixels)
        return scores((1, anchor(1, 160, 96), 2, 0.9), (2, anchor(2, 320, 128), 3, 0.6))

    large, small = detect_faces(image, model, 0.5)
    factor = 512 / 400
    assert large.box == pytest.approx(((320 - 96) / factor, (128 - 96) / factor, 416 / factor, 224 / factor))
    assert small.box == pytest.approx((128 / factor, 64 / factor, 192 / factor, 128 / factor))
    assert (large.score, small.score) == pytest.approx((0.6, 0.9))
    assert seen[0].shape == (1, 3, 512, 512)
    assert seen[0][0, :, 0, 0] == pytest.approx([127.5 / 128, -127.5 / 128, -127.5 / 128])  # red comes first
    assert seen[0][0, 0, 256:].max() == pytest.approx(-127.5 / 128)  # below the picture all is black
    assert detect_faces(image, model, 0.95) == []


def test_of_boxes_on_one_place_the_best_is_kept() -> None:
    boxes = np.array([[0, 0, 99, 99], [5, 5, 104, 104], [200, 0, 299, 99]], np.float32)
    assert best_boxes(boxes, np.array([0.5, 0.9, 0.7])) == [1, 2]
    assert best_boxes(boxes[:0], np.zeros(0)) == []


def test_points_and_boxes_at_another_side() -> None:
    image = np.zeros((320, 160, 3), np.uint8)

    def model(pixels: np.ndarray) -> list[np.ndarray]:
        assert pixels.shape == (1, 3, 640, 640)
        return scores((2, anchor(2, 128, 320, 640), 2, 0.9), side=640)

    (face,) = detect_faces(image, model, side=640)
    assert face.box == (32.0, 128.0, 96.0, 192.0)
    assert face.keypoints is not None
    np.testing.assert_array_equal(face.keypoints, [64, 160] + 32 * KEYPOINTS)


def test_a_detector_without_points() -> None:
    def model(pixels: np.ndarray) -> list[np.ndarray]:
        return scores((1, anchor(1, 160, 96), 2, 0.9))[:6]

    (face,) = detect_faces(np.zeros((512, 512, 3), np.uint8), model)
    assert face.keypoints is None
    with pytest.raises(ValueError, match="has 5"):
        detect_faces(np.zeros((512, 512, 3), np.uint8), lambda _: scores()[:5])


def test_a_face_is_found_again_among_others() -> None:
    def face(x: float, y: float, side: float) -> Detection:
        return Detection((x, y, x + side, y + side), 0.9)

    found = [face(0, 0, 400), face(110, 100, 90), face(300, 300, 80)]
    assert same_face(found, (100, 100, 200, 200)) is found[1]
    assert same_face(found, (310, 290, 390, 370)) is found[2]
    assert same_face(found, (500, 500, 600, 600)) is None
    assert same_face([], (0, 0, 1, 1)) is None
