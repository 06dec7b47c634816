"""From an image to keypoints in pixels, and the detections that are refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engines.joyvasa.xpose.decoder import Poses
from engines.joyvasa.xpose.detect import XPoseDetector, prepare, working_size
from engines.joyvasa.xpose.model import XPose
from engines.joyvasa.xpose.prompts import ANIMAL_FACE, FACE
from engines.joyvasa.xpose.text import random_codes
from media.errors import NoFaceError
from tests.engines.joyvasa.xpose_tiny import tiny_xpose


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((800, 800), (800, 800)),
        ((400, 300), (1066, 800)),
        ((300, 400), (800, 1066)),
        ((1000, 1600), (800, 1280)),
        ((2000, 1000), (1332, 666)),  # the long side would be 1600
        ((1280, 720), (1333, 750)),
        ((4000, 2), (2000, 1)),
    ],
)
def test_the_size_the_network_sees(given: tuple[int, int], expected: tuple[int, int]) -> None:
    assert working_size(*given) == expected


def test_a_prepared_picture_is_normalised_by_channel() -> None:
    image = np.full((80, 100, 3), (124, 0, 255), np.uint8)
    prepared = prepare(image)
    assert prepared.shape == (1, 3, 800, 1000)
    expected = torch.tensor([(124 / 255 - 0.485) / 0.229, -0.456 / 0.224, (1 - 0.406) / 0.225])
    torch.testing.assert_close(prepared[0].amax((1, 2)), expected)
    torch.testing.assert_close(prepared[0].amin((1, 2)), expected)


class FixedPoses(XPose):
    """Finds the same two candidates in every picture; the second one scores better."""

    def forward(self, image, prompts):
        keypoints = torch.full((1, 2, prompts.named, 2), 0.5)
        keypoints[0, 1, :, 0] = torch.linspace(0, 1, prompts.named)
        boxes = torch.tensor([[[0.1, 0.1, 0.1, 0.1], [0.5, 0.25, 0.4, 0.5]]])
        logits = torch.tensor([[[-5.0], [-1.0]]])
        return Poses(logits, boxes, keypoints, torch.tensor([[0, 1]]), torch.zeros(1, 2))


@pytest.fixture(scope="module")
def detector() -> XPoseDetector:
    model = FixedPoses(channels=32, inner=32, encoder_layers=1, queries=4, backbone_depths=(1, 1, 1, 1))
    return XPoseDetector(model, random_codes())


@pytest.fixture(scope="module")
def image() -> np.ndarray:
    return np.zeros((40, 60, 3), np.uint8)


def test_the_best_candidate_comes_in_pixels(detector: XPoseDetector, image: np.ndarray) -> None:
    face = detector.detect(image)
    assert face.score == pytest.approx(1 / (1 + np.e))
    assert face.box == pytest.approx((18, 0, 42, 20))
    assert face.keypoints.shape == (9, 2)
    assert face.keypoints.dtype == np.float32
    np.testing.assert_allclose(face.keypoints[:, 0], np.linspace(0, 60, 9), atol=1e-4)
    np.testing.assert_allclose(face.keypoints[:, 1], 20, atol=1e-4)


def test_the_number_of_keypoints_is_that_of_the_prompts(detector: XPoseDetector, image: np.ndarray) -> None:
    assert detector.detect(image, FACE).keypoints.shape == (68, 2)


def test_a_doubtful_face_is_refused_with_its_score(detector: XPoseDetector, image: np.ndarray) -> None:
    with pytest.raises(NoFaceError, match=r"0\.27, below the threshold of 0\.30"):
        detector.detect(image, threshold=0.3)
    assert detector.detect(image, threshold=0.26).score > 0.26
    assert detector.best(image).score < 0.3


def test_a_picture_goes_through_the_network() -> None:
    model = tiny_xpose(keypoints=68)
    detector = XPoseDetector(model, random_codes())
    image = np.random.default_rng(0).integers(0, 255, (20, 31, 3), dtype=np.uint8)
    face = detector.best(image, ANIMAL_FACE)
    assert 0 <= face.score <= 1
    assert (face.keypoints >= 0).all()
    assert (face.keypoints <= (31, 20)).all()
    again = detector.best(image, ANIMAL_FACE)
    np.testing.assert_array_equal(face.keypoints, again.keypoints)
    assert not any(parameter.requires_grad for parameter in model.parameters())
