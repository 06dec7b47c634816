"""The denoising U-Net of stage 1: single frames, without audio and motion modules."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from engines.joyhallo.networks.denoising_unet import DenoisingUNet
from engines.joyhallo.networks.reference_unet import ReferenceUNet
from engines.joyhallo.pipeline.clip_sampler import Still
from engines.joyhallo.pipeline.conditions import ClipConditions, banks_of
from engines.joyhallo.pipeline.denoisers import PlainDenoiser


def picture_prediction(
    unet: DenoisingUNet, latents: Tensor, timestep: Tensor | float, conditions: ClipConditions
) -> Tensor:
    """Velocity (n, 4, 1, h, w) for noisy latents (n or 1, 4, 1, h, w).

    As `DenoisingUNet.forward`, but without the audio and motion modules. conditions: with one frame; its
    audio tokens and masks are ignored.
    """
    rows = conditions.rows
    if len(latents) != rows:
        latents = latents.repeat(rows // len(latents), 1, 1, 1, 1)
    x = unet.conv_in(latents[:, :, 0]) + conditions.locator[:, :, 0]

    def layer(name: str, block: Any, index: int, x: Tensor) -> Tensor:
        reference = conditions.reference(f"{name}.attentions.{index}")
        return block.attentions[index](x, conditions.face_tokens, reference=reference, blind=conditions.blind)

    x = unet.walk(x, unet.embed_time(timestep, rows), layer)
    return unet.conv_out(unet.conv_act(unet.conv_norm_out(x))).unsqueeze(2)


def picture_conditions(
    reference_unet: ReferenceUNet, latents: Tensor | None, face_tokens: Tensor, locator: Tensor
) -> ClipConditions:
    """The conditions of n rows of one frame.

    latents: (n, 4, h, w) of the reference frames; None for no reference pass.
    face_tokens: (n, 4, text_dim). locator: (n, C, 1, h, w).
    """
    banks = {} if latents is None else banks_of(reference_unet, latents, face_tokens)
    silence = torch.zeros(len(face_tokens), 1, 1, 1)
    return ClipConditions(False, banks, face_tokens, silence, locator, ())


class SpatialDenoiser(PlainDenoiser):
    """The denoiser for the clip sampler, for clips of one frame."""

    def conditions(
        self, still: Still, latents: Tensor, audio_tokens: Tensor, *, guided: bool
    ) -> ClipConditions:
        """As `Denoiser.conditions`; audio_tokens: (1, 1, ...) of anything."""
        faces, locator, rows = still.face_tokens, still.locator, 1
        if guided:
            faces, rows = torch.cat([still.null_face_tokens, faces]), 2
            locator = torch.cat([torch.zeros_like(locator), locator])
        made = picture_conditions(
            self._reference_unet, latents[:1].expand(rows, -1, -1, -1).to(faces.dtype), faces, locator
        )
        return ClipConditions(
            guided, made.banks, faces, audio_tokens.expand(rows, *audio_tokens.shape[1:]), locator, ()
        )

    def __call__(
        self, latents: Tensor, timestep: Tensor, conditions: ClipConditions, *, deep: bool
    ) -> Tensor:
        """As `Denoiser.__call__`."""
        return picture_prediction(self._unet, latents.to(conditions.face_tokens.dtype), timestep, conditions)
