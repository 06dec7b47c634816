"""Thin things before a mouth, and mouths with nothing before them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.dub_covers import COVERS, passing, with_covers
from benchmarks.dub_torture import example_persons
from media.dubbing.following_cover import SAMPLES, UsualLook, lasting, opponents

SHOWN = [cover for cover in COVERS if cover.name in ("finger from below", "pen at an angle", "microphone")]


def test_what_is_before_a_mouth_passes_through_and_speech_is_dubbed(tmp_path: Path) -> None:
    frames, truth = with_covers(list(example_persons()[1][:52]), SHOWN)
    passes = passing(frames, tmp_path)
    for number, cover in enumerate(SHOWN):
        assert passes[truth == number].all(), cover.name
    assert not passes[truth < 0].any()


def looks(colours: np.ndarray, light: float = 1.0) -> np.ndarray:
    """As the samples of one frame are compared, whose cheeks have the colour of the first sample."""
    lit = np.rint(colours * light).astype(np.uint8)
    return opponents(lit[None], lit[None, 0])


@pytest.fixture(scope="module")
def face() -> np.ndarray:
    """(116, 3) colours: skin, and lips in the rings after the first."""
    colours = np.full((len(SAMPLES), 3), (190.0, 140.0, 120.0))
    colours[20:100] = (170, 90, 90)
    return colours


@pytest.fixture(scope="module")
def usual(face: np.ndarray) -> UsualLook:
    noise = np.random.default_rng(0).normal(0, 2, (40, *face.shape))
    return UsualLook(np.concatenate([looks(face + one) for one in noise]))


def test_light_and_a_mouth_that_opens_are_no_cover(face: np.ndarray, usual: UsualLook) -> None:
    opened = face.copy()
    opened[60:100] = (40, 15, 15)  # the rings next to the opening show the dark of the mouth
    for colours in (face, opened):
        for light in (0.5, 1.0, 1.3):
            assert not usual.covered(looks(colours, light)).any(), light


def test_skin_over_two_columns_of_the_lips_is_a_cover(face: np.ndarray, usual: UsualLook) -> None:
    finger = face.copy()
    for ring in range(5):
        finger[20 * ring + np.array([5, 6, 14, 15])] = (185, 137, 118)
    assert usual.covered(looks(finger)).all()


def test_a_moment_is_no_cover() -> None:
    times = np.arange(20) / 25
    marked = np.zeros(20, bool)
    marked[[0, 5, 6, 19]] = True
    marked[10:15] = True
    assert np.flatnonzero(lasting(marked, times)).tolist() == [10, 11, 12, 13, 14]
