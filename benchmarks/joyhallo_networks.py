"""JoyHallo's denoising U-Net with random weights, which do not change the work, and a clip's conditions."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor

from engines.joyhallo.fast.fast_unet import FastDenoisingUNet
from engines.joyhallo.networks.builders import Size, build, document
from engines.joyhallo.networks.config import MOTION_FRAMES
from engines.joyhallo.networks.denoising_unet import DenoisingUNet
from engines.joyhallo.networks.motion_module import FramePositions
from engines.joyhallo.networks.vae import LEVELS
from engines.joyhallo.pipeline.conditions import ClipConditions

FACE_TOKENS, AUDIO_TOKENS = 4, 32


def plain_unet(size: Size, dtype: torch.dtype = torch.float32) -> DenoisingUNet:
    """The plain denoising U-Net on the CPU; its features keep about the same size from layer to layer."""
    with torch.device("meta"):
        unet = build("denoising_unet", document(size)).to(dtype)
    unet = unet.to_empty(device="cpu").requires_grad_(False)
    torch.manual_seed(0)
    for name, weight in unet.named_parameters():
        if weight.ndim > 1:
            weight.normal_(std=weight[0].numel() ** -0.5)
        else:
            weight.fill_(1.0 if "norm" in name and name.endswith("weight") else 0.0)
    for module in unet.modules():
        if isinstance(module, FramePositions):
            _, positions, width = module.pe.shape
            module.pe.copy_(FramePositions(width, positions).pe)
    return cast(DenoisingUNet, unet.eval())


def fast_unet(plain: DenoisingUNet) -> FastDenoisingUNet:
    """The fast path with the same weights, which does not change the plain network.

    Weights that the fast path rearranges are in memory twice, all others once.
    """
    with torch.device("meta"):
        twin = DenoisingUNet(plain.config, plain.audio)
    twin.load_state_dict(plain.state_dict(), assign=True)
    return FastDenoisingUNet(twin.eval().requires_grad_(False))


def random_conditions(unet: DenoisingUNet, frames: int, side: int) -> ClipConditions:
    """The conditions of a guided clip: both halves, with banks and masks of random numbers.

    side: of the latents.
    """
    draw = torch.Generator().manual_seed(1)
    config, dtype = unet.config, unet.conv_in.weight.dtype

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=draw).to(dtype)

    banks = {}
    for name, block in unet.attention_blocks():
        for index in range(len(block.inner)):
            bank = normal(2, 1 + MOTION_FRAMES, (side >> block.level) ** 2, block.width)
            banks[f"{name}.attentions.{index}"] = bank
    audio = normal(2, frames, AUDIO_TOKENS, config.audio_dim)
    locator = normal(2, config.channels[0], 1, side, side)
    audio[0], locator[0] = 0, 0
    return ClipConditions(
        guided=True,
        banks=banks,
        face_tokens=normal(2, FACE_TOKENS, config.text_dim),
        audio_tokens=audio,
        locator=locator,
        masks=random_masks(side, draw, dtype),
    )


def random_masks(side: int, draw: torch.Generator, dtype: torch.dtype) -> tuple[Tensor, ...]:
    """Of the four levels: (3, 1, l) in 0..1."""
    return tuple(
        torch.rand((3, 1, (side >> level) ** 2), generator=draw).to(dtype) for level in range(LEVELS)
    )
