"""Samples motion from noise with the solvers of diffusers: ancestral, DDIM and DPM-Solver++.

All three are `DPMSolverMultistepScheduler`: its first order is DDIM, its first order with noise is the
ancestral sampler (DDPM, arXiv:2006.11239, equation 7), and its second order is DPM-Solver++ (2M)
(arXiv:2211.01095). It takes any list of steps, and the caller's noise.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

from torch import Tensor

from engines.joyvasa.motion.guidance import CfgMode, DynamicThreshold, clamp_to_quantile, mix
from engines.joyvasa.motion.schedule import VarianceSchedule

if TYPE_CHECKING:
    from diffusers import DPMSolverMultistepScheduler

SamplerName = Literal["auto", "ancestral", "ddim", "dpm-solver++"]
Target = Literal["sample", "noise"]
Predict = Callable[[Tensor, int], Tensor]
"""(noisy motion (B, k, d), step) -> predictions (n, B, k, d), the one without the voice first."""

SPACING = 1.5
"""Exponent that moves steps towards the clean end, where motion is decided. Compared with even steps, ten
steps of DPM-Solver++ then reproduce 0.98 instead of 0.87 of the spread of normal data with a standard
deviation of 0.3.
"""

SOLVERS: dict[str, dict[str, Any]] = {
    "ancestral": {"algorithm_type": "sde-dpmsolver++", "solver_order": 1},
    "ddim": {"algorithm_type": "dpmsolver++", "solver_order": 1},
    "dpm-solver++": {"algorithm_type": "dpmsolver++", "solver_order": 2},
}


@dataclass(frozen=True)
class SamplerSettings:
    """How a window is sampled.

    inference_steps: None for the trained number. sampler: "auto" is the ancestral one at the trained number
    of steps and DPM-Solver++ below; every sampler works with every number. cfg_scale: 0..10, None for no
    guidance.
    dynamic_threshold: None or a clamp of predicted motion. flexibility: 0..1, share of the forward process's
    standard deviation in the ancestral noise. target: what the network predicts.
    """

    inference_steps: int | None = None
    sampler: SamplerName = "auto"
    cfg_scale: float | None = None
    cfg_mode: CfgMode = "incremental"
    dynamic_threshold: DynamicThreshold | None = None
    flexibility: float = 0.0
    target: Target = "sample"

    def resolved(self, trained_steps: int) -> tuple[SamplerName, int]:
        """The sampler that runs and its number of steps, at most the trained number."""
        steps = trained_steps if self.inference_steps is None else min(self.inference_steps, trained_steps)
        if steps < 1:
            raise ValueError(f"inference_steps must be at least 1, not {self.inference_steps}")
        if self.sampler == "auto":
            return ("ancestral" if steps == trained_steps else "dpm-solver++"), steps
        if self.sampler not in SOLVERS:
            raise ValueError(f"unknown sampler {self.sampler!r}; known: {', '.join(SOLVERS)}")
        return self.sampler, steps


@dataclass(frozen=True)
class SamplingPlan:
    """The steps of a window. One plan serves many windows; each makes its own scheduler.

    visited: steps of the schedule from the trained number to 0, one more than there are predictions.
    noise_scales: factors of the fresh noise of each step but the last; empty without noise.
    betas: those of the schedule, from step 1.
    """

    sampler: SamplerName
    settings: SamplerSettings
    visited: tuple[int, ...]
    noise_scales: tuple[float, ...]
    betas: tuple[float, ...]

    @property
    def steps(self) -> int:
        """How many predictions a window needs."""
        return len(self.visited) - 1

    @property
    def draws(self) -> int:
        """How many tensors of fresh noise a window needs besides the starting noise."""
        return len(self.noise_scales)

    def scheduler(self) -> DPMSolverMultistepScheduler:
        """A scheduler at its first step. It counts from 0, so that our step t is its timestep t - 1."""
        from diffusers import DPMSolverMultistepScheduler

        scheduler = DPMSolverMultistepScheduler(
            num_train_timesteps=len(self.betas),
            trained_betas=list(self.betas),
            prediction_type="epsilon" if self.settings.target == "noise" else "sample",
            final_sigmas_type="zero",
            **SOLVERS[self.sampler],
        )
        scheduler.set_timesteps(timesteps=[step - 1 for step in self.visited[:-1]])
        scheduler.set_begin_index(0)  # otherwise it looks up the first step and synchronises the device
        return scheduler


def plan_sampling(schedule: VarianceSchedule, settings: SamplerSettings) -> SamplingPlan:
    """The steps of a run, from noise to clean; the trained number visits every step of the schedule."""
    name, count = settings.resolved(schedule.steps)
    visited = [0]
    for place in range(1, count + 1):
        visited.append(max(round(schedule.steps * (place / count) ** SPACING), visited[-1] + 1))
    visited.reverse()
    scales: list[float] = []
    if name == "ancestral":
        bars: list[float] = schedule.alpha_bars.tolist()
        for here, there in pairwise(visited[:-1]):
            scales.append(_noise_scale(bars[here], bars[there], settings.flexibility))
    return SamplingPlan(name, settings, tuple(visited), tuple(scales), tuple(schedule.betas[1:].tolist()))


def _noise_scale(here: float, there: float, flexibility: float) -> float:
    """The noise's standard deviation divided by the posterior's, from the two steps' alpha bars.

    The posterior's is sqrt((1 - there) / (1 - here)) times the forward process' sqrt(1 - here / there);
    `flexibility` interpolates linearly between the two.
    """
    return 1 - flexibility + flexibility * math.sqrt((1 - here) / (1 - there))


def sample(
    predict: Predict,
    start: Tensor,
    noise: Tensor,
    plan: SamplingPlan,
    observe: Callable[[int, Tensor], None] | None = None,
) -> Tensor:
    """Clean motion (B, k, d) from the noise `start` (B, k, d) and `noise` (draws, B, k, d), on one device.

    `observe(t, state)` after each step gets the state that belongs to step t, 0 at the end.
    """
    state = start
    for index, state in sampling(predict, start, noise, plan):
        if observe is not None:
            observe(index, state)
    return state


def sampling(
    predict: Predict, start: Tensor, noise: Tensor, plan: SamplingPlan
) -> Iterator[tuple[int, Tensor]]:
    """Yield the steps of `sample` one by one: the step that is reached, and its state.

    Under `torch.inference_mode` each step must be asked for inside it; the mode does not last between them.
    """
    settings, scheduler, state = plan.settings, plan.scheduler(), start
    for place, (here, there) in enumerate(pairwise(plan.visited)):
        predictions = predict(state, here)
        if settings.dynamic_threshold is not None and settings.target == "sample":
            predictions = clamp_to_quantile(predictions, settings.dynamic_threshold)
        prediction = mix(predictions, settings.cfg_scale, settings.cfg_mode)
        # the last step multiplies its noise by 0, but the solver needs a tensor
        fresh = noise[place] * plan.noise_scales[place] if place < plan.draws else start
        state = scheduler.step(prediction, here - 1, state, variance_noise=fresh, return_dict=False)[0]
        yield there, state
