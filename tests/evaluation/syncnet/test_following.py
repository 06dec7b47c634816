from __future__ import annotations

import numpy as np
import pytest

from evaluation.syncnet.detection import MediaPipeFinder, S3fdFinder, reduced, suppressed
from evaluation.syncnet.following import CutFinder, faces, follow
from evaluation.syncnet.s3fd import S3fd
from media.faces import Face
from media.faces.views import Depth

DARK, BRIGHT = np.full((120, 160, 3), 20, np.uint8), np.full((120, 160, 3), 200, np.uint8)


class Everywhere:
    """Sees one face in every picture."""

    name = "test"

    def __init__(self, size: float = 110) -> None:
        self.size = size

    def find(self, picture: np.ndarray) -> np.ndarray:
        return np.array([[5, 5, 5 + self.size, 5 + self.size, 1.0]])


@pytest.mark.parametrize(
    ("frames", "size", "limits", "said"),
    [
        (101, 110, (100, 100), ""),
        (100, 110, (50, 100), "min_track 50: with the original's 100 these 100 frames"),
        (12, 110, (5, 100), "min_track 5"),
        (101, 60, (100, 0), "the face has 60 pixels"),
    ],
)
def test_clips_that_the_original_skips_are_scored_with_a_note(
    frames: int, size: float, limits: tuple[int, int], said: str
) -> None:
    followed = follow([DARK] * frames, Everywhere(size))
    assert (followed.min_track, followed.min_face) == limits
    assert len(followed.tracks) == 1
    assert followed.with_face == followed.frames == frames
    assert said in followed.note
    assert bool(said) == bool(followed.note)


def test_five_pictures_are_too_few() -> None:
    assert not follow([DARK] * 5, Everywhere()).tracks


def test_a_cut_ends_a_track_and_crops_follow_tracks() -> None:
    followed = follow([DARK] * 30 + [BRIGHT] * 20, Everywhere())
    assert [(t.first, len(t.frames)) for t in followed.tracks] == [(0, 30), (30, 20)]
    numbers = [index for index, face in faces([DARK] * 50, followed.tracks) if face.shape == (224, 224, 3)]
    assert numbers == [0] * 30 + [1] * 20


def test_cuts_are_fifteen_frames_apart() -> None:
    finder = CutFinder()
    for picture in [DARK] * 5 + [BRIGHT] * 10 + [DARK] * 10 + [BRIGHT] * 20:
        finder.add(picture)
    assert finder.scenes() == [(0, 5), (5, 25), (25, 45)]


def test_mediapipes_boxes_and_scores() -> None:
    class Detector:
        def detect(self, image: np.ndarray, min_score: float = 0.5, *, depth: Depth = "tiles") -> list[Face]:
            return [Face(np.zeros((478, 3), np.float32), (1.0, 2.0, 3.0, 4.0), 0.75)] if image.any() else []

    finder = MediaPipeFinder(Detector())
    np.testing.assert_array_equal(finder.find(DARK), [[1, 2, 3, 4, 0.75]])
    assert finder.find(0 * DARK).shape == (0, 5)


def test_s3fd_gives_boxes_in_the_pictures_pixels() -> None:
    finder = S3fdFinder(S3fd(narrow=16))
    picture = np.random.default_rng(0).integers(0, 255, (256, 320, 3)).astype(np.uint8)
    assert reduced(picture).shape == (64, 80, 3)
    found = finder.find(picture, 0.0)
    assert found.shape[1] == 5
    assert (np.diff(found[:, 4]) <= 0).all()


def test_of_boxes_that_overlap_the_best_is_kept() -> None:
    rows = np.array([[0, 0, 10, 10, 0.5], [1, 0, 11, 10, 0.9], [50, 50, 60, 60, 0.1]])
    assert suppressed(rows, 0.3) == [1, 2]
    assert suppressed(rows, 0.99) == [1, 0, 2]
    assert suppressed(np.empty((0, 5)), 0.3) == []
