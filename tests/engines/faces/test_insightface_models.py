"""InsightFace's package with small models in the public formats, as its public files are not available."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from engines.faces.insightface_models import (
    Detection,
    load_detector,
    load_landmarker,
    load_recogniser,
    same_face,
)
from media.errors import WeightsError, WeightsMissing
from tests.engines.faces import small_models
from tests.engines.faces.small_models import KEYPOINTS, TRAINED, anchor

ROOT = Path(__file__).parents[3]
BLACK = np.zeros((512, 512, 3), np.uint8)


def test_faces_are_where_the_picture_shows_them(tmp_path: Path) -> None:
    """Red comes first, and the picture fills the upper part of the detector's square."""
    image = np.zeros((200, 400, 3), np.uint8)
    for x, colour in ((100, (255, 0, 0)), (250, (0, 0, 255)), (350, (128, 128, 128))):
        image[48:64, x : x + 16] = colour
    (face,) = load_detector(small_models.red_detector(tmp_path / "red.onnx"), 512)(image, 0.9)
    assert face.box[0] < 108 < face.box[2]
    assert face.box[1] < 56 < face.box[3]
    assert face.box[2] - face.box[0] == pytest.approx(48 * 400 / 512)
    assert face.score == pytest.approx(1, abs=0.01)


def test_the_largest_face_comes_first(tmp_path: Path) -> None:
    faces = (1, anchor(1, 160, 96), 2, 0.9), (2, anchor(2, 320, 128), 3, 0.6)
    detect = load_detector(small_models.detector(tmp_path / "two.onnx", *faces), 512)
    large, small = detect(np.zeros((200, 400, 3), np.uint8), 0.5)
    factor = 512 / 400
    assert large.box == pytest.approx(((320 - 96) / factor, (128 - 96) / factor, 416 / factor, 224 / factor))
    assert small.box == pytest.approx((128 / factor, 64 / factor, 192 / factor, 128 / factor))
    assert (large.score, small.score) == pytest.approx((0.6, 0.9))
    assert len(detect(BLACK, 0.7)) == 1
    assert detect(BLACK, 0.95) == []


def test_of_two_views_of_a_face_the_surer_one_is_kept(tmp_path: Path) -> None:
    faces = (1, anchor(1, 160, 96), 4, 0.6), (1, anchor(1, 176, 96), 4, 0.8)
    (face,) = load_detector(small_models.detector(tmp_path / "one.onnx", *faces), 512)(BLACK, 0.5)
    assert face.score == pytest.approx(0.8)


def test_points_and_boxes_at_another_side(tmp_path: Path) -> None:
    path = small_models.detector(tmp_path / "640.onnx", (2, anchor(2, 128, 320, 640), 2, 0.9), side=640)
    (face,) = load_detector(path, 640)(np.zeros((320, 160, 3), np.uint8), 0.5)
    assert face.box == (32.0, 128.0, 96.0, 192.0)
    assert face.keypoints is not None
    np.testing.assert_array_equal(face.keypoints, [64, 160] + 32 * KEYPOINTS)


def test_a_detector_without_points(tmp_path: Path) -> None:
    path = small_models.detector(tmp_path / "six.onnx", (1, anchor(1, 160, 96), 2, 0.9), outputs=6)
    (face,) = load_detector(path, 512)(BLACK, 0.5)
    assert face.keypoints is None


def test_landmarks_are_mapped_back_from_their_crop(tmp_path: Path) -> None:
    image = np.zeros((300, 300, 3), np.uint8)
    image[100:200, 80:160] = 255
    points = load_landmarker(small_models.landmarks(tmp_path / "106.onnx"))(image, (80, 100, 160, 200))
    assert points.shape == (106, 2)
    assert points.dtype == np.float32
    assert points[:2] == pytest.approx(np.array([[80, 100], [159, 199]]), abs=0.8)


