"""New lips on a moving mouth: the old ones go, the new ones come, and the rest of the frame stays."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from engines.dubbing import TrackReference
from engines.preview.dubbing.painter import TrackPainter
from engines.preview.lips import MouthPose
from media.dubbing.values import PaintedPatch, TrackedFace
from tests.engines.preview.dubbing.conftest import Mesh, Talking

EYES_AND_BROWS = (33, 133, 362, 263, 159, 145, 386, 374, 70, 105, 300, 334, 10, 168, 117, 346, 234, 454)
"""And the rims of glasses, and the ears."""


def shown(frame: np.ndarray, patch: PaintedPatch | None) -> np.ndarray:
    """A frame with a patch over it."""
    out = frame.copy()
    if patch is not None:
        height, width = patch.alpha.shape
        part = out[patch.y : patch.y + height, patch.x : patch.x + width]
        part[:] = np.rint(part + (patch.pixels.astype(np.float32) - part) * patch.alpha[..., None])
    return out


def gap(mesh: np.ndarray) -> float:
    """Between the inner lips, in half mouth widths."""
    return float(
        np.linalg.norm(mesh[14, :2] - mesh[13, :2]) / np.linalg.norm(mesh[291, :2] - mesh[61, :2]) * 2
    )


def painted(talking: Talking, number: int, pose: MouthPose, strength: float = 1.0) -> PaintedPatch | None:
    face = TrackedFace(0, talking.meshes[number], strength)
    return TrackPainter(talking.reference).paint(talking.frames[number], face, pose)


def test_a_silent_voice_closes_a_mouth_that_talks(talking: Talking, mesh: Mesh) -> None:
    before = gap(talking.meshes[2])
    after = gap(mesh(shown(talking.frames[2], painted(talking, 2, MouthPose()))))
    assert before > 0.4
    assert after < 0.1


def test_a_mouth_closes_that_is_open_in_every_frame_of_its_track(talking: Talking, mesh: Mesh) -> None:
    frame, open_mesh = talking.frames[2], talking.meshes[2]
    painter = TrackPainter(TrackReference(frame, open_mesh, open_mesh))
    patch = painter.paint(frame, TrackedFace(0, open_mesh, 1.0), MouthPose())
    assert gap(mesh(shown(frame, patch))) < 0.1


def test_lips_that_part_faster_than_the_smoothing_follows_close_too(talking: Talking, mesh: Mesh) -> None:
    late = (talking.meshes[0] + talking.meshes[2]) / 2
    faces = (TrackedFace(0, late, 1.0), TrackedFace(0, late, 1.0, talking.meshes[2]))
    painter = TrackPainter(talking.reference)
    left, closed = (
        gap(mesh(shown(talking.frames[2], painter.paint(talking.frames[2], face, MouthPose()))))
        for face in faces
    )
    assert closed < 0.1 < left


@pytest.mark.parametrize("number", [0, 1, 2])
def test_the_opening_is_the_voices_whatever_the_mouth_did(talking: Talking, mesh: Mesh, number: int) -> None:
    after = gap(mesh(shown(talking.frames[number], painted(talking, number, MouthPose(drop=0.6)))))
    wanted = gap(mesh(shown(talking.frames[0], painted(talking, 0, MouthPose(drop=0.6)))))
    assert after == pytest.approx(wanted, abs=0.15)


def test_shut_lips_under_a_silent_voice_stay_as_they_are(talking: Talking) -> None:
    patch = painted(talking, 0, MouthPose())
    assert (
        patch is None
        or float(np.abs(shown(talking.frames[0], patch).astype(int) - talking.frames[0]).max()) < 40
    )


@pytest.mark.parametrize("pose", [MouthPose(), MouthPose(drop=2.0), MouthPose(rounding=1.0, drop=0.3)])
def test_only_the_region_of_mouth_and_jaw_is_painted_with_a_soft_rim(
    talking: Talking, pose: MouthPose
) -> None:
    patch = painted(talking, 2, pose)
    assert patch is not None
    alpha = patch.alpha
    assert alpha.dtype == np.float32
    assert alpha.min() >= 0.0
    assert alpha.max() <= 1.0
    for rim in (alpha[0], alpha[-1], alpha[:, 0], alpha[:, -1]):
        assert rim.max() < 0.35
    whole = np.zeros(talking.frames[2].shape[:2], np.float32)
    whole[patch.y : patch.y + alpha.shape[0], patch.x : patch.x + alpha.shape[1]] = alpha
    for x, y in talking.meshes[2][list(EYES_AND_BROWS), :2].astype(int):
        assert whole[y, x] == 0.0


def test_a_fading_dub_lies_between_the_old_mouth_and_the_new_one(talking: Talking, mesh: Mesh) -> None:
    old, half, new = (
        gap(mesh(shown(talking.frames[2], painted(talking, 2, MouthPose(), strength))))
        for strength in (0.0, 0.5, 1.0)
    )
    assert new + 0.1 < half < old - 0.1
    assert painted(talking, 2, MouthPose(), 0.0) is None


@pytest.mark.parametrize(
    "light", [(0.4, 0.4, 0.4), (0.12, 0.12, 0.12), (0.2, 0.3, 1.0), (0.9, 0.3, 0.1), (0.0, 0.0, 0.0)]
)
@pytest.mark.parametrize("whole_track", [False, True])
def test_the_inside_of_the_mouth_takes_the_light_of_the_frame(
    talking: Talking, light: tuple[float, float, float], whole_track: bool
) -> None:
    """Also if it is dim or tinted, and in a track that shows no other light."""

    def in_light(picture: np.ndarray) -> np.ndarray:
        return (picture * np.array(light)).astype(np.uint8)

    face, usual = TrackedFace(0, talking.meshes[1], 1.0), talking.reference
    reference = replace(usual, picture=in_light(usual.picture)) if whole_track else usual
    frames = talking.frames[1], in_light(talking.frames[1])
    mouths = []
    for frame, track in zip(frames, (usual, reference), strict=True):
        patch = TrackPainter(track).paint(frame, face, MouthPose(drop=0.9))
        x, y = talking.meshes[1][13, :2].astype(int)
        mouths.append(shown(frame, patch)[y + 1 : y + 12, x - 8 : x + 8].reshape(-1, 3).astype(float))
    wanted = mouths[0] * light
    for share in (5, 50, 95):  # the dark, the flesh and the teeth
        found, expected = (np.percentile(mouth, share, axis=0) for mouth in (mouths[1], wanted))
        assert found == pytest.approx(expected, rel=0.35, abs=5.0)


@pytest.mark.parametrize("scale", [0.25, 3.0])
@pytest.mark.parametrize("turn", [0, 25])
def test_small_large_and_tilted_mouths_close(talking: Talking, mesh: Mesh, scale: float, turn: int) -> None:
    frame, points = talking.frames[2], talking.meshes[2]
    height, width = frame.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2 - 0.5, height / 2 - 0.5), turn, 1.0) * scale
    size = round(width * scale), round(height * scale)
    moved = cv2.warpAffine(frame, matrix, size, flags=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
    landmarks = np.column_stack([points[:, :2] @ matrix[:, :2].T + matrix[:, 2], points[:, 2] * scale])
    face = TrackedFace(0, landmarks.astype(np.float32), 1.0)
    patch = TrackPainter(talking.reference).paint(moved, face, MouthPose())
    back = cv2.warpAffine(
        shown(moved, patch), matrix, (width, height), flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    )
    assert gap(mesh(back)) < (0.25 if scale < 1 else 0.12)


def test_a_mouth_at_the_border_is_painted_as_far_as_it_shows(talking: Talking) -> None:
    x, y = talking.meshes[2][13, :2].astype(int)
    part = np.ascontiguousarray(talking.frames[2][: y + 8, : x + 5])
    patch = TrackPainter(talking.reference).paint(part, TrackedFace(0, talking.meshes[2], 1.0), MouthPose())
    assert patch is not None
    assert patch.x + patch.alpha.shape[1] <= part.shape[1]
    assert patch.y + patch.alpha.shape[0] <= part.shape[0]
    away = talking.meshes[2] + np.array([5000, 0, 0], np.float32)
    assert TrackPainter(talking.reference).paint(part, TrackedFace(0, away, 1.0), MouthPose()) is None


@pytest.mark.parametrize("size", [0.0, 0.1])
def test_a_mouth_of_a_few_pixels_stays_as_it_is(talking: Talking, size: float) -> None:
    far = (size * talking.meshes[2] + 20.0).astype(np.float32)
    face = TrackedFace(0, far, 1.0)
    assert TrackPainter(talking.reference).paint(talking.frames[2], face, MouthPose(drop=1.0)) is None
