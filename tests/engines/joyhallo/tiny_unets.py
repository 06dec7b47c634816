"""U-Nets of a few channels with arbitrary weights, and the conditions of a short clip."""

from __future__ import annotations

from typing import Any

import torch

from engines.joyhallo.networks.config import AudioBlock, UNetConfig
from engines.joyhallo.networks.denoising_unet import DenoisingUNet
from engines.joyhallo.networks.reference_unet import ReferenceUNet
from engines.joyhallo.pipeline.conditions import ClipConditions, banks_of

CONFIG = UNetConfig(
    channels=(32, 32, 64, 64), layers_per_block=1, groups=8, text_dim=16, audio_dim=24, motion_positions=12
)
SIDE = 8
FRAMES = 4
TOKENS = 3


def denoising_unet(audio: AudioBlock = "joyhallo") -> DenoisingUNet:
    return _lively(DenoisingUNet(CONFIG, audio), 0)


def reference_unet() -> ReferenceUNet:
    return _lively(ReferenceUNet(CONFIG), 1)


def _lively(net: Any, seed: int) -> Any:
    """Weights with which every part of the network moves the output, as constructors' do not."""
    source = torch.Generator().manual_seed(seed)
    for name, weight in net.named_parameters():
        noise = torch.randn(weight.shape, generator=source)
        if weight.ndim > 1:
            noise /= weight[0].numel() ** 0.5
        else:
            noise = 0.1 * noise + name.endswith("weight")
        weight.data.copy_(noise)
    return net.requires_grad_(False)


def masks(rows: int, generator: torch.Generator) -> tuple[torch.Tensor, ...]:
    sizes = [(SIDE >> level) ** 2 for level in range(4)]
    return tuple(torch.rand(3, rows, size, generator=generator) for size in sizes)


def conditions(
    *, guided: bool = True, frames: int = FRAMES, mask_rows: int | None = None, **changed: Any
) -> ClipConditions:
    """Random ones; `mask_rows` is 1 if not given."""
    rows = 2 if guided else 1
    source = torch.Generator().manual_seed(2)

    def normal(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=source)

    audio, locator = normal(rows, frames, 5, 24), normal(rows, 32, 1, SIDE, SIDE)
    if guided:
        audio[0], locator[0] = 0, 0
    faces = normal(rows, TOKENS, 16)
    given = {
        "guided": guided,
        "banks": banks_of(reference_unet(), normal(3, 4, SIDE, SIDE).repeat(rows, 1, 1, 1), faces),
        "face_tokens": faces,
        "audio_tokens": audio,
        "locator": locator,
        "masks": masks(mask_rows or 1, source),
    }
    return ClipConditions(**{**given, **changed})


def latents(frames: int = FRAMES) -> torch.Tensor:
    return torch.randn(1, 4, frames, SIDE, SIDE, generator=torch.Generator().manual_seed(3))
