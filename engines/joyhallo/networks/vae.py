"""The image codec: Stable Diffusion's autoencoder, with the old names of its published file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from diffusers import AutoencoderKL
from torch import Tensor

from engines.joyhallo.networks.precision import full_precision
from media.errors import OutOfMemory

SCALE = 0.18215
"""Latents are the posterior's mean times this, so that they have about unit variance: `scaling_factor` in
the VAE settings of Stable Diffusion 1.5."""
DOWN = 8
"""Pixels per latent, in both directions."""
LEVELS = 4

FULL: dict[str, Any] = {
    "in_channels": 3,
    "out_channels": 3,
    "down_block_types": ["DownEncoderBlock2D"] * LEVELS,
    "up_block_types": ["UpDecoderBlock2D"] * LEVELS,
    "block_out_channels": [128, 256, 512, 512],
    "layers_per_block": 2,
    "act_fn": "silu",
    "latent_channels": 4,
    "norm_num_groups": 32,
    "sample_size": 256,
    "scaling_factor": SCALE,
}
"""Arguments of `AutoencoderKL` for sd-vae-ft-mse."""

OLD_NAMES = {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}
"""Attention layers in the published file, and what diffusers calls them today."""


def build_vae(config: Mapping[str, Any] | None = None) -> AutoencoderKL:
    """The autoencoder with arbitrary weights on the current default device, in eval mode.

    config: arguments that differ from the full size's. Its keys are the manifest's `vae.*` without prefix.
    """
    return AutoencoderKL(**{**FULL, **(config or {})}).eval()


def with_new_names(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """A file's tensors under the current names; tensors with current names are unchanged.

    Older files store the attention's projections as 1x1 convolutions; they become matrices.
    """
    named: dict[str, Tensor] = {}
    for key, value in tensors.items():
        block, dot, last = key.rpartition(".attentions.0.")
        layer, _, kind = last.rpartition(".")
        if dot and layer in OLD_NAMES:
            key = f"{block}{dot}{OLD_NAMES[layer]}.{kind}"
            value = value.flatten(1) if kind == "weight" and value.ndim > 2 else value
        named[key] = value
    return named


class Codec:
    """Turns images into latents and back.

    The network keeps its device and dtype; the given arrays may have another dtype.
    """

    def __init__(self, vae: AutoencoderKL, batch: int = 4) -> None:
        """batch: frames decoded together at first; it is halved when the device runs out of memory."""
        self.vae = vae.to(memory_format=torch.channels_last)
        self.batch = max(1, batch)

    @torch.inference_mode()
    def encode(self, pictures: Tensor) -> Tensor:
        """(n, 3, H, W) from -1 to 1, H and W multiples of 8 -> (n, 4, H/8, W/8).

        It is the posterior's mean times 0.18215, without sampling, as in Hallo's
        hallo/animate/face_animate.py.
        """
        mean = self.vae.encode(self._ready(pictures)).latent_dist.mean
        return mean * SCALE

    def decode(self, latents: Tensor) -> Iterator[Tensor]:
        """(n, 4, h, w) -> batches of (k, 3, 8h, 8w) float32 from 0 to 1 on the device, n in all, in order.

        Raises OutOfMemory when not even one frame can be decoded.
        """
        done = 0
        while done < len(latents):
            part = latents[done : done + self.batch]
            try:
                pictures = self._decode(part)
            except torch.OutOfMemoryError as error:
                trouble = error.with_traceback(None)  # the traceback's frames keep tensors alive
            else:
                yield pictures
                done += len(part)
                continue
            self._halve(trouble)

    @torch.inference_mode()
    def _decode(self, latents: Tensor) -> Tensor:
        decoded = self.vae.decode(self._ready(latents / SCALE)).sample
        return (full_precision(decoded) / 2 + 0.5).clamp(0, 1)

    def _ready(self, values: Tensor) -> Tensor:
        weight = self.vae.decoder.conv_in.weight
        return values.to(weight.device, weight.dtype, memory_format=torch.channels_last)

    def _halve(self, error: torch.OutOfMemoryError) -> None:
        if self.batch == 1:
            raise OutOfMemory(
                "Not even one frame can be decoded in the GPU's memory. Close other programs on it, or "
                "choose a smaller --resolution."
            ) from error
        self.batch //= 2
        torch.cuda.empty_cache()
