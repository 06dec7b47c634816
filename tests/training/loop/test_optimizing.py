from __future__ import annotations

import sys
from itertools import pairwise

import pytest
import torch

from media.errors import TrainingError
from training.loop.optimizing import fill_optimizer, learning_rate, make_optimizer, optimizer_tensors
from training.loop.options import LoopOptions


def rates(**given: object) -> list[float]:
    options = LoopOptions.model_validate({"steps": 100, "learning_rate": 2.0 / 4, **given})
    return [learning_rate(options, step) for step in range(1, 101)]


def test_the_warm_up_begins_at_nothing_and_the_rate_then_stays() -> None:
    assert rates(warmup=4)[:6] == [0.0, 0.125, 0.25, 0.375, 0.5, 0.5]
    assert rates()[0] == 0.5


@pytest.mark.parametrize("schedule", ["linear", "cosine"])
def test_rates_go_down_to_nothing(schedule: str) -> None:
    found = rates(schedule=schedule, warmup=10)
    assert found[10] == 0.5
    assert all(a > b for a, b in pairwise(found[10:]))
    assert found[-1] < 0.02
    assert found[55] == pytest.approx(0.25)  # half of the way


def test_a_schedule_can_end_early_and_above_nothing() -> None:
    found = rates(schedule="cosine", warmup=10, schedule_end=50, lowest_rate=0.02)
    assert found[10] == 0.5
    assert found[30] == pytest.approx(0.5 * (0.02 + 0.98 / 2))
    assert found[50:] == [pytest.approx(0.01)] * 50
    once = rates(schedule="onecycle", schedule_end=50)
    assert once[50:] == [once[49]] * 50


def test_one_cycle_is_that_of_torch() -> None:
    weight = torch.nn.Parameter(torch.zeros(1))
    optimizer = torch.optim.SGD([weight], 0.5, momentum=0.9)
    torchs = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.5, total_steps=100, pct_start=0.1)
    for found in rates(schedule="onecycle"):
        assert found == pytest.approx(torchs.get_last_lr()[0])
        optimizer.step()
        torchs.step()


@pytest.mark.parametrize("name", ["adam", "adamw"])
def test_an_optimizer_remembers_across_tensors(name: str) -> None:
    def one() -> tuple[torch.nn.Linear, torch.optim.Optimizer]:
        torch.manual_seed(0)
        line = torch.nn.Linear(3, 2)
        return line, make_optimizer(line.parameters(), LoopOptions.model_validate({"optimizer": name}))

    def step(line: torch.nn.Linear, optimizer: torch.optim.Optimizer, scale: float) -> None:
        optimizer.zero_grad()
        (line(torch.ones(1, 3)) * scale).sum().backward()
        optimizer.step()

    line, optimizer = one()
    step(line, optimizer, 1.0)
    tensors, numbers = optimizer_tensors(optimizer, ["weight", "bias"])
    assert set(tensors) >= {"exp_avg/weight", "exp_avg_sq/bias", "step/weight"}
    tensors = {name: tensor.clone() for name, tensor in tensors.items()}
    other, fresh = one()
    other.load_state_dict(line.state_dict())
    fill_optimizer(fresh, ["weight", "bias"], tensors, numbers)
    step(line, optimizer, -3.0)
    step(other, fresh, -3.0)
    assert torch.equal(line.weight, other.weight)
    with pytest.raises(KeyError):
        fill_optimizer(fresh, ["weight", "offset"], tensors, numbers)


def test_eight_bits_need_a_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bitsandbytes", None)
    with pytest.raises(TrainingError, match=r"needs the package bitsandbytes.*--optimizer adamw"):
        make_optimizer([torch.nn.Parameter(torch.zeros(1))], LoopOptions(optimizer="adamw8bit"))
