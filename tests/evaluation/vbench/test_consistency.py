from __future__ import annotations

import numpy as np
import pytest
import torch

from evaluation.vbench.consistency import Consistency


def features(count: int, seed: int = 0) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(seed).standard_normal((count, 32)).astype(np.float32) + 1)


def scored(given: torch.Tensor, piece: int = 99, half: bool = False) -> Consistency:
    found = Consistency(half=half)
    for part in given.split(piece):
        found.add(part)
    return found


def test_a_still_video_has_1_and_opposites_have_0() -> None:
    still = features(1).repeat(5, 1)
    assert scored(still).score() == pytest.approx(1, abs=1e-6)
    assert scored(torch.stack([still[0], -still[0]])).score() == 0


@pytest.mark.parametrize("piece", [1, 2, 3, 99])
def test_pieces_do_not_show(piece: int) -> None:
    given = features(7)
    unit = given / given.norm(dim=1, keepdim=True)
    near, far = (unit[1:] * unit[:-1]).sum(dim=1), (unit[1:] * unit[0]).sum(dim=1)
    expected = float(((near.clamp(min=0) + far.clamp(min=0)) / 2).mean())
    assert scored(given, piece).score() == pytest.approx(expected, abs=1e-6)


def test_one_picture_has_no_score() -> None:
    assert scored(features(1)).score() is None
    assert Consistency().score() is None


def test_float16_lies_on_steps() -> None:
    one = scored(features(2), half=True)
    assert one.score() != scored(features(2)).score()
    assert (2 * (one.score() or 0) * 2048) % 1 == 0
