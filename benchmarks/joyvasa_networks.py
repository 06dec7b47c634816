"""JoyVASA's networks at full size with random weights, and the machine's own speed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from engines.joyvasa.networks.builders import Size, build, config_of
from engines.joyvasa.networks.motion_generator import MotionGenerator, MotionGeneratorConfig
from engines.joyvasa.networks.spade import SpadeGenerator
from engines.joyvasa.networks.warping import WarpingNetwork
from engines.joyvasa.weights.random_weights import contents
from engines.weights.synthesis import SALT

NAMES = {torch.float32: "float32", torch.bfloat16: "bfloat16", torch.float16: "float16"}


class MachineRate(NamedTuple):
    """GFLOP per second of the machine's own large matrix product and convolution."""

    product: float
    convolution: float


def random_weights(name: str, size: Size = "full") -> nn.Module:
    """A network of people's mode with random weights, which do not change the work."""
    model = build(name, config_of(name, size))
    model.load_state_dict(contents(name, size, SALT))
    return model.eval().requires_grad_(False)


def rendering_networks(size: Size = "full") -> tuple[WarpingNetwork, SpadeGenerator]:
    """The plain W and G."""
    return (
        cast(WarpingNetwork, random_weights("warping_module", size)),
        cast(SpadeGenerator, random_weights("spade_generator", size)),
    )


def motion_generator(size: Size = "full") -> MotionGenerator:
    """The audio encoder and the denoiser."""
    name = "motion_generator_hubert"
    with torch.device("meta"):
        generator = MotionGenerator(MotionGeneratorConfig(**config_of(name, size)))
    generator.load_state_dict(contents(name, size, SALT)["model"], assign=True)
    return generator.eval().requires_grad_(False)


def machine_rate(dtype: torch.dtype, device: str = "cpu") -> MachineRate:
    """The machine's speed at this moment, in its preferred layouts."""
    a = torch.randn(2048, 2048, device=device).to(dtype)
    x = torch.randn(1, 512, 64, 64, device=device).to(dtype, memory_format=torch.channels_last)
    weight = torch.randn(512, 512, 3, 3, device=device).to(dtype, memory_format=torch.channels_last)
    product = 2 * 2048**3 / fastest(lambda: a @ a, device=device)
    work = 2 * x.numel() * 512 * 9
    convolution = work / fastest(lambda: functional.conv2d(x, weight, padding=1), device=device)
    return MachineRate(product / 1e9, convolution / 1e9)


def faster(rates: Iterable[MachineRate]) -> MachineRate:
    """The best of several measurements, each kind by itself."""
    return MachineRate(*(max(kind) for kind in zip(*rates, strict=True)))


def fastest(work: Callable[[], Any], times: int = 3, device: str = "cpu") -> float:
    """Seconds of the fastest of several runs; on a GPU until it has finished."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        if device == "cuda":
            torch.cuda.synchronize()
        found.append(time.perf_counter() - began)
    return min(found)


def by_turns(ways: dict[str, Callable[[], Tensor]], rounds: int) -> dict[str, tuple[float, float]]:
    """Seconds, and seconds of all cores together, of the fastest of several rounds; one round warms up.

    The ways take turns, so that a busy machine slows all of them down.
    """
    best = dict.fromkeys(ways, (float("inf"), float("inf")))
    for _ in range(rounds + 1):
        for name, work in ways.items():
            processor, wall = time.process_time(), time.perf_counter()
            work()
            took = time.perf_counter() - wall, time.process_time() - processor
            best[name] = min(best[name][0], took[0]), min(best[name][1], took[1])
    return best
