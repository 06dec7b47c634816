"""Mouth shapes of a voice: contiguous, long enough to be seen, and the same however the rows arrive."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from engines.preview.cues import SHORTEST, SHORTEST_OTHER, find_cues
from engines.preview.mouth import CHANNELS
from media.performance.visemes import VisemeCue


def rows(*parts: tuple[int, dict[str, float]]) -> np.ndarray:
    """Network frames with some channels; a voice speaks where it is not said otherwise."""
    made = []
    for count, values in parts:
        row = np.zeros(len(CHANNELS), np.float32)
        for name, value in ({"voice": 1.0} | values).items():
            row[CHANNELS.index(name)] = value
        made.append(np.tile(row, (count, 1)))
    return np.concatenate(made)


SAID = rows(
    (30, {"voice": 0.0, "closure": 1.0}),
    (8, {"closure": 1.0}),
    (20, {"jaw": 0.9}),
    (2, {"jaw": 0.1}),
    (10, {"jaw": 0.9}),
    (7, {"closure": 0.9}),
    (12, {"jaw": 0.4, "rounding": 0.8}),
    (10, {"lip_teeth": 1.0}),
    (40, {"voice": 0.0, "closure": 1.0}),
)


def test_shapes_follow_the_channels() -> None:
    found = list(find_cues([SAID], len(SAID) / 100))
    assert [cue.viseme for cue in found] == ["sil", "PP", "aa", "PP", "O", "FF", "sil"]
    assert [cue.start for cue in found] == pytest.approx([0.0, 0.3, 0.38, 0.7, 0.77, 0.89, 0.99], abs=0.021)
    assert found[-1].end == pytest.approx(1.39)


@pytest.mark.parametrize("size", [1, 3, 50])
def test_pieces_do_not_matter(size: int) -> None:
    pieces = [SAID[at : at + size] for at in range(0, len(SAID), size)]
    assert list(find_cues(pieces, 1.39)) == list(find_cues([SAID], 1.39))


def test_cues_are_contiguous_and_long_enough() -> None:
    rng = np.random.default_rng(4)
    noise = np.clip(rng.normal(0.5, 0.4, (3000, len(CHANNELS))), 0, 1).astype(np.float32)
    found = list(find_cues([noise], 30.0))
    assert found[0].start == 0
    assert found[-1].end == 30.0
    for before, after in pairwise(found):
        assert before.end == after.start
        assert before.viseme != after.viseme
        assert before.end - before.start > SHORTEST.get(before.viseme, SHORTEST_OTHER) - 1e-6


def test_a_voice_of_one_short_sound_has_one_cue() -> None:
    assert list(find_cues([rows((3, {"jaw": 0.9}))], 0.03)) == [VisemeCue(0.0, 0.03, "aa")]
    assert list(find_cues([], 0.5)) == []
