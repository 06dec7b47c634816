"""Stage 2's prediction: clips that go on from real frames, heard and moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engines.joyhallo.conditions import ClipConditions, banks_of
from engines.joyhallo.denoising_unet import DenoisingUNet
from engines.joyhallo.projections import AudioProjection
from engines.joyhallo.reference_unet import ReferenceUNet


@dataclass(frozen=True, eq=False)
class OwnReference(ClipConditions):
    """Conditions of several videos in which the frames of each see its own portrait.

    `ClipConditions` repeats the portraits as the original does, which only fits a single video: with more of
    them a frame sees the portraits of all in turn.
    """

    def reference(self, name: str) -> Tensor | None:
        bank = self.banks.get(name)
        return None if bank is None else bank[:, 0].repeat_interleave(self.frames, dim=0)


@dataclass(frozen=True, eq=False)
class ClipGiven:
    """What b clips of f frames are made from.

    noisy: (b, 4, f, h, w). timesteps: (b,). pictures: (b * 3, 4, h, w) latents of portrait and two frames
    before. face_tokens: (b, 4, text_dim). locator: (b, C, 1, h, w). windows: (b, f, 5, layers, channels).
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
    """What of the conditions a step keeps. Each is dropped for a whole step, independently of the others."""

    reference: bool = True
    voice: bool = True


def predict_clips(
    reference_unet: ReferenceUNet,
    denoising_unet: DenoisingUNet,
    audio_projection: AudioProjection,
    given: ClipGiven,
    kept: Kept,
    *,
    tiling: bool = False,
    rounding: torch.dtype | None = None,
) -> Tensor:
    """Velocity (b, 4, f, h, w), with gradients for the denoising U-Net and the projection of the voice.

    tiling: as the original mixes the samples of a batch up. rounding: as in `conditions.banks_of`.
    """
    heard = audio_projection(given.windows)
    banks: dict[str, Tensor] = {}
    if kept.reference:
        with torch.no_grad():
            banks = _banks(reference_unet, given, tiling, rounding)
    conditions = (ClipConditions if tiling else OwnReference)(
        guided=False,
        banks=banks,
        face_tokens=given.face_tokens,
        # Silence is made of what is heard, so that the projection has a gradient, of zeros, in every step.
        audio_tokens=heard if kept.voice else torch.zeros_like(heard),
        locator=given.locator,
        masks=given.masks,
    )
    # On a processor torch 2.13 crashes in the backward of a channels-last GroupNorm whose input needs no
    # gradient, which is where the first trained module begins; so the input gets one.
    return denoising_unet(given.noisy.requires_grad_(), given.timesteps, conditions)


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
