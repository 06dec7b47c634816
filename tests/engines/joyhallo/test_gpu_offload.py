"""Networks that move to a device and leave it again. Tensors of another type stand in for the device."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
import torch
from torch import Tensor, nn

from engines.joyhallo.fast.gpu_offload import OffloadedModule

AWAY, HERE = torch.float32, torch.float64


@pytest.fixture
def moves(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """float64 stands for being on the device; the list records what was moved."""
    moved: list[str] = []
    to, cpu = Tensor.to, Tensor.cpu

    def fake_to(self: Tensor, *arguments: object, **keywords: object) -> Tensor:
        if arguments and isinstance(arguments[0], torch.device):
            moved.append("in")
            return to(self, HERE)
        return to(self, *arguments, **keywords)

    def fake_cpu(self: Tensor) -> Tensor:
        if self.dtype == HERE:
            moved.append("out")
        return cpu(to(self, AWAY))

    monkeypatch.setattr(Tensor, "to", fake_to)
    monkeypatch.setattr(Tensor, "cpu", fake_cpu)
    return moved


@pytest.fixture
def network() -> nn.Module:
    return nn.Linear(2, 2)


def resident(network: nn.Module) -> OffloadedModule[nn.Module]:
    return OffloadedModule(network, torch.device("cuda"))


def test_a_network_moves_to_the_device_at_its_first_use_and_stays(
    moves: list[str], network: nn.Module
) -> None:
    subject = resident(network)
    for _ in range(2):
        with subject.here(leaves=False) as here:
            assert here.weight.dtype == HERE
    assert moves == ["in", "in"]  # weight and bias, once


def test_a_network_leaves_after_use_and_returns_unchanged(moves: list[str], network: nn.Module) -> None:
    before = network.weight.detach().clone()
    subject = resident(network)
    for _ in range(2):
        with subject.here(leaves=True):
            pass
        assert network.weight.dtype == AWAY
        assert torch.equal(network.weight, before)
    assert moves == ["in"] * 4  # nothing is copied on its way out


def test_a_network_stays_while_another_job_uses_it(moves: list[str], network: nn.Module) -> None:
    subject = resident(network)
    with ExitStack() as other:
        other.enter_context(subject.here(leaves=True))
        with subject.here(leaves=True) as here:
            pass
        assert here.weight.dtype == HERE
        assert not subject.leave()
    assert network.weight.dtype == AWAY


def test_a_network_that_stayed_can_be_moved_away_later(moves: list[str], network: nn.Module) -> None:
    subject = resident(network)
    assert not subject.leave()
    with subject.here(leaves=False):
        pass
    assert subject.leave()
    assert network.weight.dtype == AWAY
    assert moves == ["in", "in", "out", "out"]


def test_on_a_cpu_networks_stay(network: nn.Module) -> None:
    subject = OffloadedModule(network, torch.device("cpu"))
    places = [tensor.data_ptr() for tensor in network.parameters()]
    with subject.here(leaves=True):
        pass
    assert not subject.leave()
    assert [tensor.data_ptr() for tensor in network.parameters()] == places
