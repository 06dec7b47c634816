"""The skeleton of Stable Diffusion's U-Net, which both networks share, and its forward pass."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

import torch
from diffusers.models.downsampling import Downsample2D
from diffusers.models.embeddings import TimestepEmbedding, Timesteps
from diffusers.models.resnet import ResnetBlock2D
from diffusers.models.upsampling import Upsample2D
from torch import Tensor, nn

from engines.joyhallo.networks.config import UNetConfig
from engines.joyhallo.networks.spatial_transformer import SpatialTransformer

Layer: TypeAlias = Callable[[str, "Block", int, Tensor], Tensor]
"""What comes after a resnet: (name of the block, block, index of the layer, x) -> x."""

Run: TypeAlias = Callable[[str, Any, Tensor, Tensor | None], Tensor]
"""Runs a resnet (name, module, x, time) or a sampler (name, module, x, None)."""

Observer: TypeAlias = Callable[[str, Tensor], None]
"""Receives intermediate results with the names of the modules that made them."""

DEEPEST = 3
"""The last of the four levels."""


class Block(nn.Module):
    """The layers of one level, and the sampler to the next.

    level: 0 at the latent's resolution, 3 at an eighth of it.
    inner: for each layer with transformers, the number of channels that sets its audio module's width; empty
    for a block without transformers.
    """

    def __init__(self, level: int, width: int, resnets: list[nn.Module], inner: tuple[int, ...] = ()) -> None:
        super().__init__()
        self.level, self.width, self.inner = level, width, inner
        self.resnets = nn.ModuleList(resnets)

    def add(self, name: str, modules: Iterable[nn.Module]) -> None:
        """Add a list of modules under the name that their keys have."""
        self.add_module(name, nn.ModuleList(modules))


class UNetSkeleton(nn.Module):
    """The parts that both U-Nets have under the same names: time, resnets, samplers, spatial transformers."""

    def __init__(self, config: UNetConfig) -> None:
        super().__init__()
        self.config = config
        widths, layers = config.channels, config.layers_per_block
        self.conv_in = nn.Conv2d(config.in_channels, widths[0], 3, padding=1)
        self.time_proj = Timesteps(widths[0], flip_sin_to_cos=True, downscale_freq_shift=0)
        self.time_embedding = TimestepEmbedding(widths[0], config.time_dim)
        skips = [widths[0]]
        down: list[Block] = []
        for level, width in enumerate(widths):
            inputs = [widths[max(level - 1, 0)], *[width] * (layers - 1)]
            resnets = [self._resnet(channels, width) for channels in inputs]
            block = Block(level, width, resnets, tuple(inputs) if level < DEEPEST else ())
            skips += [width] * layers
            if level < DEEPEST:
                block.add("downsamplers", [Downsample2D(width, use_conv=True, name="op")])
                skips.append(width)
            down.append(block)
        self.down_blocks = nn.ModuleList(down)
        deep = widths[-1]
        self.mid_block = Block(DEEPEST, deep, [self._resnet(deep, deep), self._resnet(deep, deep)], (deep,))
        up: list[Block] = []
        for level in range(DEEPEST, -1, -1):
            width = widths[level]
            inputs = [widths[min(level + 1, DEEPEST)], *[width] * layers]
            resnets = [self._resnet(channels + skips.pop(), width) for channels in inputs]
            # on the way up the audio modules follow the level that the block leads to
            inner = (widths[max(level - 1, 0)],) * len(inputs) if level < DEEPEST else ()
            block = Block(level, width, resnets, inner)
            if level > 0:
                block.add("upsamplers", [Upsample2D(width, use_conv=True)])
            up.append(block)
        self.up_blocks = nn.ModuleList(up)
        for _, block in self.attention_blocks():
            block.add("attentions", [SpatialTransformer(block.width, config) for _ in block.inner])

    def _resnet(self, inputs: int, outputs: int) -> nn.Module:
        config = self.config
        return ResnetBlock2D(
            in_channels=inputs,
            out_channels=outputs,
            temb_channels=config.time_dim,
            groups=config.groups,
            eps=config.norm_eps,
        )

    def attention_blocks(self) -> Iterator[tuple[str, Any]]:
        """The seven blocks with transformers, by name: all but the deepest down block and up block."""
        for index in range(3):
            yield f"down_blocks.{index}", self.down_blocks[index]
        yield "mid_block", self.mid_block
        for index in range(1, 4):
            yield f"up_blocks.{index}", self.up_blocks[index]

    def embed_time(self, timestep: Tensor | float, rows: int) -> Tensor:
        """Time embedding (rows, time_dim) of one timestep 0..999 for all, or of one for each row."""
        weight = self.conv_in.weight
        steps = torch.as_tensor(timestep, device=weight.device).reshape(-1).expand(rows)
        return self.time_embedding(self.time_proj(steps).to(weight.dtype))

    def walk(
        self,
        x: Tensor,
        time: Tensor,
        layer: Layer,
        run: Run | None = None,
        observe: Observer | None = None,
        deep: Tensor | None = None,
    ) -> Tensor:
        """From the output of `conv_in` to that of the last block.

        x: (N, C, h, w), time: (N or 1, time_dim). layer: called after each resnet of a block with
        transformers. run: runs resnets and samplers; None calls them. deep: the output of `up_blocks.2` from
        an earlier step, which replaces all blocks below the highest resolution.
        """
        call, seen = run or _plainly, observe or _unobserved
        skips = [x]
        for index, block in enumerate(self.down_blocks if deep is None else self.down_blocks[:1]):
            name = f"down_blocks.{index}"
            for j, resnet in enumerate(block.resnets):
                x = call(f"{name}.resnets.{j}", resnet, x, time)
                seen(f"{name}.resnets.{j}", x)
                x = layer(name, block, j, x) if block.inner else x
                skips.append(x)
            if deep is None and block.level < DEEPEST:
                x = call(f"{name}.downsamplers.0", block.downsamplers[0], x, None)
                skips.append(x)
            seen(name, x)
        x = self._middle(x, time, layer, call, seen) if deep is None else deep
        first = 0 if deep is None else DEEPEST
        for index, block in enumerate(self.up_blocks[first:], start=first):
            name = f"up_blocks.{index}"
            for j, resnet in enumerate(block.resnets):
                x = call(f"{name}.resnets.{j}", resnet, torch.cat([x, skips.pop()], dim=1), time)
                seen(f"{name}.resnets.{j}", x)
                x = layer(name, block, j, x) if block.inner else x
            if block.level > 0:
                x = call(f"{name}.upsamplers.0", block.upsamplers[0], x, None)
            seen(name, x)
        return x

    def _middle(self, x: Tensor, time: Tensor, layer: Layer, call: Run, seen: Observer) -> Tensor:
        block: Any = self.mid_block
        x = call("mid_block.resnets.0", block.resnets[0], x, time)
        seen("mid_block.resnets.0", x)
        x = layer("mid_block", block, 0, x)
        x = call("mid_block.resnets.1", block.resnets[1], x, time)
        seen("mid_block.resnets.1", x)
        seen("mid_block", x)
        return x


def _unobserved(name: str, result: Tensor) -> None:
    """Observes nothing."""


def _plainly(name: str, module: Any, x: Tensor, time: Tensor | None) -> Tensor:
    return module(x) if time is None else module(x, time)
