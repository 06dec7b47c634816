from __future__ import annotations

import numpy as np
import pytest

from engines.preview.gaze import Glances
from engines.preview.irises import MOST_X, MOST_Y

QUIET = {"speaking": 0.0, "silent": 60.0}


def looks(fps: int, seconds: float, state: str, seed: int = 0) -> np.ndarray:
    """(n, 2) degrees to the right and up, of a head that keeps still."""
    glances = Glances(fps, np.random.default_rng(seed))
    shares = [glances.step(QUIET[state], 0.0, 0.0) for _ in range(round(fps * seconds))]
    return np.array(shares) * [MOST_X, MOST_Y]


def saccades(degrees: np.ndarray) -> np.ndarray:
    """Sizes in degrees: runs of frames in which the eyes move."""
    steps = np.hypot(*np.diff(degrees, axis=0).T)
    moves = np.concatenate([[False], steps > 0.02, [False]])
    starts, stops = (
        np.flatnonzero(np.diff(moves.astype(int)) == 1),
        np.flatnonzero(np.diff(moves.astype(int)) == -1),
    )
    return np.array([np.hypot(*(degrees[b] - degrees[a])) for a, b in zip(starts, stops, strict=True)])


@pytest.mark.parametrize("fps", [25, 60])
def test_saccades_are_as_many_and_as_large_as_peoples(fps: int) -> None:
    degrees = looks(fps, 240, "speaking")
    sizes = saccades(degrees)
    assert 0.5 < len(sizes) / 240 < 3.0, "a second"
    assert 0.8 < np.median(sizes) < 5.0
    assert sizes.max() <= 30.0
    still = np.hypot(*np.diff(degrees, axis=0).T) < 1e-9
    assert still.mean() > 0.8, "between saccades the eyes rest"


def test_speakers_look_away_more_than_listeners() -> None:
    away = {state: (np.hypot(*looks(25, 240, state).T) > 4.0).mean() for state in QUIET}
    assert 0.1 < away["speaking"] < 0.5
    assert 0.0 < away["silent"] < 0.5 * away["speaking"]


def test_the_eyes_hold_their_gaze_while_the_head_turns() -> None:
    still, turning = (Glances(25, np.random.default_rng(3)) for _ in range(2))
    for yaw in np.linspace(0.0, 4.0, 50):
        x, y = still.step(0.0, 0.0, 0.0)
        turned_x, turned_y = turning.step(0.0, float(yaw), 2.0)
        assert turned_x == pytest.approx(max(x - yaw / MOST_X, -1.0), abs=1e-9)
        assert turned_y == pytest.approx(min(y + 2.0 / MOST_Y, 1.0), abs=1e-9)


def test_calm_eyes_hold_their_gaze_as_well() -> None:
    for amount, held in ((0.7, 1.0), (0.1, 1.0), (0.05, 0.5), (0.0, 0.0)):
        still, turned = (Glances(25, np.random.default_rng(3)) for _ in range(2))
        for _ in range(50):
            x, y = still.step(0.0, 0.0, 0.0)
            seen = turned.step(0.0, 10.0, 3.0, amount)
            assert seen[0] == pytest.approx(amount * x - held * 10.0 / MOST_X, abs=1e-9)
            assert seen[1] == pytest.approx(amount * y + held * 3.0 / MOST_Y, abs=1e-9)


def test_the_same_generator_gives_the_same_glances() -> None:
    np.testing.assert_array_equal(looks(25, 20, "speaking", 1), looks(25, 20, "speaking", 1))
    assert not np.array_equal(looks(25, 20, "speaking", 1), looks(25, 20, "speaking", 2))


def test_it_starts_as_the_portrait_looks() -> None:
    assert (looks(25, 0.4, "speaking") == 0).all()
