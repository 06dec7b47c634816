"""Encodes frames into latents for training: sampled from the posterior, not its mean."""

from __future__ import annotations

import torch
from torch import Tensor

from engines.joyhallo.networks.vae import SCALE, Codec


@torch.no_grad()
def drawn_latents(codec: Codec, frames: Tensor, noise: Tensor) -> Tensor:
    """Frames (n, 3, H, W) from -1 to 1 and noise (n, 4, h, w) -> latents (n, 4, h, w) float32.

    The codec decides how many frames it takes at once and computes in its own dtype, independently of the
    training's.
    """
    weight = codec.vae.encoder.conv_in.weight
    latents = []
    with torch.autocast(weight.device.type, enabled=False):
        for part, drawn in zip(frames.split(codec.batch), noise.split(codec.batch), strict=True):
            ready = part.to(weight.dtype).contiguous(memory_format=torch.channels_last)
            said = codec.vae.encode(ready).latent_dist
            latents.append((said.mean.float() + said.std.float() * drawn) * SCALE)
    return torch.cat(latents)


def as_pictures(squares: Tensor) -> Tensor:
    """(..., 3, H, W) uint8 -> float32 from -1 to 1."""
    return squares.float() / 127.5 - 1
