from __future__ import annotations

import numpy as np
import pytest
import torch

from evaluation.vbench.amt import AmtS
from evaluation.vbench.smoothness import Smoothness


def run(pictures: np.ndarray) -> Smoothness:
    found = Smoothness(lambda a, b: (a + b) / 2)
    for picture in pictures:
        found.add(picture)
    return found


def brightening(count: int, step: int) -> np.ndarray:
    levels = (10 + step * np.arange(count)).astype(np.uint8)
    return np.broadcast_to(levels[:, None, None, None], (count, 33, 50, 3)).copy()


def test_steady_change_is_predicted_and_a_jump_is_not() -> None:
    steady = brightening(7, 10)
    jumping = steady.copy()
    jumping[3] = 255
    assert run(steady).score() == pytest.approx(1, abs=1 / 255)  # decimals are cut off
    assert (run(jumping).score() or 1) < 0.8
    assert len(run(steady).differences) == 3


@pytest.mark.parametrize(("count", "pairs"), [(0, 0), (2, 0), (3, 1), (4, 1), (5, 2)])
def test_the_last_odd_picture_is_left_out(count: int, pairs: int) -> None:
    found = run(brightening(count, 3))
    assert len(found.differences) == pairs
    assert (found.score() is None) == (pairs == 0)


@pytest.mark.parametrize(
    ("size", "padded"), [((136, 149), (144, 160)), ((144, 160), (144, 160)), ((1, 17), (16, 32))]
)
def test_sides_become_multiples_of_16(size: tuple[int, int], padded: tuple[int, int]) -> None:
    seen: list[tuple[int, ...]] = []

    def foretell(first: torch.Tensor, second: torch.Tensor) -> torch.Tensor:
        seen.append(tuple(first.shape[-2:]))
        return first

    found = Smoothness(foretell)
    for _ in range(3):
        found.add(np.zeros((*size, 3), np.uint8))
    assert seen == [padded]


def test_what_is_added_is_taken_off_again() -> None:
    seen = []

    def second(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        seen.append(tuple(a.shape))
        return b

    picture = np.random.default_rng(0).integers(0, 255, (33, 50, 3)).astype(np.uint8)
    found = Smoothness(second)
    for one in (0 * picture, picture, picture):
        found.add(one)
    assert seen == [(1, 3, 48, 64)]
    assert found.foretold is not None
    assert np.abs(found.foretold.astype(int) - picture).max() <= 1


@torch.inference_mode()
def test_amt_s_gives_three_flows_and_a_picture_in_0_to_1() -> None:
    torch.manual_seed(0)
    found = AmtS().eval()(torch.rand(1, 3, 128, 144), torch.rand(1, 3, 128, 144), 0.5)
    assert found.frame.shape == (1, 3, 128, 144)
    assert 0 <= found.frame.min() <= found.frame.max() <= 1
    assert [tuple(flow.shape) for flow in found.flows[0]] == [
        (1, 3, 2, 128, 144),
        (1, 2, 64, 72),
        (1, 2, 32, 36),
        (1, 2, 16, 18),
    ]
