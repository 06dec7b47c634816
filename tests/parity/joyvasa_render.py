"""The rendering networks: appearance F, motion M, warping W, generator G, stitching S.

With --fast the rearranged W and G run. They do not form the original's intermediate maps, so their outputs
alone are compared, in float32 at the same tolerances and in bfloat16 by the peak signal-to-noise ratio.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from engines.joyvasa.fast.fast_spade import FastGenerator
from engines.joyvasa.fast.fast_warping import FastWarping
from engines.joyvasa.networks.appearance import AppearanceExtractor
from engines.joyvasa.networks.motion_extractor import MotionExtractor
from engines.joyvasa.networks.spade import SpadeGenerator
from engines.joyvasa.networks.stitching import StitchingNetworks
from engines.joyvasa.networks.warping import Warped, WarpingNetwork
from tests.parity.context import Context
from tests.parity.golden import Comparison, Golden

PSNR_OF_BFLOAT16 = 40.0  # dB, peak 1


@contextmanager
def recorded(modules: Mapping[str, nn.Module]) -> Iterator[dict[str, Tensor]]:
    """Keep the outputs of modules, by name, and their first inputs as "in.<name>", while the block runs."""
    kept: dict[str, Tensor] = {}

    def keep(name: str):
        def hook(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
            kept[name], kept[f"in.{name}"] = output, inputs[0]

        return hook

    handles = [module.register_forward_hook(keep(name)) for name, module in modules.items()]
    try:
        yield kept
    finally:
        for handle in handles:
            handle.remove()


def loaded(model: nn.Module, context: Context, network: str) -> nn.Module:
    """The model with random weights, ready to run."""
    model.load_state_dict(context.network(network))
    return model.eval()


def image(golden: Golden) -> Tensor:
    """The stored pictures (B, 3, H, W) in 0..1."""
    return torch.from_numpy(golden["image_u8"]).permute(0, 3, 1, 2) / 255.0


def runs(golden: Golden) -> dict[str, list[int]]:
    """The prefixes of the file with the items that each ran: "batch2" is 0 and 1, "frame0" is 0 alone."""
    found = {
        m[0]: (m[1], int(m[2])) for m in (re.match(r"(batch|frame)(\d+)", n) for n in golden.names()) if m
    }
    return {prefix: list(range(n)) if kind == "batch" else [n] for prefix, (kind, n) in found.items()}


def compared(
    golden: Golden, prefix: str, found: Mapping[str, Tensor], tolerance: float
) -> Iterator[Comparison]:
    """Compare every tensor that the file has under "<prefix><name>"."""
    for name, tensor in found.items():
        if prefix + name in golden:
            yield golden.compare(prefix + name, tensor, tolerance)


def leave_out(golden: Golden, prefix: str) -> None:
    """Pass over what the rearranged networks do not form: everything but their outputs."""
    for name in golden.names():
        if name.startswith(prefix) and name.removeprefix(prefix) not in ("out", *Warped._fields):
            _ = golden[f"{name}__val" if f"{name}__val" in golden else name]


def psnr(golden: Golden, name: str, picture: Tensor) -> Comparison:
    """The root mean square error of a bfloat16 picture against the float32 one of the file."""
    flat, sampled = picture.float().flatten(), f"{name}__val" in golden
    wanted = torch.from_numpy(golden[f"{name}__val" if sampled else name])
    ours = flat[torch.from_numpy(golden[f"{name}__idx"])] if sampled else flat
    worst, limit = (ours - wanted.flatten()).square().mean().sqrt().item(), 10 ** (-PSNR_OF_BFLOAT16 / 20)
    note = f"{-20 * math.log10(max(worst, 1e-10)):.1f} dB"
    return Comparison(f"{name} in bfloat16, rms", worst, worst, limit, worst <= limit, note=note)


@torch.inference_mode()
def appearance(golden: Golden, context: Context) -> Iterator[Comparison]:
    model = loaded(AppearanceExtractor(), context, "appearance_feature_extractor")
    parts = {"first": model.first, "down_last": model.down_blocks[-1], "second": model.second}
    parts |= {f"res{i}": block for i, block in enumerate(model.resblocks_3d)}
    with recorded(parts) as found:
        found["feature_3d"] = model(image(golden))
    yield from compared(golden, "", found, 1e-4)


@torch.inference_mode()
def motion(golden: Golden, context: Context) -> Iterator[Comparison]:
    model = loaded(MotionExtractor(), context, "motion_extractor")
    parts = {"norm": model.detector.norm}
    parts |= {f"down{i}": layer for i, layer in enumerate(model.detector.downsample_layers)}
    parts |= {f"stage{i}": layer for i, layer in enumerate(model.detector.stages)}
    with recorded(parts) as found:
        heads = model(image(golden))
    yield from compared(golden, "", found, 1e-4)
    yield from compared(golden, "out_", heads._asdict(), 1e-4)


@torch.inference_mode()
def stitching(golden: Golden, context: Context) -> Iterator[Comparison]:
    model = loaded(StitchingNetworks(), context, "stitching_retargeting_module")
    for name, network in model.named_children():
        yield golden.compare(f"{name}.out", network(torch.from_numpy(golden[f"{name}.in"])), 1e-4)


def warping_inputs(golden: Golden, context: Context) -> tuple[Tensor, Tensor, Tensor]:
    """The feature volume and the source's keypoints, for one portrait, and all driving keypoints."""
    volume = golden.shape(f"{next(iter(runs(golden)))}.deformation")[1:4]
    depth, height, width = volume
    small = torch.from_numpy(context.x("in.feature_3d", (1, 32, depth, height // 4, width // 4)))
    feature = small.repeat_interleave(4, dim=3).repeat_interleave(4, dim=4)
    return feature, torch.from_numpy(golden["kp_source"]), torch.from_numpy(golden["kp_driving"])


def warp(golden: Golden, context: Context, model: nn.Module, items: list[int]) -> Warped:
    """Run W, plain or rearranged, on some of the file's driving keypoints."""
    feature, source, driving = warping_inputs(golden, context)
    if isinstance(model, FastWarping):
        return model(model.prepare(feature, source), driving[items])
    n = len(items)
    return model(feature.expand(n, -1, -1, -1, -1), source.expand(n, -1, -1), driving[items])


@torch.inference_mode()
def warping(golden: Golden, context: Context) -> Iterator[Comparison]:
    plain = loaded(WarpingNetwork(), context, "warping_module")
    model = FastWarping(plain) if context.fast else plain
    dense = plain.dense_motion_network
    parts = {"compress": dense.compress, "mask_logits": dense.mask, "third": plain.third}
    parts |= {"hourglass_out": dense.hourglass, "dense": dense}
    parts |= {f"enc{i}": block for i, block in enumerate(dense.hourglass.encoder.down_blocks)}
    parts |= {f"dec{i}": block for i, block in enumerate(dense.hourglass.decoder.up_blocks)}
    for prefix, items in runs(golden).items():
        with recorded(parts) as found:
            warped = warp(golden, context, model, items)
        if context.fast:
            leave_out(golden, f"{prefix}.")
        else:
            found |= {"hourglass_in": found["in.hourglass_out"], "mask": found.pop("dense").mask}
            yield from compared(golden, f"{prefix}.", found, 1e-3)
        yield golden.compare(f"{prefix}.out", warped.out, 1e-3)
        yield golden.compare(f"{prefix}.occlusion_map", warped.occlusion_map, 1e-4)
        yield golden.compare(f"{prefix}.deformation", warped.deformation, 1e-4)


@torch.inference_mode()
def generator(golden: Golden, context: Context) -> Iterator[Comparison]:
    plain = loaded(SpadeGenerator(), context, "spade_generator")
    model = FastGenerator(plain) if context.fast else plain
    half = FastGenerator(plain, torch.bfloat16) if context.fast else None
    parts = {name: part for name, part in plain.named_modules() if name}
    for prefix, (feature, half_feature) in generator_inputs(golden, context, plain).items():
        with recorded(parts) as found:
            found["out"] = model(feature)
        if context.fast:
            leave_out(golden, f"{prefix}.")
        yield from compared(golden, f"{prefix}.", found, 1e-3)
        if half:
            yield psnr(golden, f"{prefix}.out", half(half_feature))


def generator_inputs(
    golden: Golden, context: Context, plain: SpadeGenerator
) -> dict[str, tuple[Tensor, Tensor]]:
    """What each run of G gets, by prefix; twice, the second time as a renderer in bfloat16 would have it."""
    first, count = next(iter(runs(golden))), 1 + max(max(items) for items in runs(golden).values())
    size = [n // (4 * plain.conv_img[1].upscale_factor) for n in golden.shape(f"{first}.out")[2:]]
    features = torch.from_numpy(context.x("in.g_feature", (count, plain.fc.in_channels, *size)))
    inputs = {prefix: (features[items], features[items]) for prefix, items in runs(golden).items()}
    for name in golden.names():
        if match := re.fullmatch(r"(from_W_(.+))\.out", name):
            w = context.golden("W")
            warping: nn.Module = loaded(WarpingNetwork(), context, "warping_module")
            both = (
                [FastWarping(warping), FastWarping(warping, torch.bfloat16)]
                if context.fast
                else [warping] * 2
            )
            first, second = (warp(w, context, model, runs(w)[match[2]]).out for model in both)
            inputs[match[1]] = first, second
    return inputs


CHECKS = {"F": appearance, "M": motion, "W": warping, "G": generator, "S": stitching}
