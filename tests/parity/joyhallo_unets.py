"""The two U-Nets and their parts. With --fast the rearranged denoising U-Net runs, at its own tolerance."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engines.joyhallo.fast.fast_unet import FastDenoisingUNet
from engines.joyhallo.networks.audio_module import REGIONS
from engines.joyhallo.networks.builders import Size
from engines.joyhallo.networks.config import AudioBlock, UNetConfig
from engines.joyhallo.networks.denoising_unet import DenoisingUNet
from engines.joyhallo.networks.reference_unet import ReferenceUNet
from engines.joyhallo.pipeline.conditions import ClipConditions, banks_of, stacked_masks, tiled
from tests.parity.context import Context
from tests.parity.golden import Comparison, Golden, compare_arrays
from tests.parity.originals import without_dead_modules

TOLERANCE = 1e-4
FAST_TOLERANCE = 1e-3
BLOCK = ".transformer_blocks.0"
ROUNDING = {"bank16": torch.float16, "bank32": None}
MOTION_SCALE = (0.5, 1.5, 2.0)
MOTION_FRAMES = 2

Run = Callable[..., Tensor]


def config_of(context: Context, size: Size = "tiny") -> UNetConfig:
    """The real sizes, or those of the folder."""
    return UNetConfig.full() if size == "full" else UNetConfig.from_dict(context.hallo_config)


def reference_of(context: Context, size: Size = "tiny") -> ReferenceUNet:
    """The reference U-Net with the random weights of the folder."""
    return _loaded(
        lambda: ReferenceUNet(config_of(context, size)), context.hallo_network("reference_unet", size)
    )


def denoising_of(context: Context, audio: AudioBlock = "joyhallo", size: Size = "tiny") -> DenoisingUNet:
    """The denoising U-Net with the random weights of the folder."""
    name = "denoising_unet" if audio == "joyhallo" else "denoising_unet_hallo"
    state = without_dead_modules(context.hallo_network(name, size))
    return _loaded(lambda: DenoisingUNet(config_of(context, size), audio), state)


def shared_reference(context: Context) -> ReferenceUNet:
    """As `reference_of`, one for all checks that only run it."""
    return _shared(context, "reference_unet", lambda: reference_of(context))


def shared_denoising(context: Context, audio: AudioBlock = "joyhallo") -> DenoisingUNet:
    """As `denoising_of`, one for all checks that only run it."""
    return _shared(context, audio, lambda: denoising_of(context, audio))


def _shared(context: Context, name: str, make: Callable[[], Any]) -> Any:
    if context.fast:  # the fast path rearranges a network
        return make()
    if name not in context.modules:
        context.modules[name] = make()
    return context.modules[name]


def _loaded(make: Callable[[], Any], state: dict[str, Tensor]) -> Any:
    """Built without memory of its own, so that only one copy of the weights exists."""
    with torch.device("meta"):
        network = make()
    network.load_state_dict(state, assign=True)
    return network.requires_grad_(False)


def tensor(golden: Golden, name: str) -> Tensor:
    return torch.from_numpy(golden[name])


def reference_unet(golden: Golden, context: Context) -> Iterator[Comparison]:
    """Banks by name and the feature that nobody uses."""
    golden.pass_over("in_face_emb")
    net = shared_reference(context)
    latents = tensor(golden, "in_ref_latents")
    tokens = tiled(tensor(golden, "in_encoder_hidden_states"), len(latents))
    banks, feature = net(latents, tokens, full_output=True)
    stopped = net(latents, tokens)
    yield golden.compare("out_sample", feature, TOLERANCE)
    names = [str(name) for name in golden["bank_writer_names"]]
    yield golden.compare("bank_reader_names", np.array(names), 0)
    yield compare_arrays("names", np.array(sorted(f"{n}{BLOCK}" for n in stopped)), np.array(sorted(names)))
    yield golden.compare("bank_len", np.ones(len(names), int), 0)
    for index, name in enumerate(names):
        key = name.removesuffix(BLOCK)
        yield golden.compare(f"bank_{index:02}", banks[key], TOLERANCE)
        yield golden.compare(f"bank_{index:02}", stopped[key], TOLERANCE)


def conditions_of(golden: Golden, banks: dict[str, Tensor], inputs: Golden | None = None) -> ClipConditions:
    """The inputs of a tiny denoising golden, complete, both halves where there are two."""
    given = inputs or golden
    tokens = tensor(given, "in_encoder_hidden_states")
    return ClipConditions(
        guided=len(tokens) == 2,
        banks=banks,
        face_tokens=tokens,
        audio_tokens=tensor(given, "in_audio_embedding"),
        locator=tensor(given, "in_mask_cond_fea"),
        masks=masks_of(given),
    )


def masks_of(golden: Golden, prefix: str = "in", repeat: int = 1) -> tuple[Tensor, ...]:
    """Three masks at four levels; repeat: for the halves of guidance where they are stored once."""
    levels = [
        [tensor(golden, f"{prefix}_{region}_mask_{level}").repeat(repeat, 1) for level in range(4)]
        for region in REGIONS
    ]
    return stacked_masks(*levels)


def runner(net: DenoisingUNet, context: Context) -> Run:
    """(latents, timestep, conditions, observe) -> prediction, by the plain or by the fast path."""
    if not context.fast:
        return net
    fast = FastDenoisingUNet(net)

    def run(latents: Tensor, timestep: Tensor, conditions: ClipConditions, observe: Any = None) -> Tensor:
        with torch.inference_mode():
            return fast(latents, timestep, fast.prepare(conditions), observe=observe)[0]

    return run


def denoising(golden: Golden, context: Context, audio: AudioBlock = "joyhallo") -> Iterator[Comparison]:
    """As run, with both kinds of banks, traces, another timestep, a motion scale, and without a bank."""
    golden.pass_over("eval_")  # the function that nobody uses; its modules are not built
    inputs = context.golden(golden.name.replace("hallo_", ""))
    inputs = golden if inputs.name == golden.name else inputs
    golden.pass_over("in_")
    reference = shared_reference(context)
    run = runner(shared_denoising(context, audio), context)
    tokens = tensor(inputs, "in_encoder_hidden_states")
    sample = tensor(inputs, "in_sample")[:1]
    timestep = tensor(inputs, "in_timestep")
    latents = tensor(inputs, "in_ref_latents")
    for bank in context.banks:
        conditions = conditions_of(inputs, banks_of(reference, latents, tokens, rounding=ROUNDING[bank]))
        stem = f"asrun_{bank}"
        seen: dict[str, Tensor] = {}
        out = run(sample, timestep, conditions, seen.__setitem__)
        yield golden.compare(f"{stem}__out", out, tolerance(context))
        yield from traces(golden, stem, seen, conditions, context)
        if f"{stem}_t999__out" in golden:
            yield golden.compare(
                f"{stem}_t999__out", run(sample, torch.tensor(999), conditions), tolerance(context)
            )
        if f"{stem}_motionscale__out" in golden:
            scaled = replace(conditions, motion_scale=MOTION_SCALE)
            yield golden.compare(
                f"{stem}_motionscale__out", run(sample, timestep, scaled), tolerance(context)
            )
    if "asrun_emptybank__out" in golden:
        empty = shared_denoising(context, audio)(sample, timestep, conditions_of(inputs, {}))
        yield golden.compare("asrun_emptybank__out", empty, TOLERANCE)


def traces(
    golden: Golden, stem: str, seen: dict[str, Tensor], conditions: ClipConditions, context: Context
) -> Iterator[Comparison]:
    """What the blocks and some of their modules put out, in the original's layout (n, C, frames, h, w)."""
    for name in golden.names():
        match = re.fullmatch(rf"{stem}__trace__(.+)", name)
        if match is None:
            continue
        shape, ours = golden.shape(name), seen[match[1]]
        if ours.ndim == 4:
            ours = ours.unflatten(0, (conditions.rows, -1)).transpose(1, 2)
        if ours.ndim == 5 and ours.shape[2] == shape[2] - MOTION_FRAMES:
            yield video_frames_only(golden, name, ours, shape, tolerance(context))
        else:
            # where a feature lies between two fp16 numbers, a last bit decides to which it is rounded: of
            # features of size 10 that leaves a share, while the output is compared as it is
            rounded = stem == "asrun_bank16"
            yield golden.compare(name, ours.expand(shape), tolerance(context), relative=rounded)


