from __future__ import annotations

import math
from itertools import pairwise

import pytest
import torch
from diffusers import DDIMScheduler, DDPMScheduler
from diffusers.schedulers import scheduling_ddpm
from torch.utils._python_dispatch import TorchDispatchMode

from engines.joyvasa.fast.fast_denoiser import FastDenoiser
from engines.joyvasa.motion.guidance import DynamicThreshold, branches, clamp_to_quantile, mix
from engines.joyvasa.motion.sampler import SamplerSettings, plan_sampling, sample
from engines.joyvasa.motion.schedule import VarianceSchedule
from tests.engines.joyvasa.tiny_motion import tiny_generator

SCHEDULE = VarianceSchedule(50)
SPREAD = 0.3
"""Deviation of the random data, for which the best prediction is known."""


def best_prediction(state: torch.Tensor, step: int) -> torch.Tensor:
    bar = float(SCHEDULE.alpha_bars[step])
    return (SPREAD**2 * math.sqrt(bar) / (bar * SPREAD**2 + 1 - bar) * state)[None]


def run(settings: SamplerSettings, start: torch.Tensor, seed: int = 0) -> torch.Tensor:
    plan = plan_sampling(SCHEDULE, settings)
    noise = torch.randn(plan.draws, *start.shape, generator=torch.Generator().manual_seed(seed))
    return sample(best_prediction, start, noise, plan)


def exact(start: torch.Tensor) -> torch.Tensor:
    """Where the deterministic flow of normal data ends."""
    bar = float(SCHEDULE.alpha_bars[50])
    return start * SPREAD / math.sqrt(bar * SPREAD**2 + 1 - bar)


@pytest.mark.parametrize("sampler", ["ancestral", "ddim", "dpm-solver++"])
@pytest.mark.parametrize("steps", [12, 50])
def test_every_sampler_ends_with_the_spread_of_the_data(sampler, steps: int) -> None:
    start = torch.randn(1, 100, 70, generator=torch.Generator().manual_seed(1))
    out = run(SamplerSettings(steps, sampler, cfg_scale=None), start)
    assert float(out.std()) == pytest.approx(SPREAD, rel=0.25 if steps == 12 else 0.1)


def test_the_second_order_is_closer_to_the_flow_than_the_first() -> None:
    start = torch.randn(1, 100, 70, generator=torch.Generator().manual_seed(1))

    def error(sampler, steps: int) -> float:
        ours = run(SamplerSettings(steps, sampler, cfg_scale=None), start)
        return float((ours - exact(start)).abs().max())

    assert error("dpm-solver++", 10) < 0.5 * error("ddim", 10)
    assert error("ddim", 50) < 0.5 * error("ddim", 10)


def test_the_ancestral_sampler_is_the_ddpm_posterior_with_its_small_variance(monkeypatch) -> None:
    start, noise = torch.randn(1, 100, 70), torch.randn(49, 1, 100, 70)
    ours = sample(best_prediction, start, noise, plan_sampling(SCHEDULE, SamplerSettings(cfg_scale=None)))
    theirs = DDPMScheduler(
        num_train_timesteps=50,
        trained_betas=SCHEDULE.betas[1:].tolist(),
        prediction_type="sample",
        variance_type="fixed_small",
        clip_sample=False,
    )
    draws = iter(noise)
    monkeypatch.setattr(scheduling_ddpm, "randn_tensor", lambda *shape, **options: next(draws))
    state = start
    for step in range(50, 0, -1):
        state = theirs.step(best_prediction(state, step)[0], step - 1, state).prev_sample
    assert (ours - state).abs().max() < 1e-5
    assert next(draws, None) is None


