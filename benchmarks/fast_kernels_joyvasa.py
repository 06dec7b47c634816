"""JoyVASA's fast kernels: W and G, which render, and the denoiser, which makes the motion."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.fast_kernel import Kernel, inputs_of, shape
from benchmarks.joyvasa_networks import motion_generator, rendering_networks
from engines.joyvasa.fast.constant_folding import chained, fold_batch_norm
from engines.joyvasa.fast.convolution import DirectConv
from engines.joyvasa.fast.enlarged_convolution import ToSlots
from engines.joyvasa.fast.fast_denoiser import FastDenoiser
from engines.joyvasa.fast.fast_layer import FastLayer
from engines.joyvasa.fast.fast_spade import FastGenerator, modulation, spectral
from engines.joyvasa.fast.fast_warping import MASK_TILE, MERGED_UP_BLOCKS, WINOGRAD_DOWN_BLOCKS, FastWarping
from engines.joyvasa.fast.fourier_convolution import FourierConv3d
from engines.joyvasa.fast.packed_linear import PackedLinear
from engines.joyvasa.fast.upsample_taps import enlarged
from engines.joyvasa.fast.winograd_convolution import WinogradConv
from engines.joyvasa.motion.guidance import PlainWindow
from engines.joyvasa.networks.builders import Size
from engines.joyvasa.networks.denoiser import Denoiser
from engines.joyvasa.networks.spade import Spade, SpadeGenerator
from engines.joyvasa.networks.warping import WarpingNetwork

FOLDER = "joyvasa/fast"


def rendering(size: Size = "full", side: int = 64) -> Iterator[Kernel]:
    """W and G. side: of the feature volume's planes."""
    warping, generator = rendering_networks(size)
    dense, draw = warping.dense_motion_network, torch.Generator().manual_seed(0)
    depth = dense.occlusion.in_channels // dense.hourglass.out_channels
    feature = torch.randn(1, dense.compress.in_channels, depth, side, side, generator=draw)
    source = 0.3 * torch.randn(1, dense.mask.out_channels - 1, 3, generator=draw)
    driving = source + 0.05 * torch.randn(source.shape, generator=draw)
    modules = {name: m for whole in (warping, generator) for name, m in whole.named_modules()}
    with torch.inference_mode():
        given = inputs_of(modules, lambda: generator(warping(feature, source, driving).out))
    yield from _hourglass(warping, given)
    yield _mask(dense.mask, given["dense_motion_network.mask"][0], depth)
    yield from _generator(generator, given)
    fast = FastWarping(warping).eval()
    portrait = fast.prepare(feature, source)
    yield Kernel(
        f"{FOLDER}/fast_warping.py", "W, one frame",
        lambda: warping(feature, source, driving).out, lambda: fast(portrait, driving).out,
    )  # fmt: skip
    plane, whole = given["fc"][0], FastGenerator(generator).eval()
    yield Kernel(f"{FOLDER}/fast_spade.py", "G, one frame", lambda: generator(plane), lambda: whole(plane))


def _hourglass(warping: WarpingNetwork, given: dict[str, tuple[Any, ...]]) -> Iterator[Kernel]:
    name = "dense_motion_network.hourglass"
    hourglass = warping.dense_motion_network.hourglass
    down, up = list(hourglass.encoder.down_blocks), list(hourglass.decoder.up_blocks)
    yield _folded(down[0], given[f"{name}.encoder.down_blocks.0.conv"][0])
    for index, block in enumerate(down[:WINOGRAD_DOWN_BLOCKS]):
        x = given[f"{name}.encoder.down_blocks.{index}.conv"][0]
        yield _winograd(*fold_batch_norm(block.conv, block.norm), x)
    yield _winograd(*fold_batch_norm(warping.third.conv, warping.third.norm), given["third.conv"][0])
    last = hourglass.decoder
    yield _winograd(*fold_batch_norm(last.conv, last.norm), given[f"{name}.decoder.conv"][0])
    for index in range(len(up) - MERGED_UP_BLOCKS, len(up)):
        yield _enlarged(up[index], given[f"{name}.decoder.up_blocks.{index}"][0])


def _generator(generator: SpadeGenerator, given: dict[str, tuple[Any, ...]]) -> Iterator[Kernel]:
    yield _winograd(generator.fc.weight.detach(), generator.fc.bias.detach(), given["fc"][0])
    blocks = {
        "G_middle_0": (generator.middle[0], 1),
        "up_0": (generator.up_0, 2),
        "up_1": (generator.up_1, 4),
    }
    for name, (block, factor) in blocks.items():
        if name != "up_1":  # whose convolutions are too narrow for Winograd's algorithm
            yield _winograd(*spectral(block.conv_0), given[f"{name}.conv_0"][0])
        x, label = given[f"{name}.norm_0"]
        yield _label(block.norm_0, x, label, factor)
    yield _chained(generator.up_1, given["up_1.norm_s.mlp_beta"][0])


def _winograd(weight: Tensor, bias: Tensor, x: Tensor) -> Kernel:
    plain, fast = DirectConv(weight, bias, torch.float32), WinogradConv(weight, bias)
    work = f"{weight.shape[1]} to {weight.shape[0]} channels, {shape(x)}"
    return Kernel(f"{FOLDER}/winograd_convolution.py", work, lambda: plain(x), lambda: fast(x))


