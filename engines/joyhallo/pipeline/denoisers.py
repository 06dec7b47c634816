"""The networks of a denoising step, as the sampler of clips calls them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeAlias

import torch
from torch import Tensor

from engines.joyhallo.fast.fast_unet import ClipMemory
from engines.joyhallo.networks.config import MOTION_FRAMES
from engines.joyhallo.networks.denoising_unet import DenoisingUNet
from engines.joyhallo.networks.reference_unet import ReferenceUNet
from engines.joyhallo.pipeline.clip_sampler import Still
from engines.joyhallo.pipeline.conditions import ClipConditions, prepare

Banks: TypeAlias = Mapping[str, Tensor]
PICTURES = 1 + MOTION_FRAMES
"""The portrait and the frames before a clip."""


class PlainDenoiser:
    """The original's arithmetic in the original's order: the reference for parity checks and benchmarks."""

    def __init__(
        self, reference_unet: ReferenceUNet, unet: DenoisingUNet, *, rounding: torch.dtype | None = None
    ) -> None:
        """rounding: a dtype that the reference features are rounded to, as the original does to float16."""
        self._reference_unet, self._unet, self._rounding = reference_unet, unet, rounding

    def conditions(
        self, still: Still, latents: Tensor, audio_tokens: Tensor, *, guided: bool
    ) -> ClipConditions:
        """As `Denoiser.conditions`."""
        if len(latents) == 1:
            latents = latents.expand(PICTURES, -1, -1, -1)
        return prepare(
            self._reference_unet,
            latents=latents.to(still.face_tokens.dtype),
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

    def __call__(
        self, latents: Tensor, timestep: Tensor, conditions: ClipConditions, *, deep: bool
    ) -> Tensor:
        """As `Denoiser.__call__`; every layer runs in every step, whatever `deep` says."""
        return self._unet(latents.to(conditions.face_tokens.dtype), timestep, conditions)


class FastClipDenoiser:
    """Gives the same numbers up to rounding, without the computations that the original repeats or discards.

    It keeps the portrait's features and the deep layers' result of the previous step, so each job needs its
    own.
    """

    def __init__(
        self,
        reference_unet: Callable[[Tensor, Tensor], Banks],
        prepare: Callable[[ClipConditions], ClipMemory],
        step: Callable[[Tensor, Tensor, ClipMemory, Tensor | None], tuple[Tensor, Tensor]],
        *,
        rounding: torch.dtype | None = None,
    ) -> None:
        """prepare, step: a `FastDenoisingUNet`'s. The others as of `PlainDenoiser`."""
        self._reference = ReferencePass(reference_unet, rounding)
        self._prepare, self._run = prepare, step
        self._deep: Tensor | None = None

    def conditions(self, still: Still, latents: Tensor, audio_tokens: Tensor, *, guided: bool) -> ClipMemory:
        """As `Denoiser.conditions`."""
        faces, locator = still.face_tokens, still.locator
        if guided:
            faces = torch.cat([still.null_face_tokens, faces])
            audio_tokens = torch.cat([torch.zeros_like(audio_tokens), audio_tokens])
            locator = torch.cat([torch.zeros_like(locator), locator])
        banks = self._reference(latents, faces)
        return self._prepare(
            ClipConditions(guided, banks, faces, audio_tokens, locator, still.masks, still.motion_scale)
        )

    def without_guidance(self, conditions: ClipMemory) -> ClipMemory:
        """As `Denoiser.without_guidance`."""
        return conditions.seeing()

    def __call__(self, latents: Tensor, timestep: Tensor, conditions: ClipMemory, *, deep: bool) -> Tensor:
        """As `Denoiser.__call__`."""
        known = None if deep else self._deep
        velocity, self._deep = self._run(latents.to(conditions.locator.dtype), timestep, conditions, known)
        return velocity


class ReferencePass:
    """The reference U-Net's features of the clips of one job.

    The original computes those of the portrait with every clip, and in each half of guidance. They do not
    change, so here they are computed with the first clip and kept.
    """

    def __init__(
        self, reference_unet: Callable[[Tensor, Tensor], Banks], rounding: torch.dtype | None = None
    ) -> None:
        self._unet, self._rounding = reference_unet, rounding
        self._portrait: dict[str, Tensor] = {}

    def __call__(self, latents: Tensor, face_tokens: Tensor) -> dict[str, Tensor]:
        """As `conditions.banks_of`, for one video: (n, 3, l, C) by the name of the spatial transformer.

        latents: (3, 4, h, w), the portrait and the two frames before; (1, 4, h, w), the portrait alone, for
        the first clip. face_tokens: (n, 4, text_dim), the same with every call.
        """
        if not self._portrait:
            self._portrait = self._features(latents[:1], face_tokens)
        every = self._portrait
        if len(latents) > 1:
            moved = self._features(latents[1:], face_tokens)
            every = {name: torch.cat([bank, moved[name]]) for name, bank in every.items()}
        return {name: _by_video(bank) for name, bank in every.items()}

    def _features(self, latents: Tensor, face_tokens: Tensor) -> dict[str, Tensor]:
        """Every frame with every set of tokens: (frames, n, l, C)."""
        sets = len(face_tokens)
        rows = latents.to(face_tokens.dtype).repeat_interleave(sets, dim=0)
        banks = self._unet(rows, face_tokens.repeat(len(latents), 1, 1))
        if self._rounding is not None:
            banks = {name: bank.to(self._rounding).to(bank.dtype) for name, bank in banks.items()}
        return {name: bank.unflatten(0, (len(latents), sets)) for name, bank in banks.items()}


def _by_video(bank: Tensor) -> Tensor:
    """(1 or 3 frames, n sets of tokens, l, C) -> (n, 3, l, C).

    The sets of tokens follow each other over the rows of all halves (`conditions.tiled`): under guidance
    the portrait of the unconditional half met the unconditional set, its first frame the conditional one.
    """
    frames, sets = bank.shape[:2]
    rows = [
        [bank[min(k, frames - 1), (PICTURES * half + k) % sets] for k in range(PICTURES)]
        for half in range(sets)
    ]
    return torch.stack([torch.stack(row) for row in rows])
