"""Parts of the two U-Nets by themselves. With --fast their fast forms run too, at their own tolerance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from engines.joyhallo.fast.fast_audio import FastAudio
from engines.joyhallo.fast.fast_motion import FastMotion
from engines.joyhallo.fast.fast_spatial import FastSpatial
from engines.joyhallo.networks.audio_module import REGIONS, AudioModule
from engines.joyhallo.networks.config import AudioBlock
from engines.joyhallo.pipeline.conditions import ClipConditions, tiled
from tests.parity.context import Context
from tests.parity.golden import Comparison, Golden
from tests.parity.joyhallo_unets import (
    FAST_TOLERANCE,
    MOTION_FRAMES,
    MOTION_SCALE,
    TOLERANCE,
    masks_of,
    shared_denoising,
    shared_reference,
    tensor,
    video_frames_only,
)


def module_at(net: Any, path: str) -> Any:
    return net.get_submodule(path)


def audio_block(golden: Golden, context: Context, audio: AudioBlock) -> Iterator[Comparison]:
    """One audio module: whole, scaled, and inside its block."""
    module: AudioModule = module_at(shared_denoising(context, audio), str(golden["audio_module_name"]))
    x, heard = tensor(golden, "audio_in"), tensor(golden, "audio_ctx")
    level = next(m for m in masks_of(golden, "audio") if m.shape[2] == x.shape[3] * x.shape[4])
    for name, scale in (("audio_out", (1.0, 1.0, 1.0)), ("audio_out_motionscale", MOTION_SCALE)):
        out = module(_frames(x), heard.flatten(0, 1), level, scale)
        yield golden.compare(name, _video(out, len(x)), TOLERANCE)
        if context.fast:
            fast = FastAudio(module)
            given = ClipConditions(False, {}, heard[:, 0], heard, heard, (), scale)
            out = fast(_frames(x), fast.prepare(given, level))
            yield golden.compare(name, _video(out, len(x)), FAST_TOLERANCE)
    block, tokens = module.block, heard.flatten(0, 1)
    yield golden.compare("audio_inner_dim", block.norm1.normalized_shape[0], 0)
    inner = tensor(golden, "audio_block_in")
    yield golden.compare("audio_block_out", block(inner, tokens, level), TOLERANCE)
    normed = block.norm2(block.attn1(block.norm1(inner)) + inner)
    yield golden.compare("audio_block_norm2", normed, TOLERANCE)
    attended = [attention(normed, encoder_hidden_states=tokens) for attention in block.audio_attentions()]
    for name, index in (("attn2_0", 0), ("attn_full", 0), ("attn_face", 1), ("attn_lip", 2)):
        if f"audio_block_{name}" in golden:
            yield golden.compare(f"audio_block_{name}", attended[index], TOLERANCE)
    for region, branch in zip(REGIONS, block.branches(normed, tokens, level), strict=True):
        yield golden.compare(f"audio_block_branch_{region}", branch, TOLERANCE)


def subblocks(golden: Golden, context: Context) -> Iterator[Comparison]:
    """Audio and motion module, resnet, time embedding, spatial transformer reading and writing a bank."""
    net = shared_denoising(context)
    yield from audio_block(golden, context, "joyhallo")
    yield from _motion(golden, context, module_at(net, str(golden["motion_module_name"])))
    yield from _resnet(golden, context, module_at(net, str(golden["resnet_name"])))
    steps = tensor(golden, "temb_t")
    yield golden.compare("temb_proj", net.time_proj(steps), TOLERANCE)
    yield golden.compare("temb_out", net.embed_time(steps, len(steps)), TOLERANCE)
    yield from _spatial(golden, context, module_at(net, str(golden["spatial_name"])))
    block = module_at(shared_reference(context), str(golden["refblock_name"]))
    x, banks = tensor(golden, "refblock_in"), list[Tensor]()
    out = block(x, tiled(tensor(golden, "refblock_ctx"), len(x)), record=banks.append)
    yield golden.compare("refblock_out", out, TOLERANCE)
    yield golden.compare("refblock_bank", banks[0], TOLERANCE)


def _motion(golden: Golden, context: Context, module: Any) -> Iterator[Comparison]:
    x = tensor(golden, "motion_in")
    out = module(_frames(x), x.shape[2])
    yield golden.compare("motion_out", _video(out, len(x)), TOLERANCE)
    if context.fast:
        fast = FastMotion(module)
        before, video = x[:, :, :MOTION_FRAMES], x[:, :, MOTION_FRAMES:]
        out = fast(_frames(video), fast.prepare(before.transpose(1, 2)), len(x))
        yield video_frames_only(golden, "motion_out", _video(out, len(x)), x.shape, FAST_TOLERANCE)


def _resnet(golden: Golden, context: Context, module: Any) -> Iterator[Comparison]:
    x, time = tensor(golden, "resnet_in"), tensor(golden, "resnet_temb")
    out = module(_frames(x), time.repeat_interleave(x.shape[2], 0))
    yield golden.compare("resnet_out", _video(out, len(x)), TOLERANCE)


def _spatial(golden: Golden, context: Context, module: Any) -> Iterator[Comparison]:
    x, tokens = tensor(golden, "spatial_in"), tensor(golden, "spatial_ctx")
    videos, frames = x.shape[0], x.shape[2]
    name = "block"
    bank = tensor(golden, "spatial_bank").unflatten(0, (videos, -1))
    nothing = torch.zeros(videos, frames, 1, 1)
    for case, guided in (("cfg", True), ("nocfg", False)):
        given = ClipConditions(guided, {name: bank}, tokens, nothing, nothing, ())
        seen, blind = given.reference(name), given.blind * frames
        out = module(_frames(x), tokens.repeat_interleave(frames, 0), reference=seen, blind=blind)
        yield golden.compare(f"spatial_{case}_out", _video(out, videos), TOLERANCE)
        moving = given.motion_features(name, _frames(x)).flatten(3).mT
        yield golden.compare(f"spatial_{case}_motion_frames", moving, TOLERANCE)
        if context.fast:
            fast = FastSpatial(module)
            out = fast(_frames(x), fast.prepare(given, bank))
            yield golden.compare(f"spatial_{case}_out", _video(out, videos), FAST_TOLERANCE)


def hallo_audio_block(golden: Golden, context: Context) -> Iterator[Comparison]:
    """Hallo's audio module."""
    yield from audio_block(golden, context, "hallo")


def _frames(video: Tensor) -> Tensor:
    """(n, C, f, h, w) -> (n*f, C, h, w)."""
    return video.transpose(1, 2).flatten(0, 1)


def _video(frames: Tensor, videos: int) -> Tensor:
    return frames.unflatten(0, (videos, -1)).transpose(1, 2)


CHECKS = {
    "tiny_subblocks": subblocks,
    "tiny_hallo_audio_block": hallo_audio_block,
}
