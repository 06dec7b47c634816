from __future__ import annotations

import math

import pytest
import torch

from training.joyvasa.losses import WEIGHTS, total_loss, window_losses
from training.joyvasa.objective import truncate_audio, truncate_motion


@pytest.fixture
def window() -> dict[str, torch.Tensor]:
    source = torch.Generator().manual_seed(0)
    shapes = {"predicted": 125, "motion": 100, "previous": 25, "noise": 100}
    return {name: torch.randn(2, frames, 70, generator=source) for name, frames in shapes.items()}


@pytest.mark.parametrize("second", [False, True])
def test_a_perfect_prediction_costs_nothing_but_its_bends(window, second: bool) -> None:
    window["predicted"] = torch.cat([window["previous"], window["motion"]], dim=1)
    terms = window_losses(**window, second=second)
    for name in ("noise", "exp", "exp_vel", "head_angle", "head_vel"):
        assert float(terms[name]) == 0
    assert float(terms["exp_smooth"]) > 1
    assert ("head_trans" in terms) == second


def test_straight_motion_has_no_bend_and_no_jump(window) -> None:
    line = torch.arange(125.0)[None, :, None].expand(2, 125, 70) * 0.1
    window |= {"predicted": line, "previous": line[:, :25], "motion": line[:, 25:]}
    terms = window_losses(**window, second=True)
    for name in ("exp_smooth", "head_smooth", "head_trans"):
        assert float(terms[name]) < 1e-8


@pytest.mark.parametrize("criterion", ["l1", "l2"])
def test_frames_behind_the_end_do_not_count(window, criterion) -> None:
    end = torch.tensor([10, 60])
    before = window_losses(**window, second=True, end=end, criterion=criterion)
    window["predicted"][0, 25 + 10 :] += 5
    window["predicted"][1, 25 + 60 :] -= 5
    after = window_losses(**window, second=True, end=end, criterion=criterion)
    assert before.keys() == after.keys()
    assert all(float(before[name]) == float(after[name]) for name in before)
    window["predicted"][0, 25 + 9] += 5
    assert float(window_losses(**window, second=True, end=end, criterion=criterion)["noise"]) > float(
        after["noise"]
    )


def test_the_previous_frames_count_unless_they_are_free(window) -> None:
    other = window | {"predicted": window["predicted"].clone()}
    other["predicted"][:, :25] += 1
    for constrained in (True, False):
        ours, theirs = (
            window_losses(**w, second=True, constrain_previous=constrained)["noise"] for w in (window, other)
        )
        assert (float(ours) != float(theirs)) == constrained
    assert torch.equal(
        window_losses(**window, second=False)["noise"], window_losses(**other, second=False)["noise"]
    )


def test_the_noise_as_target(window) -> None:
    window["predicted"][:, 25:] = window["noise"]
    terms = window_losses(**window, second=True, target="noise")
    assert terms.keys() == {"noise"}
    assert float(terms["noise"]) == 0


def test_a_clip_of_one_frame_gives_numbers(window) -> None:
    terms = window_losses(**window, second=False, end=torch.tensor([1, 1]))
    assert all(math.isfinite(float(value)) for value in terms.values())


def test_the_sum_and_the_originals_slip(window) -> None:
    first = {name: torch.tensor(1.0) for name in WEIGHTS if name != "head_trans"}
    second = {name: torch.tensor(3.0) for name in WEIGHTS}
    halves = 1 + 0.1 + 2e-4 + 3e-2
    assert float(total_loss(first, second)) == pytest.approx(2 * halves + 3e-2)
    slip = 2 * (1 + 3e-2) + 4.5 * (0.1 + 2e-4) + 3e-2
    assert float(total_loss(first, second, reference_loss=True)) == pytest.approx(slip)
    only = {"noise": torch.tensor(2.0)}
    assert float(total_loss(only, only)) == pytest.approx(2)


def test_a_criterion_that_does_not_exist(window) -> None:
    with pytest.raises(ValueError, match="huber"):
        window_losses(**window, second=False, criterion="huber")  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", ["zero", "replicate"])
def test_truncation(mode) -> None:
    end = torch.tensor([1, 3])
    motion = torch.arange(1.0, 11).view(1, 5, 2).repeat(2, 1, 1)
    cut = truncate_motion(motion, end, mode)
    assert torch.equal(cut[1, :3], motion[1, :3])
    assert cut[1, 3].tolist() == ([0, 0] if mode == "zero" else [5, 6])
    samples = torch.arange(1.0, 5 * 640 + 1)[None].repeat(2, 1)
    heard = truncate_audio(samples, end, mode)
    assert torch.equal(heard[0, :640], samples[0, :640])
    assert set(heard[0, 640:].tolist()) == ({0} if mode == "zero" else {640})
    with pytest.raises(ValueError, match="mirror"):
        truncate_audio(samples, end, "mirror")  # type: ignore[arg-type]
