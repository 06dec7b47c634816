"""The part of `benchmarks.joyvasa` about motion: one window of four seconds, 50 guided steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.figures import Figure
from benchmarks.joyvasa_networks import by_turns, motion_generator
from engines.joyvasa.fast.fast_denoiser import FastDenoiser
from engines.joyvasa.fast.packed_linear import OPERATION
from engines.joyvasa.motion.guidance import branches, prepare_window
from engines.joyvasa.motion.sampler import SamplerSettings, plan_sampling, sample
from engines.joyvasa.networks.denoiser import Denoiser
from engines.joyvasa.networks.motion_generator import MotionGenerator

GATE = 2.0
GUIDANCE = 2.0


def windows(generator: MotionGenerator) -> dict[str, Callable[[], Tensor]]:
    """The window by the plain denoiser and by the rearranged one, from the same noise and voice."""
    config, draw = generator.config, torch.Generator().manual_seed(0)
    device = generator.null_audio_feat.device

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=draw).to(device)

    settings = SamplerSettings(cfg_scale=GUIDANCE)
    plan = plan_sampling(generator.diffusion_sched, settings)
    noise = normal(plan.draws + 1, 1, config.n_motions, config.motion_feat_dim)
    given = (
        normal(1, config.n_prev_motions, config.motion_feat_dim),
        normal(1, config.n_prev_motions, config.feature_dim),
        normal(1, config.n_motions, config.feature_dim),
    )

    def way(denoiser: Denoiser | FastDenoiser) -> Callable[[], Tensor]:
        @torch.no_grad()
        def run() -> Tensor:
            window = prepare_window(denoiser, generator.null_audio_feat, *given, branches(GUIDANCE))
            return sample(window, noise[0], noise[1:], plan)

        return run

    plain = generator.denoising_net
    return {"plain": way(plain), "rearranged": way(FastDenoiser(plain, generator.null_audio_feat))}


def operations(work: Callable[[], object]) -> float:
    """GFLOP of the work: matrix products and convolutions, a multiplication and an addition being two."""
    packed: dict[Any, Any] = {}
    if OPERATION is not None:
        packed = {OPERATION: lambda x, weight, *rest, out_shape, **more: _linear(x, out_shape)}
    # The counter does not know fused attention, which is turned off while the operations are counted.
    fused = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False, custom_mapping=packed) as counter:
            work()
    finally:
        torch.backends.mha.set_fastpath_enabled(fused)
    return counter.get_total_flops() / 1e9


def _linear(x_shape: torch.Size, out_shape: torch.Size) -> int:
    rows = x_shape.numel() // x_shape[-1]
    return 2 * rows * x_shape[-1] * out_shape[-1]


def figures(*, rounds: int, threads: int) -> Iterator[Figure]:
    """Both ways by turns, their operations, and how far their results are apart."""
    torch.set_num_threads(threads)
    ways = windows(motion_generator())
    motion = {name: run() for name, run in ways.items()}
    apart = (motion["plain"] - motion["rearranged"]).abs().max().item()
    yield Figure("greatest difference of the two windows' motion", apart, "", 1e-3, at_least=False)
    for name, run in ways.items():
        yield Figure(f"a window: operations, {name}", operations(run), "GFLOP")
    took = by_turns(ways, rounds)
    for name in ways:
        yield Figure(f"one window of 4 s, 50 guided steps, {name}", took[name][0], "s")
    ratio = took["plain"][0] / took["rearranged"][0]
    yield Figure("a window: times faster than plain", ratio, "x", GATE)
    ratio = took["plain"][1] / took["rearranged"][1]
    yield Figure("  in processor time, which a busy machine changes less", ratio, "x")