def test_ddim_at_every_step_is_the_ddim_of_evenly_spaced_steps() -> None:
    start = torch.randn(1, 100, 70)
    settings = SamplerSettings(50, "ddim", cfg_scale=None)
    ours = sample(best_prediction, start, torch.empty(0), plan_sampling(SCHEDULE, settings))
    theirs = DDIMScheduler(
        num_train_timesteps=50,
        trained_betas=SCHEDULE.betas[1:].tolist(),
        prediction_type="sample",
        clip_sample=False,
        set_alpha_to_one=True,
    )
    theirs.set_timesteps(50)
    state = start
    for step in range(50, 0, -1):
        state = theirs.step(best_prediction(state, step)[0], step - 1, state).prev_sample
    assert (ours - state).abs().max() < 1e-5


@pytest.mark.parametrize("flexibility", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("steps", [8, 50])
def test_flexibility_goes_from_the_posteriors_noise_to_the_forward_process(flexibility, steps) -> None:
    settings = SamplerSettings(steps, "ancestral", cfg_scale=None, flexibility=flexibility)
    plan = plan_sampling(SCHEDULE, settings)
    zero, one = torch.zeros(1, 4, 5), torch.ones(1, 4, 5)
    reached: dict[int, float] = {}

    def nothing(state: torch.Tensor, step: int) -> torch.Tensor:
        return zero[None]

    for draw in range(plan.draws):  # one draw at a time from nothing: what it brings in is its deviation
        noise = torch.zeros(plan.draws, 1, 4, 5)
        noise[draw] = one
        states: dict[int, torch.Tensor] = {}
        sample(nothing, zero, noise, plan, states.__setitem__)
        reached[draw] = float(states[plan.visited[draw + 1]].mean())
    for draw, (here, there) in enumerate(pairwise(plan.visited[:-1])):
        bar, following = float(SCHEDULE.alpha_bars[here]), float(SCHEDULE.alpha_bars[there])
        forward = math.sqrt(1 - bar / following)
        posterior = forward * math.sqrt((1 - following) / (1 - bar))
        expected = flexibility * forward + (1 - flexibility) * posterior
        assert reached[draw] == pytest.approx(expected, rel=1e-4)


def test_which_sampler_runs_by_itself() -> None:
    assert SamplerSettings().resolved(50) == ("ancestral", 50)
    assert SamplerSettings(inference_steps=50).resolved(50) == ("ancestral", 50)
    assert SamplerSettings(inference_steps=12).resolved(50) == ("dpm-solver++", 12)
    assert SamplerSettings(inference_steps=900).resolved(50) == ("ancestral", 50)
    assert SamplerSettings(inference_steps=50, sampler="ddim").resolved(50) == ("ddim", 50)
    with pytest.raises(ValueError, match="not 0"):
        SamplerSettings(inference_steps=0).resolved(50)
    with pytest.raises(ValueError, match="euler"):
        SamplerSettings(sampler="euler").resolved(50)  # type: ignore[arg-type]


@pytest.mark.parametrize("count", range(1, 51))
def test_steps_go_from_noise_to_clean_without_a_repetition(count: int) -> None:
    plan = plan_sampling(SCHEDULE, SamplerSettings(count))
    visited = plan.visited
    assert visited[0] == 50
    assert visited[-1] == 0
    assert len(visited) == count + 1
    assert all(a > b for a, b in pairwise(visited))
    assert plan.draws == (49 if count == 50 else 0)


def test_one_step_is_the_prediction() -> None:
    start = torch.randn(1, 4, 70)
    out = run(SamplerSettings(1, "ddim", cfg_scale=None), start)
    assert torch.allclose(out, best_prediction(start, 50)[0])


def test_noise_as_target_is_the_same_flow() -> None:
    def predict_noise(state: torch.Tensor, step: int) -> torch.Tensor:
        bar = float(SCHEDULE.alpha_bars[step])
        return (state - math.sqrt(bar) * best_prediction(state, step)) / math.sqrt(1 - bar)

    start = torch.randn(1, 8, 70, generator=torch.Generator().manual_seed(2))
    settings = SamplerSettings(20, "ddim", cfg_scale=None, target="noise")
    plan = plan_sampling(SCHEDULE, settings)
    ours = sample(predict_noise, start, torch.empty(0), plan)
    # the first step divides by the square root of 5e-5 or so: rounding is what remains
    assert (ours - run(SamplerSettings(20, "ddim", cfg_scale=None), start)).abs().max() < 2e-3


def test_guidance() -> None:
    null, heard = torch.zeros(1, 2, 3), torch.ones(1, 2, 3)
    both = torch.stack([null, heard])
    for mode in ("incremental", "independent"):
        assert torch.equal(mix(both, 2.5, mode), 2.5 * heard)
    assert torch.equal(mix(both[1:], 2.5), heard)
    assert branches(None) == branches(1.0) == (True,)
    assert branches(0.0) == (False,)
    assert branches(2.8) == (False, True)
    three = torch.stack([null, heard, 3 * heard])
    assert torch.equal(mix(three, 2.0, "incremental"), 6 * heard)
    assert torch.equal(mix(three, 2.0, "independent"), 8 * heard)
    with pytest.raises(ValueError, match="both"):
        mix(both, 2.0, "both")  # type: ignore[arg-type]


def test_clamping_looks_at_each_prediction_alone() -> None:
    predictions = torch.stack([torch.full((1, 4, 5), 0.1), torch.linspace(-2, 2, 20).view(1, 4, 5)])
    clamped = clamp_to_quantile(predictions, DynamicThreshold(0.5, 0.0, 9.0))
    assert torch.equal(clamped[0], predictions[0])
    assert float(clamped[1].max()) == pytest.approx(float(predictions[1].abs().median()), abs=0.11)
    assert float(clamp_to_quantile(predictions, DynamicThreshold(0.5, 0.0, 0.3)).max()) == pytest.approx(0.3)


class Operations(TorchDispatchMode):
    """Names of everything that is computed."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.names.add(function.overloadpacket.__name__)
        return function(*args, **(kwargs or {}))


@pytest.mark.parametrize("sampler", ["ancestral", "dpm-solver++"])
def test_the_loop_never_waits_for_a_number_from_the_device(sampler) -> None:
    generator = tiny_generator()
    settings = SamplerSettings(4, sampler, 2.0, dynamic_threshold=DynamicThreshold(0.9, 0.5, 1.0))
    with torch.inference_mode():
        plan = plan_sampling(generator.diffusion_sched, settings)
        window = FastDenoiser(generator.denoising_net, generator.null_audio_feat).window(
            torch.zeros(1, 25, 70), torch.zeros(1, 25, 32), torch.randn(1, 100, 32), (False, True)
        )
        noise = torch.randn(plan.draws, 1, 100, 70)
        with Operations() as operations:
            sample(window, torch.randn(1, 100, 70), noise, plan)
    assert "bmm" in operations.names
    assert not operations.names & {"_local_scalar_dense", "_to_copy", "nonzero", "is_nonzero", "equal"}


@pytest.mark.parametrize("name", ["cosine", "linear", "quadratic", "sigmoid"])
def test_a_schedule_goes_from_clean_to_noisy(name) -> None:
    schedule = VarianceSchedule(30, name)
    assert float(schedule.alpha_bars[0]) == 1
    assert (schedule.alpha_bars.diff() < 0).all()
    assert float(schedule.sigmas_inflex[0]) == float(schedule.sigmas_inflex[1]) == 0
    assert (schedule.sigmas_inflex <= schedule.sigmas_flex + 1e-7).all()
    with pytest.raises(ValueError, match="none"):
        VarianceSchedule(30, "none")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="not 0"):
        VarianceSchedule(0)


def test_noised_motion_keeps_its_power() -> None:
    clean, noise = torch.randn(3, 400, 70), torch.randn(3, 400, 70)
    noisy = SCHEDULE.diffuse(clean, noise, torch.tensor([0, 25, 50]))
    assert torch.equal(noisy[0], clean[0])
    assert noisy.flatten(1).std(dim=1).tolist() == pytest.approx([1, 1, 1], abs=0.03)
    assert (noisy[2] - noise[2]).abs().max() < 0.1
