"""The parts of `benchmarks.joyhallo` about one guided step on the processor, plain and fast by turns."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import NamedTuple

import torch
from torch import Tensor

from benchmarks.figures import Figure
from benchmarks.joyhallo_networks import fast_unet, plain_unet, random_conditions
from benchmarks.joyvasa_networks import NAMES, by_turns
from engines.joyhallo.networks.builders import Size
from engines.joyhallo.networks.denoising_unet import DenoisingUNet

DTYPES = (torch.float32, torch.bfloat16)
APART = 1e-3
"""Largest allowed difference of the fast result, as a fraction of the plain float32 result's
largest number.
"""
TIMESTEP = 499


class Work(NamedTuple):
    """A step's frames, and the side of its latents."""

    frames: int
    side: int


WORK: dict[Size, Work] = {"tiny": Work(16, 16), "full": Work(4, 32)}
"""full: 256x256 pixels, and a quarter of a clip, so that it is a matter of minutes."""


def figures(size: Size, *, rounds: int, threads: int) -> Iterator[Figure]:
    """Both ways of a step in both types: how far apart their results are, seconds, and how they compare."""
    torch.set_num_threads(threads)
    work = WORK[size]
    plain = plain_unet(size)
    yield Figure(f"{size}: frames of a step", work.frames)
    yield Figure(f"{size}: side of the latents", work.side)
    seconds: dict[str, float] = {}
    for dtype in DTYPES:
        plain = plain.to(dtype)
        steps = ways(plain, work)
        if dtype == torch.float32:
            yield Figure(f"{size}: fast step's greatest difference", apart(steps), "", APART, at_least=False)
        took = by_turns(steps, rounds)
        for name in steps:
            seconds[f"{name}, {NAMES[dtype]}"] = took[name][0]
            yield Figure(f"{size}: a guided step, {name}, {NAMES[dtype]}", took[name][0], "s")
        ratio = took["plain"][0] / took["fast"][0]
        yield Figure(f"{size}: {NAMES[dtype]}, times faster than plain", ratio, "x", 1.0)
        ratio = took["plain"][1] / took["fast"][1]
        yield Figure("  in processor time, which a busy machine changes less", ratio, "x")
        del steps
    ratio = seconds["plain, float32"] / seconds["fast, bfloat16"]
    yield Figure(f"{size}: fast in bfloat16, times faster than plain in float32", ratio, "x")


def ways(plain: DenoisingUNet, work: Work) -> dict[str, Callable[[], Tensor]]:
    """A guided step by the plain network and by the fast path, from the same latents and conditions."""
    conditions = random_conditions(plain, *work)
    fast = fast_unet(plain)
    memory = fast.prepare(conditions)
    shape = (1, plain.config.in_channels, work.frames, work.side, work.side)
    latents = torch.randn(shape, generator=torch.Generator().manual_seed(2)).to(plain.conv_in.weight.dtype)

    @torch.inference_mode()
    def run(step: Callable[[], Tensor]) -> Tensor:
        return step()

    return {
        "plain": partial(run, lambda: plain(latents, TIMESTEP, conditions)),
        "fast": partial(run, lambda: fast(latents, TIMESTEP, memory)[0]),
    }


def apart(steps: dict[str, Callable[[], Tensor]]) -> float:
    """The largest difference of both results, as a fraction of the plain one's largest number."""
    plain, fast = (step().float() for step in steps.values())
    return float((plain - fast).abs().max() / plain.abs().max())
