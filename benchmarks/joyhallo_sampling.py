"""Samples clips of a random image and a random voice as a job or as the original does."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from benchmarks.joyhallo_networks import AUDIO_TOKENS, FACE_TOKENS, random_masks
from engines.joyhallo.fast.acceleration import Acceleration
from engines.joyhallo.networks.denoising_unet import DenoisingUNet
from engines.joyhallo.networks.vae import DOWN, Codec
from engines.joyhallo.options import CLIP
from engines.joyhallo.pipeline.clip_sampler import ClipSampler, SamplerStep, Sampling, Still, seeded_noise
from engines.joyhallo.pipeline.denoisers import FastClipDenoiser, PlainDenoiser
from engines.joyhallo.weights.model_registry import JoyHalloNetworks


def fast_sampler(
    networks: JoyHalloNetworks,
    sampling: Sampling,
    side: int,
    how: Acceleration = "off",
    *,
    offload: bool = False,
) -> ClipSampler:
    """The engine's sampler. side: pixels of the image."""

    def reference(latents: Tensor, tokens: Tensor) -> dict[str, Tensor]:
        with networks.reference.here(leaves=offload) as unet:
            return unet(latents, tokens)

    return ClipSampler(
        FastClipDenoiser(reference, networks.unet.prepare, networks.step(how)),
        Codec(networks.vae, networks.decode_batch(offload=offload)),
        random_still(networks, side),
        sampling,
        seeded_noise(0),
    )


def plain_sampler(
    networks: JoyHalloNetworks, plain: DenoisingUNet, sampling: Sampling, side: int
) -> ClipSampler:
    """The original's arithmetic in its order: both attentions for all rows, frames decoded one by one."""
    with networks.reference.here(leaves=False) as unet:
        denoiser = PlainDenoiser(unet, plain)
    still = random_still(networks, side)
    return ClipSampler(denoiser, Codec(networks.vae, 1), still, sampling, seeded_noise(0))


def random_still(networks: JoyHalloNetworks, side: int) -> Still:
    """The parts that all clips share."""
    draw = torch.Generator().manual_seed(1)
    config, latent = networks.unet.plain.config, side // DOWN

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=draw).to(networks.device, networks.dtype)

    masks = random_masks(latent, draw, networks.dtype)
    return Still(
        image=torch.rand((1, 3, side, side), generator=draw).to(networks.device) * 2 - 1,
        face_tokens=normal(1, FACE_TOKENS, config.text_dim),
        null_face_tokens=normal(1, FACE_TOKENS, config.text_dim),
        locator=normal(1, config.channels[0], 1, latent, latent),
        masks=[mask.to(networks.device) for mask in masks],
    )


def random_tokens(networks: JoyHalloNetworks) -> Tensor:
    """The audio tokens of a clip."""
    shape = (1, CLIP, AUDIO_TOKENS, networks.unet.plain.config.audio_dim)
    tokens = torch.randn(shape, generator=torch.Generator().manual_seed(3))
    return tokens.to(networks.device, networks.dtype)


def painted(sampler: ClipSampler, tokens: Tensor) -> Iterator[np.ndarray]:
    """The next clip's pictures (k, side, side, 3) uint8 on the host, batch by batch."""
    for work in sampler.clip(tokens):
        if not isinstance(work, SamplerStep):
            yield (work * 255).to(torch.uint8).permute(0, 2, 3, 1).cpu().numpy()