@pytest.mark.parametrize("degrees", [0, 35, 180, -90])
def test_eyes_nose_and_mouth_are_brought_to_the_places_of_training(degrees: float, tmp_path: Path) -> None:
    angle = np.radians(degrees)
    turn = 3 * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    keypoints = ((TRAINED - 56) @ turn.T + 300).astype(np.float32)
    colours = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0], [0, 255, 255]])
    image = np.full((600, 600, 3), 90, np.uint8)
    for place, colour in zip(keypoints.round().astype(int).tolist(), colours.tolist(), strict=True):
        cv2.circle(image, place, 12, colour, -1)
    embedding = load_recogniser(small_models.places_recogniser(tmp_path / "places.onnx"))(image, keypoints)
    assert embedding.shape == (512,)
    assert embedding.dtype == np.float32
    assert embedding[:15].reshape(5, 3) == pytest.approx(colours / 127.5 - 1)


def test_a_missing_or_wrong_model_is_named(tmp_path: Path) -> None:
    for load in (lambda path: load_detector(path, 512), load_landmarker, load_recogniser):
        with pytest.raises(WeightsMissing, match=r"absent\.onnx is missing"):
            load(tmp_path / "absent.onnx")
        (tmp_path / "broken.onnx").write_bytes(b"not a model")
        with pytest.raises(WeightsError, match=r"broken\.onnx is not a usable ONNX model"):
            load(tmp_path / "broken.onnx")
    five = small_models.detector(tmp_path / "five.onnx", outputs=5)
    with pytest.raises(WeightsError, match="5 outputs; a face detector has 6, 9, 10 or 15"):
        load_detector(five, 512)
    with pytest.raises(WeightsError, match="not a network of the kind Landmark"):
        load_landmarker(small_models.same(tmp_path / "same.onnx"))
    with pytest.raises(WeightsError, match="68 landmarks; 106 are needed"):
        load_landmarker(small_models.landmarks(tmp_path / "68.onnx", 68))
    with pytest.raises(WeightsError, match="192x192; 112x112 is needed"):
        load_recogniser(small_models.landmarks(tmp_path / "106.onnx"))
    with pytest.raises(WeightsError, match="not a network of the kind ArcFaceONNX"):
        load_recogniser(five)
    with pytest.raises(WeightsError, match="128 numbers; a recogniser has 512"):
        load_recogniser(small_models.quarters_recogniser(tmp_path / "128.onnx", 128))


ALONE = """
import socket, sys
import numpy as np
from multiprocessing import get_context
from pathlib import Path

def refuse(*_):
    raise AssertionError("the network was asked")

socket.socket.connect = socket.getaddrinfo = refuse
from engines.faces.insightface_models import load_detector, load_landmarker, load_recogniser

folder = Path(sys.argv[1])
detect = load_detector(folder / "one.onnx", 512)
landmarks, recognise = load_landmarker(folder / "106.onnx"), load_recogniser(folder / "quarters.onnx")

def look():
    image = np.zeros((512, 512, 3), np.uint8)
    image[80:120, 140:180] = 255
    (face,) = detect(image, 0.5)
    assert landmarks(image, face.box).shape == (106, 2)
    assert recognise(image, face.keypoints).shape == (512,)

look()
child = get_context("fork").Process(target=look)
child.start()
child.join()
print(child.exitcode)
"""


def test_nothing_is_printed_or_downloaded_and_a_forked_process_can_use_the_models(tmp_path: Path) -> None:
    home, models = tmp_path / "home", tmp_path / "models"
    home.mkdir()
    small_models.detector(models / "one.onnx", (1, anchor(1, 160, 96), 2, 0.9))
    small_models.landmarks(models / "106.onnx")
    small_models.quarters_recogniser(models / "quarters.onnx")
    done = subprocess.run(
        [sys.executable, "-c", ALONE, str(models)],
        cwd=ROOT, env={**os.environ, "HOME": str(home)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("0\n", "")
    assert list(home.iterdir()) == []


def test_a_face_is_found_again_among_others() -> None:
    def face(x: float, y: float, side: float) -> Detection:
        return Detection((x, y, x + side, y + side), 0.9)

    found = [face(0, 0, 400), face(110, 100, 90), face(300, 300, 80)]
    assert same_face(found, (100, 100, 200, 200)) is found[1]
    assert same_face(found, (310, 290, 390, 370)) is found[2]
    assert same_face(found, (500, 500, 600, 600)) is None
    assert same_face([], (0, 0, 1, 1)) is None
