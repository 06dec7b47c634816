"""The solvers: their steps, and that all of them arrive at the same picture."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from engines.joyhallo.pipeline.schedule import SCHEDULERS, Schedule, Walk, make_scheduler

MEAN, SPREAD = 0.7, 0.5


def velocity(sample: Tensor, timestep: int, signal: Tensor) -> Tensor:
    """The best prediction for pictures whose values are normal with MEAN and SPREAD."""
    a = signal[timestep].double()
    x = sample.double()
    clean = MEAN + a.sqrt() * SPREAD**2 / (a * SPREAD**2 + 1 - a) * (x - a.sqrt() * MEAN)
    noise = (x - a.sqrt() * clean) / (1 - a).sqrt()
    return (a.sqrt() * noise - (1 - a).sqrt() * clean).float()


def walked(name: str, steps: int, noise: Tensor) -> Tensor:
    walk = Walk(Schedule(name, steps))  # type: ignore[arg-type]  # the test goes through all names
    signal = make_scheduler().alphas_cumprod
    sample = walk.begin(noise)
    for i, timestep in enumerate(walk.timesteps):
        sample = walk.step(velocity(walk.model_input(sample, i), timestep, signal), i, sample)
    return sample


@pytest.fixture(scope="module")
def noise() -> Tensor:
    return torch.randn(1, 4, 2, 4, 4, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize(("steps", "first", "last"), [(40, [999, 974], 24), (15, [999, 932, 866], 66)])
def test_steps_are_spaced_from_pure_noise(steps: int, first: list[int], last: int) -> None:
    times = Schedule(steps=steps).timesteps()
    assert len(times) == steps
    assert times[: len(first)] == first
    assert times[-1] == last


@pytest.mark.parametrize("name", SCHEDULERS)
def test_every_solver_arrives_where_small_steps_do(name: str, noise: Tensor) -> None:
    exact = MEAN + SPREAD * noise
    errors = [float((walked(name, steps, noise) - exact).abs().max()) for steps in (5, 20, 100)]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] < 0.1
    assert Schedule(name, 7).timesteps()[0] == 999  # type: ignore[arg-type]


def test_the_better_solvers_need_half_the_steps(noise: Tensor) -> None:
    exact = MEAN + SPREAD * noise
    ddim = float((walked("ddim", 40, noise) - exact).abs().max())
    for name in ("dpm-solver++", "unipc"):
        assert float((walked(name, 25, noise) - exact).abs().max()) < ddim


@pytest.mark.parametrize("name", SCHEDULERS)
@pytest.mark.parametrize("steps", [1, 2, 100])
def test_any_number_of_steps_ends_in_finite_numbers(name: str, steps: int, noise: Tensor) -> None:
    ours = walked(name, steps, noise.half())
    assert ours.dtype == torch.float32
    assert ours.isfinite().all()


def test_two_walks_do_not_share_their_past(noise: Tensor) -> None:
    alone = walked("dpm-solver++", 5, noise)
    first, second = Walk(Schedule("dpm-solver++", 5)), Walk(Schedule("dpm-solver++", 5))
    signal = make_scheduler().alphas_cumprod
    sample, other = first.begin(noise), second.begin(noise + 1)
    for i, timestep in enumerate(first.timesteps):
        sample = first.step(velocity(first.model_input(sample, i), timestep, signal), i, sample)
        other = second.step(velocity(second.model_input(other, i), timestep, signal), i, other)
    assert torch.equal(sample, alone)


def test_an_unknown_solver_is_named() -> None:
    with pytest.raises(ValueError, match="'heun'; there is ddim, euler"):
        make_scheduler("heun")  # type: ignore[arg-type]
