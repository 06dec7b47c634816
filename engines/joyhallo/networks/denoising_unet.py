"""The U-Net that draws the frames, in the plain form: the original's arithmetic in the original's order."""

from __future__ import annotations

import re
from typing import Any

import torch
from torch import Tensor, nn

from engines.joyhallo.networks.audio_module import AudioModule, level_masks
from engines.joyhallo.networks.blocks import Observer, UNetSkeleton
from engines.joyhallo.networks.config import AudioBlock, UNetConfig
from engines.joyhallo.networks.motion_module import MotionModule
from engines.joyhallo.networks.token_rows import per_frame
from engines.joyhallo.pipeline.conditions import ClipConditions

DEAD = re.compile(r"(down_blocks\.3|up_blocks\.0)\.motion_modules\.")
"""Motion modules that checkpoints contain but that the original never runs."""


class DenoisingUNet(UNetSkeleton):
    """Stable Diffusion's U-Net frame by frame, with an audio and a motion module in each layer.

    The released weights were trained and are always used in a state in which the original's blocks run
    their body for training with gradient checkpointing, and that is a different function from what `.eval()`
    makes of them. This is that function, and it does not depend on any flag: motion frames are put before
    the video's frames in every motion module, the motion modules of the deepest blocks on either way
    are not run (so they are not even built), and the motion scale reaches every audio module.
    """

    def __init__(self, config: UNetConfig, audio: AudioBlock = "joyhallo") -> None:
        super().__init__(config)
        self.audio = audio
        for _, block in self.attention_blocks():
            modules = [AudioModule(block.width, inner, config, audio) for inner in block.inner]
            block.add("audio_modules", modules)
            block.add("motion_modules", [MotionModule(block.width, config) for _ in block.inner])
        self.conv_norm_out = nn.GroupNorm(config.groups, config.channels[0], eps=config.norm_eps)
        self.conv_act = nn.SiLU()
        self.conv_out = nn.Conv2d(config.channels[0], config.out_channels, 3, padding=1)

    def forward(
        self,
        latents: Tensor,
        timestep: Tensor | float,
        conditions: ClipConditions,
        observe: Observer | None = None,
    ) -> Tensor:
        """The prediction (n, 4, f, h, w) for noisy latents (n, 4, f, h, w) of a timestep 0..999.

        Under guidance n = 2, [unconditional, conditional], and latents may be the one row that both halves
        share. timestep: one for all rows, or (n,) in training. h = w is a multiple of 8.
        """
        rows, frames = conditions.rows, conditions.frames
        if len(latents) != rows:
            latents = latents.repeat(rows // len(latents), 1, 1, 1, 1)
        time = self.embed_time(timestep, rows)
        x = self.conv_in(latents.transpose(1, 2).flatten(0, 1))
        if observe is not None:
            observe("time_embedding", time)
            observe("conv_in", x)
        x = x + conditions.locator.expand(-1, -1, frames, -1, -1).transpose(1, 2).flatten(0, 1)
        faces = per_frame(conditions.face_tokens, frames)
        audio_tokens = conditions.audio_tokens.flatten(0, 1)

        def layer(name: str, block: Any, index: int, x: Tensor) -> Tensor:
            key = f"{name}.attentions.{index}"
            reference = conditions.reference(key)
            x = block.attentions[index](x, faces, reference=reference, blind=conditions.blind * frames)
            seen(key, x)
            masks = level_masks(conditions.masks[block.level], len(x))
            x = block.audio_modules[index](x, audio_tokens, masks, conditions.motion_scale)
            seen(f"{name}.audio_modules.{index}", x)
            return moved(f"{name}.motion_modules.{index}", key, block.motion_modules[index], x)

        def moved(name: str, bank: str, module: Any, x: Tensor) -> Tensor:
            before = conditions.motion_features(bank, x)
            every = torch.cat([before, x.unflatten(0, (rows, frames))], dim=1)
            out = module(every.flatten(0, 1), every.shape[1])
            seen(name, out)
            return out.unflatten(0, (rows, -1))[:, before.shape[1] :].flatten(0, 1)

        def seen(name: str, result: Tensor) -> None:
            if observe is not None:
                observe(name, result)

        x = self.walk(x, per_frame(time, frames), layer, observe=observe)
        x = self.conv_out(self.conv_act(self.conv_norm_out(x)))
        return x.unflatten(0, (rows, frames)).transpose(1, 2)
