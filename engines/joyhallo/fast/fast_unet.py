"""The denoising U-Net without the computations that the original repeats or discards.

The same numbers up to rounding. What a clip's steps share is computed once (`prepare`); within a step nothing
depends on data and nothing waits for the device, so the step can be compiled or captured.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from engines.joyhallo.fast.fast_audio import AudioMemory, FastAudio
from engines.joyhallo.fast.fast_motion import FastMotion, MotionMemory
from engines.joyhallo.fast.fast_spatial import FastSpatial, SpatialMemory
from engines.joyhallo.fast.fast_upsample import FastUpsample
from engines.joyhallo.networks.blocks import Observer
from engines.joyhallo.networks.denoising_unet import DenoisingUNet
from engines.joyhallo.pipeline.conditions import ClipConditions

DEEP = "up_blocks.2"
"""The last block of the deep part: its output changes little from step to step."""


class LayerMemory(NamedTuple):
    """What a clip's steps share in one layer."""

    spatial: SpatialMemory
    audio: AudioMemory
    motion: MotionMemory


class ClipMemory(NamedTuple):
    """What a clip's steps share: `ClipConditions` made ready for the fast path.

    locator: (n, C, 1 or f, h, w). layers: by the name of the layer's spatial transformer.
    """

    locator: Tensor
    layers: dict[str, LayerMemory]

    @property
    def rows(self) -> int:
        """n: 2 under guidance, else 1 (times the videos)."""
        return self.locator.shape[0]

    def seeing(self) -> ClipMemory:
        """Only the conditional half of guidance, with unchanged numbers."""
        blind = self.rows // 2
        layers = {
            name: LayerMemory(
                memory.spatial.seeing(blind),
                memory.audio.seeing(blind),
                memory.motion.seeing(self.rows, blind),
            )
            for name, memory in self.layers.items()
        }
        return ClipMemory(self.locator[blind:], layers)


class FastUnetLayer(nn.Module):
    """Spatial, audio and motion module after a resnet."""

    def __init__(self, block: Any, index: int) -> None:
        super().__init__()
        self.level: int = block.level
        self.spatial = FastSpatial(block.attentions[index])
        self.audio = FastAudio(block.audio_modules[index])
        self.motion = FastMotion(block.motion_modules[index])


class FastDenoisingUNet(nn.Module):
    """Runs a `DenoisingUNet`, whose weights it shares (except for three enlarged convolutions).

    Build it when the network is on its final device and in its final dtype: it packs weights, and moving the
    network later would separate the shared tensors.
    """

    def __init__(self, plain: DenoisingUNet) -> None:
        super().__init__()
        # maps lie channels-last, tokens are views of them; a convolution with other weights would turn these
        self.plain = plain.to(memory_format=torch.channels_last)
        self.layers = nn.ModuleDict()
        self.samplers = nn.ModuleDict()
        for name, block in plain.attention_blocks():
            for index in range(len(block.inner)):
                self.layers[_key(f"{name}.attentions.{index}")] = FastUnetLayer(block, index)
        for index, block in enumerate(plain.up_blocks):
            if block.level > 0:
                name = f"up_blocks.{index}.upsamplers.0"
                self.samplers[_key(name)] = FastUpsample(block.upsamplers[0].conv)
        self.requires_grad_(False)

    @torch.inference_mode()
    def prepare(self, conditions: ClipConditions) -> ClipMemory:
        """Everything that the steps of a clip share. Raises ValueError for conditions without banks."""
        layers: dict[str, LayerMemory] = {}
        for name in self.plain.config.bank_names:
            bank = conditions.banks.get(name)
            if bank is None:
                raise ValueError(
                    f"There is no bank for {name}: a pass without reference is for training only."
                )
            layer: Any = self.layers[_key(name)]
            side = conditions.locator.shape[3] >> layer.level
            layers[name] = LayerMemory(
                layer.spatial.prepare(conditions, bank),
                layer.audio.prepare(conditions, conditions.masks[layer.level]),
                layer.motion.prepare(bank[:, 1:].mT.unflatten(-1, (side, -1))),
            )
        dtype = self.plain.conv_in.weight.dtype
        return ClipMemory(conditions.locator.to(dtype, copy=True), layers)

    def forward(
        self,
        latents: Tensor,
        timestep: Tensor | float,
        memory: ClipMemory,
        deep: Tensor | None = None,
        observe: Observer | None = None,
    ) -> tuple[Tensor, Tensor]:
        """The prediction (n, 4, f, h, w) for noisy latents (1, 4, f, h, w) of one timestep 0..999.

        Returns the prediction and the deep feature.
        deep: the deep feature of an earlier step; then only the layers of the highest resolution run, which
        is an approximation. observe: as in `DenoisingUNet.forward`; motion modules show the video's frames.
        """
        plain, rows = self.plain, memory.rows
        kept: list[Tensor] = []

        def seen(name: str, result: Tensor) -> None:
            if name == DEEP:
                kept.append(result)
            if observe is not None:
                observe(name, result)

        def layer(name: str, block: Any, index: int, x: Tensor) -> Tensor:
            fast: Any = self.layers[_key(f"{name}.attentions.{index}")]
            spatial, audio, motion = memory.layers[f"{name}.attentions.{index}"]
            x = fast.spatial(x, spatial)
            seen(f"{name}.attentions.{index}", x)
            x = fast.audio(x, audio)
            seen(f"{name}.audio_modules.{index}", x)
            x = fast.motion(x, motion, rows)
            seen(f"{name}.motion_modules.{index}", x)
            return x

        time = plain.embed_time(timestep, 1)
        seen("time_embedding", time)
        x = self._begin(latents, memory, seen)
        x = plain.walk(x, time, layer, self._run, seen, deep)
        x = plain.conv_out(torch.nn.functional.silu(plain.conv_norm_out(x)))
        prediction = x.unflatten(0, (rows, -1)).transpose(1, 2)
        return prediction, deep if deep is not None else kept[0]

    def _begin(self, latents: Tensor, memory: ClipMemory, seen: Observer) -> Tensor:
        """`conv_in` once for both halves, and the locator's feature: (n*f, C, h, w)."""
        frames = latents.transpose(1, 2).flatten(0, 1).contiguous(memory_format=torch.channels_last)
        x = self.plain.conv_in(frames)
        videos, repeats = len(latents), memory.rows // len(latents)
        x = x.unflatten(0, (1, videos, -1)).expand(repeats, -1, -1, -1, -1, -1).flatten(0, 1)
        seen("conv_in", x.flatten(0, 1))
        x = x + memory.locator.transpose(1, 2)
        return x.flatten(0, 1).contiguous(memory_format=torch.channels_last)

    def _run(self, name: str, module: Any, x: Tensor, time: Tensor | None) -> Tensor:
        if time is not None:
            return module(x, time.expand(len(x), -1))
        return self.samplers[_key(name)](x) if _key(name) in self.samplers else module(x)


def _key(name: str) -> str:
    """A module's name where a module list wants one without dots."""
    return name.replace(".", "_")
