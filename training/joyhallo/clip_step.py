"""Stage 2's prediction: clips with voice and motion that continue real frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from engines.joyhallo.networks.reference_unet import ReferenceUNet
from engines.joyhallo.pipeline.conditions import ClipConditions, banks_of
from training.joyhallo.losses import SNR_LIMIT, weighed_loss

TRAINED_MODULES = (".audio_modules.", ".motion_modules.")
"""What stage 2 trains of the denoising U-Net, and stage 1 does not."""


@dataclass(frozen=True, eq=False)
class OwnReference(ClipConditions):
    """Conditions of several videos in which the frames of each see its own portrait.

    `ClipConditions` repeats the portraits as the original does, which fits only a single video: with several,
    a frame sees the portraits of all in turn.
    """

    def reference(self, name: str) -> Tensor | None:
        bank = self.banks.get(name)
        return None if bank is None else bank[:, 0].repeat_interleave(self.frames, dim=0)


@dataclass(frozen=True, eq=False)
class ClipGiven:
    """The inputs of b clips of f frames.

    noisy: (b, 4, f, h, w). timesteps: (b,). frames: (b * 3, 4, h, w) latents of the portrait and the two
    previous frames. face_tokens: (b, 4, text_dim). locator: (b, C, 1, h, w). windows: (b, f, 5, layers,
    channels).
    masks: four of (3, b * f, l).
    """

    noisy: Tensor
    timesteps: Tensor
    pictures: Tensor
    face_tokens: Tensor
    locator: Tensor
    windows: Tensor
    masks: Sequence[Tensor]


@dataclass(frozen=True)
class Kept:
    """The conditions that a step keeps. Each is dropped for a whole step, independently of the others."""

    reference: bool = True
    voice: bool = True


def train_clips(parts: Mapping[str, nn.Module]) -> None:
    """Enable the gradients of stage 2's parameters: the audio and motion modules, and the
    projection of voices.
    """
    parts["audioproj"].requires_grad_(True)
    for key, parameter in parts["denoising_unet"].named_parameters():
        parameter.requires_grad_(any(part in f".{key}" for part in TRAINED_MODULES))


class ClipStep:
    """Prediction and loss of stage 2 on encoded inputs.

    parts: the five networks by their names. tiling: mix up the samples of a batch as the original does.
    reference_loss, snr_limit: as of `losses.weighed_loss`. rounding: as in `conditions.banks_of`.
    """

    def __init__(
        self,
        parts: Mapping[str, nn.Module],
        *,
        tiling: bool = False,
        reference_loss: bool = False,
        snr_limit: float = SNR_LIMIT,
        rounding: torch.dtype | None = None,
    ) -> None:
        self._parts: Mapping[str, Any] = parts
        self._tiling, self._rounding = tiling, rounding
        self._reference_loss, self._snr_limit = reference_loss, snr_limit

    def predict(self, given: ClipGiven, kept: Kept) -> Tensor:
        """Velocity (b, 4, f, h, w), with gradients for what `train_clips` names."""
        audio_tokens = self._parts["audioproj"](given.windows)
        banks: dict[str, Tensor] = {}
        if kept.reference:
            with torch.no_grad():
                banks = _banks(self._parts["reference_unet"], given, self._tiling, self._rounding)
        conditions = (ClipConditions if self._tiling else OwnReference)(
            guided=False,
            banks=banks,
            face_tokens=given.face_tokens,
            audio_tokens=audio_tokens if kept.voice else torch.zeros_like(audio_tokens),
            locator=given.locator,
            masks=given.masks,
        )
        # On a processor torch 2.13 crashes in the backward of a channels-last GroupNorm whose input needs no
        # gradient, which is where the first trained module begins; so the input gets one.
        return self._parts["denoising_unet"](given.noisy.requires_grad_(), given.timesteps, conditions)

    def loss(
        self, predicted: Tensor, velocity: Tensor, timesteps: Tensor
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss to minimise, and the unweighted error."""
        return weighed_loss(
            predicted,
            velocity,
            timesteps,
            snr_limit=self._snr_limit,
            reference_loss=self._reference_loss,
        )


def _banks(
    reference_unet: ReferenceUNet, given: ClipGiven, tiling: bool, rounding: torch.dtype | None
) -> dict[str, Tensor]:
    if tiling:
        return banks_of(reference_unet, given.pictures, given.face_tokens, rounding=rounding)
    rows = len(given.pictures)
    faces = given.face_tokens.repeat_interleave(rows // len(given.face_tokens), dim=0)
    banks = reference_unet(given.pictures, faces)
    if rounding is not None:
        banks = {name: bank.to(rounding).to(bank.dtype) for name, bank in banks.items()}
    return {name: bank.unflatten(0, (len(given.face_tokens), -1)) for name, bank in banks.items()}
