"""The noise schedule of the motion diffusion."""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor, nn

ScheduleName = Literal["cosine", "linear", "quadratic", "sigmoid"]

COSINE_OFFSET = 0.008
FIRST_BETA = 1e-4
LAST_BETA = 0.02
"""FIRST_BETA and LAST_BETA: ends of the three other schedules. FIRST_BETA also bounds the cosine's betas."""
GREATEST_BETA = 0.999


class VarianceSchedule(nn.Module):
    """Tables of the diffusion process, indexed by the step t = 0 (clean) .. `steps` (noise).

    Buffers, all (steps + 1,) float32, as the motion checkpoint stores them: ``betas`` (0 at t = 0),
    ``alphas`` = 1 - betas, ``alpha_bars`` (their running product, through logarithms), ``sigmas_flex`` =
    sqrt(betas) and ``sigmas_inflex``, the deviation of the true posterior.
    """

    betas: Tensor
    alphas: Tensor
    alpha_bars: Tensor
    sigmas_flex: Tensor
    sigmas_inflex: Tensor

    def __init__(self, steps: int = 50, name: ScheduleName = "cosine") -> None:
        super().__init__()
        if steps < 1:
            raise ValueError(f"a schedule needs at least one step, not {steps}")
        self.steps = steps
        betas = torch.cat([torch.zeros(1), _betas(steps, name)])
        alphas = 1 - betas
        alpha_bars = torch.log(alphas).cumsum(0).exp()
        posterior = torch.zeros(steps + 1)
        posterior[1:] = ((1 - alpha_bars[:-1]) / (1 - alpha_bars[1:]) * betas[1:]).sqrt()
        self.register_buffer("betas", betas)
        self.register_buffer("alphas", alphas)
        self.register_buffer("alpha_bars", alpha_bars)
        self.register_buffer("sigmas_flex", betas.sqrt())
        self.register_buffer("sigmas_inflex", posterior)

    def diffuse(self, clean: Tensor, noise: Tensor, steps: Tensor) -> Tensor:
        """Noisy motion at `steps` (B,) int64 in 0..`self.steps`, from clean motion and noise (B, k, d)."""
        alpha_bar = self.alpha_bars[steps].view(-1, *[1] * (clean.ndim - 1))
        return alpha_bar.sqrt() * clean + (1 - alpha_bar).sqrt() * noise


def _betas(steps: int, name: ScheduleName) -> Tensor:
    if name == "cosine":
        place = torch.linspace(0, steps, steps + 1) / steps
        level = torch.cos((place + COSINE_OFFSET) / (1 + COSINE_OFFSET) * math.pi / 2) ** 2
        level = level / level[0]
        return (1 - level[1:] / level[:-1]).clamp(FIRST_BETA, GREATEST_BETA)
    if name == "linear":
        return torch.linspace(FIRST_BETA, LAST_BETA, steps)
    if name == "quadratic":
        return torch.linspace(FIRST_BETA**0.5, LAST_BETA**0.5, steps) ** 2
    if name == "sigmoid":
        return torch.sigmoid(torch.linspace(-5, 5, steps)) * (LAST_BETA - FIRST_BETA) + FIRST_BETA
    raise ValueError(f"there is no schedule {name!r}; known: cosine, linear, quadratic, sigmoid")
