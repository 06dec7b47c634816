"""JoyHallo's fast kernels: the modules of the denoising U-Net at each level, and the whole of it."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import torch
from diffusers.models.upsampling import Upsample2D
from torch import Tensor, nn

from benchmarks.fast_kernel import Kernel, shape
from benchmarks.joyhallo_networks import AUDIO_TOKENS, FACE_TOKENS, plain_unet
from benchmarks.joyhallo_step import WORK, ways
from engines.joyhallo.fast.fast_audio import FastAudio
from engines.joyhallo.fast.fast_motion import FastMotion
from engines.joyhallo.fast.fast_spatial import FastSpatial
from engines.joyhallo.fast.fast_upsample import FastUpsample
from engines.joyhallo.networks.audio_module import AudioModule, level_masks
from engines.joyhallo.networks.builders import Size, document
from engines.joyhallo.networks.config import MOTION_FRAMES, UNetConfig
from engines.joyhallo.networks.motion_module import MotionModule
from engines.joyhallo.networks.spatial_transformer import SpatialTransformer
from engines.joyhallo.networks.token_rows import per_frame
from engines.joyhallo.pipeline.conditions import ClipConditions

FOLDER = "joyhallo/fast"
ROWS = 2
"""Both halves of guidance."""


def modules(size: Size = "full") -> Iterator[Kernel]:
    """Those of three levels, at the sizes of `joyhallo_step.WORK`."""
    torch.manual_seed(0)
    config, work = UNetConfig.from_dict(document(size)), WORK[size]
    for level in range(3):
        yield from _level(config, config.channels[level], work.frames, work.side >> level)
    for level in (3, 2, 1):
        yield _upsample(config.channels[level], work.frames, 2 * work.side >> level)  # of 512x512 pixels


def unet(size: Size = "full") -> Iterator[Kernel]:
    """The whole step; at full size it takes 8 GB. Compiling it takes over ten minutes, even of a tiny one."""
    work = WORK[size]
    steps = ways(plain_unet(size), work)
    text = f"a guided step, {work.frames} frames, {work.side}x{work.side}"
    yield Kernel(f"{FOLDER}/fast_unet.py", text, steps["plain"], steps["fast"], compiles=False)


def _level(config: UNetConfig, width: int, frames: int, side: int) -> Iterator[Kernel]:
    x, tokens = torch.randn(ROWS * frames, width, side, side), side * side
    bank = torch.randn(ROWS, 1 + MOTION_FRAMES, tokens, width)
    conditions = ClipConditions(
        guided=True,
        banks={"layer": bank},
        face_tokens=torch.randn(ROWS, FACE_TOKENS, config.text_dim),
        audio_tokens=torch.randn(ROWS, frames, AUDIO_TOKENS, config.audio_dim)
        * torch.tensor([0.0, 1.0]).view(ROWS, 1, 1, 1),  # the first half gets no voice
        locator=torch.zeros(ROWS, width, 1, side, side),
        masks=(torch.rand(3, 1, tokens),),
    )
    work = f"{width} channels, {ROWS} x {frames} frames, {shape(x)}"
    yield _spatial(SpatialTransformer(width, config), conditions, x, work)
    yield _audio(AudioModule(width, width, config, "joyhallo"), conditions, x, work)
    yield _motion(MotionModule(width, config), conditions, x, work)


def _spatial(plain: SpatialTransformer, conditions: ClipConditions, x: Tensor, work: str) -> Kernel:
    fast, laid = FastSpatial(_twin(plain)), _laid(x)
    memory = fast.prepare(conditions, conditions.banks["layer"])
    faces, reference = per_frame(conditions.face_tokens, conditions.frames), conditions.reference("layer")
    blind = conditions.blind * conditions.frames
    return Kernel(
        f"{FOLDER}/fast_spatial.py", work,
        lambda: plain(x, faces, reference=reference, blind=blind), lambda: fast(laid, memory),
    )  # fmt: skip


def _audio(plain: AudioModule, conditions: ClipConditions, x: Tensor, work: str) -> Kernel:
    fast, laid = FastAudio(_twin(plain)), _laid(x)
    memory = fast.prepare(conditions, conditions.masks[0])
    heard, masks = conditions.audio_tokens.flatten(0, 1), level_masks(conditions.masks[0], len(x))
    return Kernel(f"{FOLDER}/fast_audio.py", work, lambda: plain(x, heard, masks), lambda: fast(laid, memory))


def _motion(module: MotionModule, conditions: ClipConditions, x: Tensor, work: str) -> Kernel:
    fast, laid = FastMotion(_twin(module)), _laid(x)
    before = conditions.motion_features("layer", x)
    memory = fast.prepare(before)

    def plain() -> Tensor:
        every = torch.cat([before, x.unflatten(0, (ROWS, -1))], dim=1)
        out = module(every.flatten(0, 1), every.shape[1])
        return out.unflatten(0, (ROWS, -1))[:, before.shape[1] :].flatten(0, 1)

    return Kernel(f"{FOLDER}/fast_motion.py", work, plain, lambda: fast(laid, memory, ROWS))


def _upsample(width: int, frames: int, side: int) -> Kernel:
    plain = Upsample2D(width, use_conv=True).eval().requires_grad_(False)
    x = torch.randn(ROWS * frames, width, side, side)
    fast, laid = FastUpsample(_twin(plain).conv), _laid(x)
    work = f"{width} channels, {ROWS} x {frames} frames, {shape(x)}"
    return Kernel(f"{FOLDER}/fast_upsample.py", work, lambda: plain(x), lambda: fast(laid))


def _twin(plain: nn.Module) -> Any:
    """A copy in the layout of the fast path, which packs weights; the plain module stays as it is."""
    return deepcopy(plain.eval().requires_grad_(False)).to(memory_format=torch.channels_last)


def _laid(x: Tensor) -> Tensor:
    return x.to(memory_format=torch.channels_last)
