"""From noise to motion: the original ancestral sampler, and DDIM and DPM-Solver++ with fewer steps.

All coefficients are computed before the loop, from the schedule's tables, as plain numbers, so that nothing
in the loop waits for the device.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from torch import Tensor

from engines.joyvasa.guidance import CfgMode, DynamicThreshold, clamp_to_quantile, mix
from engines.joyvasa.schedule import VarianceSchedule

SamplerName = Literal["auto", "ancestral", "ddim", "dpm-solver++"]
Target = Literal["sample", "noise"]
Predict = Callable[[Tensor, int], Tensor]
"""(noisy motion (B, k, d), step) -> predictions (n, B, k, d), the one without the voice first."""

SPACING = 1.5
"""Power by which steps gather at the clean end, where motion is decided. Against even steps, ten steps of
DPM-Solver++ bring the spread of normal data of deviation 0.3 from 0.87 of the truth to 0.98 of it."""


@dataclass(frozen=True)
class SamplerSettings:
    """How a window is sampled.

    inference_steps: None for the trained number. sampler: "auto" is the ancestral one at the trained number
    and DPM-Solver++ below; every sampler works at every number. cfg_scale: 0..10, None for no guidance.
    dynamic_threshold: None or a clamp of predicted motion. flexibility: 0..1, how much
    of the ancestral noise has the forward process' deviation. target: what the network predicts.
    """

    inference_steps: int | None = None
    sampler: SamplerName = "auto"
    cfg_scale: float | None = 2.0
    cfg_mode: CfgMode = "incremental"
    dynamic_threshold: DynamicThreshold | None = None
    flexibility: float = 0.0
    target: Target = "sample"

    def resolved(self, trained_steps: int) -> tuple[SamplerName, int]:
        """The sampler that runs and its number of steps: more than the trained number is that number."""
        steps = trained_steps if self.inference_steps is None else min(self.inference_steps, trained_steps)
        if steps < 1:
            raise ValueError(f"inference_steps must be at least 1, not {self.inference_steps}")
        if self.sampler == "auto":
            return ("ancestral" if steps == trained_steps else "dpm-solver++"), steps
        if self.sampler not in ("ancestral", "ddim", "dpm-solver++"):
            raise ValueError(f"unknown sampler {self.sampler!r}; known: ancestral, ddim, dpm-solver++")
        return self.sampler, steps


@dataclass(frozen=True)
class Step:
    """x_next = keep * x + clean * x0 + clean_before * (x0 of the step before) + sigma * noise.

    x0 = (x - noise_level * eps) / signal_level where the network predicts the noise.
    """

    index: int
    following: int
    keep: float
    clean: float
    clean_before: float
    sigma: float
    signal_level: float
    noise_level: float


def plan(schedule: VarianceSchedule, settings: SamplerSettings) -> list[Step]:
    """The steps of a run, from noise to clean; the trained number visits every step of the schedule."""
    name, count = settings.resolved(schedule.steps)
    visited = _visited(schedule.steps, count)
    alpha_bar = [float(value) for value in schedule.alpha_bars.tolist()]
    steps: list[Step] = []
    before: int | None = None
    for index, following in pairwise(visited):
        if name == "dpm-solver++":
            keep, clean, clean_before, sigma = _dpm(alpha_bar, before, index, following)
        elif name == "ddim":
            keep, clean, clean_before, sigma = _ddim(alpha_bar, index, following)
        else:
            keep, clean, clean_before, sigma = _ancestral(alpha_bar, index, following, settings.flexibility)
        levels = math.sqrt(alpha_bar[index]), math.sqrt(1 - alpha_bar[index])
        steps.append(Step(index, following, keep, clean, clean_before, sigma, *levels))
        before = index
    return steps


def _visited(trained: int, count: int) -> list[int]:
    """`count` + 1 steps from the trained number to 0; all of them where `count` is that number."""
    visited = [0]
    for place in range(1, count + 1):
        visited.append(max(round(trained * (place / count) ** SPACING), visited[-1] + 1))
    return visited[::-1]


def noise_draws(steps: list[Step]) -> int:
    """How many tensors of fresh noise the steps need, the starting noise not counted."""
    return sum(step.sigma > 0 for step in steps)


def sample(
    predict: Predict,
    start: Tensor,
    noise: Tensor,
    steps: list[Step],
    settings: SamplerSettings,
    observe: Callable[[int, Tensor], None] | None = None,
) -> Tensor:
    """Clean motion (B, k, d) from the noise `start` (B, k, d) and `noise` (draws, B, k, d), on one device.

    `observe(t, state)` after each step gets the state that belongs to step t, 0 at the end.
    """
    state = start
    for index, state in sampling(predict, start, noise, steps, settings):
        if observe is not None:
            observe(index, state)
    return state


def sampling(
    predict: Predict, start: Tensor, noise: Tensor, steps: list[Step], settings: SamplerSettings
) -> Iterator[tuple[int, Tensor]]:
    """The steps of `sample` one by one: which step is reached, and the state that belongs to it.

    Under `torch.inference_mode` each step must be asked for inside it; the mode does not last between them.
    """
    state, before, drawn = start, None, 0
    for step in steps:
        predictions = predict(state, step.index)
        if settings.target == "noise":
            eps = mix(predictions, settings.cfg_scale, settings.cfg_mode)
            clean = (state - step.noise_level * eps) / step.signal_level
        else:
            if settings.dynamic_threshold is not None:
                predictions = clamp_to_quantile(predictions, settings.dynamic_threshold)
            clean = mix(predictions, settings.cfg_scale, settings.cfg_mode)
        state = step.keep * state + step.clean * clean
        if before is not None and step.clean_before:
            state = state + step.clean_before * before
        if step.sigma > 0:
            state = state + step.sigma * noise[drawn]
            drawn += 1
        before = clean
        yield step.following, state


def _ancestral(
    alpha_bar: list[float], index: int, following: int, flexibility: float
) -> tuple[float, float, float, float]:
    """Posterior of the (respaced) forward process; its noise ends with the last step."""
    here, there = alpha_bar[index], alpha_bar[following]
    alpha = here / there
    keep = (1 - there) * math.sqrt(alpha) / (1 - here)
    clean = (1 - alpha) * math.sqrt(there) / (1 - here)
    if following == 0:
        return keep, clean, 0.0, 0.0
    inflexible = math.sqrt((1 - there) / (1 - here) * (1 - alpha))
    return keep, clean, 0.0, flexibility * math.sqrt(1 - alpha) + (1 - flexibility) * inflexible


def _ddim(alpha_bar: list[float], index: int, following: int) -> tuple[float, float, float, float]:
    here, there = alpha_bar[index], alpha_bar[following]
    keep = math.sqrt(max(1 - there, 0.0) / (1 - here))
    return keep, math.sqrt(there) - keep * math.sqrt(here), 0.0, 0.0


def _dpm(
    alpha_bar: list[float], before: int | None, index: int, following: int
) -> tuple[float, float, float, float]:
    """Second-order multistep for x0 prediction; first order at the ends, which is DDIM."""
    keep, clean, _, _ = _ddim(alpha_bar, index, following)
    if before is None or following == 0:
        return keep, clean, 0.0, 0.0
    level = _half_log_snr(alpha_bar, [before, index, following])
    ratio = (level[1] - level[0]) / (level[2] - level[1])
    lean = clean / (2 * ratio)
    return keep, clean + lean, -lean, 0.0


def _half_log_snr(alpha_bar: list[float], indices: list[int]) -> np.ndarray:
    bar = np.array([alpha_bar[index] for index in indices])
    return 0.5 * np.log(bar / (1 - bar))
