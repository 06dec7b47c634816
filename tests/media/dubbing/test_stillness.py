"""Landmarks stand still where the face does, and follow it where it moves."""

from __future__ import annotations

import numpy as np
import pytest

from media.dubbing.following_stillness import FEWEST, LIPS, MOST, calm_neighbours, held


def mesh(seed: int = 0) -> np.ndarray:
    """(478, 3) float32 landmarks of a face 200 pixels wide."""
    points = np.random.default_rng(seed).uniform(0, 200, (478, 3)).astype(np.float32)
    points[0, 0], points[1, 0] = 0, 200
    return points


def test_a_face_that_only_trembles_is_held() -> None:
    calm = mesh()
    short = calm + np.float32(0.3)
    landmarks, lips = held(short, calm)
    assert lips
    assert (landmarks == calm).all()


def test_lips_that_part_are_followed_while_the_face_is_held() -> None:
    calm = mesh()
    short = calm.copy()
    short[LIPS, 1] += 4
    landmarks, lips = held(short, calm)
    assert not lips
    assert landmarks[LIPS] == pytest.approx(short[LIPS])
    assert (landmarks[~LIPS] == calm[~LIPS]).all()


def test_between_still_and_moving_nothing_jumps() -> None:
    calm = mesh()
    shifts = np.linspace(0, 3, 61, dtype=np.float32)
    places = np.array([held(calm + shift, calm)[0][300, 0] for shift in shifts])
    assert (np.diff(places) >= -1e-4).all()
    assert np.diff(places).max() < 0.25


@pytest.mark.parametrize("fps", [12, 25, 60, 240])
def test_the_mean_is_bounded_and_symmetric_away_from_the_ends_of_its_stretch(fps: int) -> None:
    times = np.arange(300) / fps
    for place in (0, 3, 150, 299):
        rows, weights = calm_neighbours(times, place)
        assert rows.min() >= 0
        assert rows.max() < 300
        assert FEWEST <= len(rows) <= 2 * MOST + 1
        assert weights.sum() == pytest.approx(1)
        if place == 150:
            assert weights @ times[rows] == pytest.approx(times[place])


def test_lips_that_part_in_the_last_frames_are_followed() -> None:
    still = mesh()
    times = np.arange(50) / 25
    for parted in (1, 2, 4):
        faces = np.repeat(still[None], 50, axis=0)
        faces[50 - parted :, LIPS, 1] += 8
        rows, shares = calm_neighbours(times, 50 - parted)
        calm = np.tensordot(shares.astype(np.float32), faces[rows], 1)
        assert not held(faces[50 - parted], calm)[1]
