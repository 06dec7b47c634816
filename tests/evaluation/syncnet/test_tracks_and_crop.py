from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.syncnet.crop import GREY, SCALE, CropPath, crop, crop_path, cut
from evaluation.syncnet.tracks import Track, find_tracks, overlap

BOX = np.array([10.0, 20, 210, 240, 0.99])
NONE = np.empty((0, 5))


def seen(*present: bool) -> list[np.ndarray]:
    return [BOX[None] if there else NONE for there in present]


def test_a_face_has_to_be_seen_more_often_than_the_limit() -> None:
    assert find_tracks(seen(*[True] * 10), min_track=10) == []
    (track,) = find_tracks(seen(*[True] * 11), 40, min_track=10)
    assert track.first == 40
    assert len(track.frames) == 11
    assert track.size == 220


def test_a_face_that_is_missed_is_put_between() -> None:
    boxes = seen(*[True] * 3, *[False] * 4, *[True] * 3)
    boxes[-1] = boxes[-1] + np.array([7, 0, 7, 0, 0])
    (track,) = find_tracks(boxes, min_track=5, failed=5)
    assert len(track.frames) == 10
    np.testing.assert_allclose(track.boxes[3:7], np.tile(BOX[:4], (4, 1)))
    assert find_tracks(boxes, min_track=5, failed=4) == []  # two tracks of three


def test_small_faces_are_left_out() -> None:
    assert find_tracks(seen(*[True] * 9), min_track=5, min_face=220) == []


def test_two_faces_are_two_tracks() -> None:
    other = BOX + np.array([400, 0, 400, 0, 0])
    tracks = find_tracks([np.stack([BOX, other])] * 9, min_track=5)
    assert [track.boxes[0, 0] for track in tracks] == [10, 410]


def test_overlap() -> None:
    assert overlap(BOX, BOX) == 1
    assert overlap(BOX, BOX + 1000) == 0
    assert overlap(np.array([0, 0, 2, 1]), np.array([1, 0, 3, 1])) == pytest.approx(1 / 3)


@given(
    half=st.floats(2, 60),
    x=st.floats(-40, 160),
    y=st.floats(-40, 120),
)
def test_cutting_is_cutting_from_the_padded_picture(half: float, x: float, y: float) -> None:
    picture = np.random.default_rng(0).integers(0, 255, (80, 120, 3)).astype(np.uint8)
    margin = int(half * (1 + 2 * SCALE))
    padded = np.pad(picture, ((margin, margin), (margin, margin), (0, 0)), constant_values=GREY)
    middle_x, middle_y = x + margin, y + margin
    rows = (int(middle_y - half), int(middle_y + half * (1 + 2 * SCALE)))
    columns = (int(middle_x - half * (1 + SCALE)), int(middle_x + half * (1 + SCALE)))
    expected = padded[slice(*(max(0, r) for r in rows)), slice(*(max(0, c) for c in columns))]
    found = cut(picture, CropPath(*(np.array([value]) for value in (half, x, y))), 0)
    if expected.size:
        np.testing.assert_array_equal(found, expected)
    else:
        assert not found.size


def test_a_crop_always_has_its_size() -> None:
    picture = np.zeros((80, 120, 3), np.uint8)
    far = CropPath(np.array([5.0]), np.array([1000.0]), np.array([10.0]))
    assert crop(picture, far, 0).shape == (224, 224, 3)
    track = Track(np.arange(20), np.tile(BOX[:4], (20, 1)))
    path = crop_path(track)
    assert (path.half[8], path.x[8], path.y[8]) == (110, 110, 130)
    assert crop(picture, path, 10).shape == (224, 224, 3)
