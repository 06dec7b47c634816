"""The loss of both training stages: velocity on noised latents, with samples weighted by their noise.

There is no mask in it; every latent pixel counts the same, as in Hallo's scripts/train_stage1.py and
scripts/train_stage2.py. The weights are those of min-SNR (Hang et al., arXiv:2303.09556) for velocity.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

from engines.joyhallo.pipeline.schedule import make_scheduler

if TYPE_CHECKING:
    from diffusers import DDIMScheduler

SNR_LIMIT = 5.0
"""Samples with less noise than this ratio of signal to noise count less: their loss says little."""


@cache
def training_schedule() -> DDIMScheduler:
    """The noise schedule of training: scaled-linear betas up to pure noise, whatever inference uses."""
    return make_scheduler("ddim", "scaled_linear")


def noised(latents: Tensor, noise: Tensor, timesteps: Tensor) -> tuple[Tensor, Tensor]:
    """The network's input and target: noisy latents and velocity, both (b, 4, f, h, w).

    latents: clean ones, scaled. noise: standard normal, of the same shape. timesteps: (b,) int64, 0..999.
    """
    schedule = training_schedule()
    return schedule.add_noise(latents, noise, timesteps), schedule.get_velocity(latents, noise, timesteps)


def signal_to_noise(timesteps: Tensor) -> Tensor:
    """Power of the signal over that of the noise, float32 of the timesteps' shape; 0 at 999."""
    alphas = training_schedule().alphas_cumprod.to(timesteps.device)[timesteps]
    return alphas / (1 - alphas)


def min_snr_weights(timesteps: Tensor, limit: float = SNR_LIMIT) -> Tensor:
    """The weight of each sample, in 0..1: min(snr + 1, limit) / (snr + 1), min-SNR for velocity."""
    ratio = signal_to_noise(timesteps) + 1
    return ratio.clamp(max=limit) / ratio


def sample_losses(predicted: Tensor, velocity: Tensor) -> Tensor:
    """Mean squared error of each sample, (b,) float32."""
    return F.mse_loss(predicted.float(), velocity.float(), reduction="none").flatten(1).mean(1)


def weighed_loss(
    predicted: Tensor,
    velocity: Tensor,
    timesteps: Tensor,
    *,
    snr_limit: float = SNR_LIMIT,
    reference_loss: bool = False,
) -> tuple[Tensor, dict[str, Tensor]]:
    """The loss of a batch, and the unweighted error; a limit of 0 turns weighting off."""
    losses = sample_losses(predicted, velocity)
    counts = min_snr_weights(timesteps, snr_limit) if snr_limit else torch.ones_like(losses)
    return total_loss(losses, counts, reference_loss=reference_loss), {"error": losses.mean()}


def total_loss(losses: Tensor, weights: Tensor, *, reference_loss: bool = False) -> Tensor:
    """The mean of the weighed losses of the samples; losses and weights (b,).

    reference_loss: as in the original's second stage, which averages the losses before weighting them, so
    that noisy and clean samples count the same.
    """
    return losses.mean() * weights.mean() if reference_loss else (losses * weights).mean()