def video_frames_only(
    golden: Golden, name: str, ours: Tensor, shape: tuple[int, ...], allowed: float
) -> Comparison:
    """The fast path leaves out what motion modules make of the motion frames."""
    places = np.unravel_index(golden[f"{name}__idx"], shape)
    kept = places[2] >= MOTION_FRAMES
    places = tuple(axis[kept] for axis in places)
    values = ours.numpy()[places[0], places[1], places[2] - MOTION_FRAMES, places[3], places[4]]
    return compare_arrays(name, values, golden[f"{name}__val"][kept], allowed)


def tolerance(context: Context) -> float:
    return FAST_TOLERANCE if context.fast else TOLERANCE


def hallo_denoising(golden: Golden, context: Context) -> Iterator[Comparison]:
    """The whole network with three audio attentions."""
    yield from denoising(golden, context, "hallo")


def full_unet(golden: Golden, context: Context) -> Iterator[Comparison]:
    """The real sizes, both networks, one after the other so that 10 GB are enough."""
    golden.pass_over("eval_")
    latents, tokens = tensor(golden, "in_ref_latents"), tensor(golden, "in_face_tokens")
    reference = reference_of(context, "full")
    rows = latents.repeat(2, 1, 1, 1)
    banks, feature = reference(rows, tiled(tokens, len(rows)), full_output=True)
    kept = {
        bank: banks_of(lambda *_: banks, rows, tokens, rounding=ROUNDING[bank])  # type: ignore[arg-type]
        for bank in context.banks
    }
    del reference
    yield golden.compare("ref_out", feature, TOLERANCE)
    for name, bank in banks.items():
        yield golden.compare(f"bank__{name}{BLOCK}", bank, TOLERANCE)
    run = runner(denoising_of(context, size="full"), context)
    audio, locator = tensor(golden, "in_audio"), tensor(golden, "in_mask_cond_fea")
    for bank, sorted_banks in kept.items():
        conditions = ClipConditions(
            guided=True,
            banks=sorted_banks,
            face_tokens=tokens,
            audio_tokens=torch.cat([torch.zeros_like(audio), audio]),
            locator=torch.cat([torch.zeros_like(locator), locator]),
            masks=masks_of(golden, repeat=2),
        )
        seen: dict[str, Tensor] = {}
        out = run(tensor(golden, "in_sample"), tensor(golden, "in_timestep"), conditions, seen.__setitem__)
        yield golden.compare(f"asrun_{bank}__out", out, tolerance(context))
        yield from traces(golden, f"asrun_{bank}", seen, conditions, context)


CHECKS = {
    "tiny_reference_unet_cfg": reference_unet,
    "tiny_reference_unet_nocfg": reference_unet,
    "tiny_denoising_cfg": denoising,
    "tiny_denoising_nocfg": denoising,
    "tiny_hallo_denoising_cfg": hallo_denoising,
    "full_unet": full_unet,
}

SLOW = ("full_unet",)
