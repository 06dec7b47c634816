"""A mouth that is painted into a blurred frame is as soft as the frame."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from engines.preview.dubbing.painter import TrackPainter
from engines.preview.dubbing.softness import softness
from engines.preview.lips import MouthPose
from media.dubbing.values import TrackedFace
from tests.engines.preview.dubbing.conftest import Talking
from tests.engines.preview.dubbing.test_painting import shown


def unit(mesh: np.ndarray) -> float:
    return float(np.linalg.norm(mesh[291, :2] - mesh[61, :2])) / 2


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_sharp_frame_is_not_blurred(talking: Talking, number: int) -> None:
    mesh = talking.meshes[number]
    assert not softness(talking.frames[number], mesh, unit(mesh))
    assert not softness((talking.frames[number] * 0.12).astype(np.uint8), mesh, unit(mesh))


@pytest.mark.parametrize(("across", "down"), [(2.0, 2.0), (3.0, 0.0), (0.0, 2.5)])
def test_each_direction_has_the_blur_of_the_frame(talking: Talking, across: float, down: float) -> None:
    mesh = talking.meshes[1]
    blurred = cv2.GaussianBlur(talking.frames[1], (0, 0), across or 0.01, sigmaY=down or 0.01)
    soft = softness(blurred, mesh, unit(mesh))
    assert soft.across == pytest.approx(across, rel=0.25, abs=0.4)
    assert soft.down == pytest.approx(down, rel=0.25, abs=0.4)


def test_a_frame_without_edges_or_without_the_face_is_not_blurred(talking: Talking) -> None:
    mesh = talking.meshes[1]
    assert not softness(np.full_like(talking.frames[1], 128), mesh, unit(mesh))
    assert not softness(talking.frames[1], mesh + 5000, unit(mesh))


def test_the_mouth_of_a_blurred_frame_is_as_soft_as_if_the_dub_had_been_blurred(talking: Talking) -> None:
    mesh, frame, pose = talking.meshes[1], talking.frames[1], MouthPose(drop=0.9)
    painter, face = TrackPainter(talking.reference), TrackedFace(0, mesh, 1.0)
    x, y = mesh[13, :2].astype(int)
    reach = round(unit(mesh))

    def steepest(picture: np.ndarray, axis: int) -> float:
        mouth = picture[y - reach // 2 : y + reach, x - reach : x + reach].mean(axis=2)
        return float(np.abs(np.diff(mouth, axis=axis)).max())

    blurred = cv2.blur(frame, (9, 5))
    after = cv2.blur(shown(frame, painter.paint(frame, face, pose)), (9, 5))
    before = shown(blurred, painter.paint(blurred, face, pose))
    for axis in (0, 1):  # painted without a blur, they are 5 times as steep
        assert steepest(before, axis) < 2 * steepest(after, axis)


@pytest.mark.parametrize("sigma", [4.0, 8.0])
@pytest.mark.parametrize("drop", [0.0, 0.15, 0.6])
def test_strong_blur_leaves_neither_a_line_between_the_lips_nor_dots_at_the_corners(
    talking: Talking, sigma: float, drop: float
) -> None:
    painter, pose = TrackPainter(talking.reference), MouthPose(drop=drop)
    mesh, frame = talking.meshes[1], talking.frames[1]
    face = TrackedFace(0, mesh, 1.0)
    (left, right), reach = mesh[[61, 291], 0].astype(int), round(0.8 * unit(mesh))
    y = int(mesh[13, 1])

    def blurred(picture: np.ndarray) -> np.ndarray:
        return cv2.GaussianBlur(picture, (0, 0), sigma)

    def finest(picture: np.ndarray) -> float:
        """How far details of about a pixel stand out around the mouth."""
        mouth = picture[y - reach : y + reach, left - reach // 2 : right + reach // 2].astype(np.float32)
        return float(np.abs(mouth - cv2.GaussianBlur(mouth, (0, 0), 1.0)).mean(axis=2).max())

    before = shown(blurred(frame), painter.paint(blurred(frame), face, pose))
    after = blurred(shown(frame, painter.paint(frame, face, pose)))
    assert finest(before) < 1.4 * finest(after)  # lines and dots stand out 3 to 9 times as far