def _folded(block: Any, x: Tensor) -> Kernel:
    fast = DirectConv(*fold_batch_norm(block.conv, block.norm), torch.float32)
    return Kernel(
        f"{FOLDER}/constant_folding.py", f"batch norm, {len(block.conv.weight)} channels, {shape(x)}",
        lambda: block.norm(block.conv(x)), lambda: fast(x),
    )  # fmt: skip


def _chained(block: Any, x: Tensor) -> Kernel:
    """The shortcut of a block: a convolution of beta's result."""
    beta, after = block.norm_s.mlp_beta, block.conv_s.weight().detach()
    fast = DirectConv(chained(beta.weight, after), chained(beta.bias, after), torch.float32)
    return Kernel(
        f"{FOLDER}/constant_folding.py", f"1x1 after 3x3, {len(after)} channels, {shape(x)}",
        lambda: block.conv_s(beta(x)), lambda: fast(x),
    )  # fmt: skip


def _enlarged(block: Any, x: Tensor) -> Kernel:
    fast = ToSlots(*fold_batch_norm(block.conv, block.norm), enlarged(2))
    work = f"{x.shape[1]} to {len(block.conv.weight)} channels, {shape(x)}"
    return Kernel(
        f"{FOLDER}/enlarged_convolution.py", work,
        lambda: functional.relu(block.norm(block.conv(functional.interpolate(x, scale_factor=(1, 2, 2))))),
        lambda: fast(x),
    )  # fmt: skip


def _mask(conv: nn.Conv3d, x: Tensor, depth: int) -> Kernel:
    fast = FourierConv3d(conv.weight.detach(), conv.bias.detach(), depth=depth, tile=MASK_TILE)
    work = f"7x7x7, {x.shape[1]} to {conv.out_channels} channels, {shape(x)}"
    return Kernel(f"{FOLDER}/fourier_convolution.py", work, lambda: conv(x), lambda: fast(x))


def _label(spade: Spade, x: Tensor, label: Tensor, factor: int) -> Kernel:
    """1 + gamma and beta of a norm."""
    branch = modulation(spade, factor=factor, dtype=torch.float32)

    def plain() -> Tensor:
        shared = spade.mlp_shared(functional.interpolate(label, size=x.shape[2:]))
        return torch.cat([1 + spade.mlp_gamma(shared), spade.mlp_beta(shared)], dim=1)

    def fast() -> Tensor:
        result = x.new_empty(len(x), 2 * x.shape[1], *x.shape[2:])
        for piece, values in branch.pieces(label):
            piece.of(result).copy_(values)
        return result

    work = f"{x.shape[1]} channels, {shape(x)} from {shape(label)}"
    return Kernel(f"{FOLDER}/label_convolutions.py", work, plain, fast)


def motion(size: Size = "full") -> Iterator[Kernel]:
    """The denoiser."""
    generator: Any = motion_generator(size)
    denoiser: Denoiser = generator.denoising_net
    layer: Any = denoiser.transformer.layers[0]
    draw, width = torch.Generator().manual_seed(0), denoiser.feature_dim
    tokens = denoiser.previous_motions + denoiser.motions

    def normal(*sizes: int) -> Tensor:
        return torch.randn(sizes, generator=draw)

    x, inner = normal(2, tokens, width), normal(2, tokens, layer.linear1.out_features)
    wide = PackedLinear(layer.linear1.weight, layer.linear1.bias)
    narrow = PackedLinear(layer.linear2.weight, layer.linear2.bias)
    file, rows = f"{FOLDER}/packed_linear.py", f"{2 * tokens} rows"
    yield Kernel(
        file, f"{rows}, {width} to {inner.shape[2]}, GELU",
        lambda: functional.gelu(layer.linear1(x)), lambda: wide.gelu(x),
    )  # fmt: skip
    yield Kernel(
        file, f"{rows}, {inner.shape[2]} to {width}, added",
        lambda: layer.linear2(inner) + x, lambda: narrow.plus(inner, x),
    )  # fmt: skip
    yield _layer(layer, x, normal(2, tokens, width))
    previous, before, audio = normal(1, 25, denoiser.motion_dim), normal(1, 25, width), normal(1, 100, width)
    noise = normal(1, denoiser.motions, denoiser.motion_dim)
    branches = (False, True)
    null = generator.null_audio_feat
    plain = PlainWindow(denoiser, null, previous, before, audio, branches)
    with torch.inference_mode():
        fast = FastDenoiser(denoiser, null).window(previous, before, audio, branches)
    yield Kernel(
        f"{FOLDER}/fast_denoiser.py", "a guided step",
        lambda: plain(noise, 250), lambda: fast(noise, 250),
    )  # fmt: skip


def _layer(layer: Any, x: Tensor, cross: Tensor) -> Kernel:
    """All but the cross-attention, which does not change from step to step."""
    fast = FastLayer(layer)

    def plain() -> Tensor:
        hidden = layer.norm1(x + layer.self_attn(x, x, x, need_weights=False)[0])
        hidden = layer.norm2(hidden + cross)
        return layer.norm3(hidden + layer.linear2(functional.gelu(layer.linear1(hidden))))

    return Kernel(
        f"{FOLDER}/fast_layer.py", f"2 x {x.shape[1]} tokens of {x.shape[2]}",
        plain, lambda: fast.after_cross_attention(fast.self_attention(x), cross),
    )  # fmt: skip
