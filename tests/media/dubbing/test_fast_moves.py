"""A face that moves far from one frame to the next keeps its landmarks."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from benchmarks.dub_torture import example_persons, framed
from media.dubbing.following import follow_video
from media.dubbing.values import SourceFrame

MOUTH = [61, 291, 0, 17, 13, 14]
GROUND = (70, 82, 60)
STEP = 50


@pytest.mark.parametrize("side", [240, 300])
def test_lips_are_found_where_they_are_while_the_head_moves_fast(tmp_path: Path, side: int) -> None:
    person = example_persons()[1][0]
    places = [120 + min(STEP * n, 240) for n in range(14)]
    frames = (
        SourceFrame(n, Fraction(n, 25), framed(person, side, (x, 160), GROUND)) for n, x in enumerate(places)
    )
    with follow_video(frames, tmp_path) as video:
        assert len(video.tracks) == 1
        still = video.raw_landmarks(0, len(places) - 1)
        width = float(np.ptp(still[:, 0]))
        for number, place in enumerate(places):
            moved = np.array([place - places[-1], 0])
            away = video.raw_landmarks(0, number)[MOUTH, :2] - still[MOUTH, :2] - moved
            assert np.sqrt(np.square(away).sum(axis=1).mean()) < 0.035 * width, number
