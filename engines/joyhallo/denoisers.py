"""The networks of a denoising step, as the sampler of clips calls them."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from engines.joyhallo.clips import Still
from engines.joyhallo.conditions import ClipConditions, prepare
from engines.joyhallo.denoising_unet import DenoisingUNet
from engines.joyhallo.reference_unet import ReferenceUNet


class PlainDenoiser:
    """The original's arithmetic in the original's order: what parity and benchmarks compare with."""

    def __init__(
        self, reference_unet: ReferenceUNet, unet: DenoisingUNet, *, rounding: torch.dtype | None = None
    ) -> None:
        """rounding: a dtype that the reference features are rounded to, as the original does to float16."""
        self._reference_unet, self._unet, self._rounding = reference_unet, unet, rounding

    def conditions(
        self, still: Still, latents: Tensor, audio_tokens: Tensor, *, guided: bool
    ) -> ClipConditions:
        """As `Denoiser.conditions`."""
        dtype = self._unet.conv_in.weight.dtype
        return prepare(
            self._reference_unet,
            latents=latents.to(dtype),
            face_tokens=still.face_tokens,
            null_face_tokens=still.null_face_tokens if guided else None,
            audio_tokens=audio_tokens,
            locator=still.locator,
            masks=still.masks,
            motion_scale=still.motion_scale,
            rounding=self._rounding,
        )

    def without_guidance(self, conditions: ClipConditions) -> ClipConditions:
        """As `Denoiser.without_guidance`."""
        return replace(
            conditions,
            guided=False,
            banks={name: bank[1:] for name, bank in conditions.banks.items()},
            face_tokens=conditions.face_tokens[1:],
            audio_tokens=conditions.audio_tokens[1:],
            locator=conditions.locator[1:],
        )

    def __call__(self, latents: Tensor, timestep: float, conditions: ClipConditions, *, deep: bool) -> Tensor:
        """As `Denoiser.__call__`; every layer runs in every step, whatever `deep` says."""
        return self._unet(latents.to(self._unet.conv_in.weight.dtype), timestep, conditions)
