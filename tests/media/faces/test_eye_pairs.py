"""Two dark spots of equal size side by side, which may be eyes."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from media.faces.eye_pairs import eye_pairs

EYES, NOSE = ((130, 110), (210, 130)), (160, 185)


def face(scale: int = 1) -> np.ndarray:
    """(H, W) uint8: eyes and a nose on uneven fur."""
    fur = np.random.default_rng(0).normal(0, 40, (300, 400))
    picture = np.clip(150 + cv2.GaussianBlur(fur, (0, 0), 2), 0, 255).astype(np.uint8)
    picture = cv2.resize(picture, None, fx=scale, fy=scale)
    for (x, y), radius in zip((*EYES, NOSE), (9, 9, 13), strict=True):
        cv2.circle(picture, (scale * x, scale * y), scale * radius, 30, -1)
    return picture


@pytest.mark.parametrize("scale", [1, 3])
def test_eyes_of_equal_size_with_a_nose_come_first(scale: int) -> None:
    usual, near = eye_pairs(face(scale))[:2]
    for points in (usual, near):
        np.testing.assert_allclose(points[:2] / scale, EYES, atol=4)
    below = np.linalg.norm(near[2] / scale - NOSE)
    assert below < 40
    assert near[2][1] / scale > NOSE[1]


def test_an_even_area_has_no_pairs() -> None:
    assert eye_pairs(np.full((200, 300), 90, np.uint8)) == []
