"""Classifier-free guidance: mixes predictions with and without the voice."""

from __future__ import annotations

from typing import Literal, NamedTuple

import torch
from torch import Tensor

from engines.joyvasa.fast.fast_denoiser import FastDenoiser, FastWindow
from engines.joyvasa.networks.denoiser import Denoiser

CfgMode = Literal["incremental", "independent"]


class DynamicThreshold(NamedTuple):
    """Clamp predictions to the quantile `share` (0..1) of their magnitudes, held in `least`..`greatest`."""

    share: float
    least: float
    greatest: float


def branches(cfg_scale: float | None) -> tuple[bool, ...]:
    """The predictions that a scale needs (True: with the voice). None means no guidance; at exactly 1 and 0,
    one of the two cancels out.
    """
    if cfg_scale is None or cfg_scale == 1:
        return (True,)
    return (False,) if cfg_scale == 0 else (False, True)


def mix(predictions: Tensor, cfg_scale: float | None, cfg_mode: CfgMode = "incremental") -> Tensor:
    """One prediction (B, k, d) from (n, B, k, d): the first without a condition, each further one with one
    condition more.

    "independent" adds what every condition changes against none, "incremental" what it changes against the
    one before; with the voice as the only condition both are null + scale * (voice - null).
    """
    if len(predictions) == 1 or cfg_scale is None:
        return predictions[-1]
    if cfg_mode == "independent":
        changes = (predictions[1:] - predictions[:1]).sum(0)
    elif cfg_mode == "incremental":
        changes = (predictions[1:] - predictions[:-1]).sum(0)
    else:
        raise ValueError(f"unknown cfg_mode {cfg_mode!r}; known: incremental, independent")
    return predictions[0] + cfg_scale * changes


def clamp_to_quantile(predictions: Tensor, threshold: DynamicThreshold) -> Tensor:
    """Dynamic thresholding of (n, B, k, d): clamp each to the quantile of its own magnitudes, unmixed."""
    magnitudes = predictions.abs().flatten(2)
    bound = torch.quantile(magnitudes, threshold.share, dim=2).clamp(threshold.least, threshold.greatest)
    bound = bound[..., None, None]
    return predictions.clamp(-bound, bound)


class PlainWindow:
    """The plain denoiser's counterpart of `FastDenoiser.window`, with which the fast one is compared."""

    def __init__(
        self,
        denoiser: Denoiser,
        null_audio: Tensor,
        previous_motion: Tensor,
        previous_audio: Tensor,
        audio: Tensor,
        branches: tuple[bool, ...],
    ) -> None:
        self.denoiser, self.count = denoiser, len(branches)
        null = null_audio.expand_as(audio)
        self.audio = torch.cat([audio if with_voice else null for with_voice in branches])
        self.previous_motion = previous_motion.repeat(self.count, 1, 1)
        self.previous_audio = previous_audio.repeat(self.count, 1, 1)

    def __call__(self, motion: Tensor, step: int) -> Tensor:
        """Predictions (branches, B, 100, 70) for noisy motion (B, 100, 70) at one step."""
        motion = motion.repeat(self.count, 1, 1)
        steps = torch.full((len(motion),), step, device=motion.device)
        out = self.denoiser(motion, self.audio, self.previous_motion, self.previous_audio, steps)
        return out[:, self.denoiser.previous_motions :].unflatten(0, (self.count, -1))


def prepare_window(
    denoiser: Denoiser | FastDenoiser,
    null_audio: Tensor,
    previous_motion: Tensor,
    previous_audio: Tensor,
    audio: Tensor,
    branches: tuple[bool, ...],
) -> PlainWindow | FastWindow:
    """A window of either denoiser; shapes as in `FastDenoiser.window`."""
    if isinstance(denoiser, FastDenoiser):
        return denoiser.window(previous_motion, previous_audio, audio, branches)
    return PlainWindow(denoiser, null_audio, previous_motion, previous_audio, audio, branches)
