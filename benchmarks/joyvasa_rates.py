"""The part of `benchmarks.joyvasa` about the use of the processor: TFLOP per second of every part.

For comparison, it prints the machine's own rate, of a large matrix product and of a large convolution,
measured between the rounds. Few operations done at the machine's rate are what is fast; many may have a
higher one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch

from benchmarks.figures import Figure
from benchmarks.joyvasa_networks import (
    NAMES,
    MachineRate,
    faster,
    fastest,
    machine_rate,
    motion_generator,
    random_weights,
    rendering_networks,
)
from benchmarks.joyvasa_rendering import by_part
from benchmarks.joyvasa_window import operations, windows
from benchmarks.rendering_parts import operations as rendering_operations
from benchmarks.rendering_parts import rearranged
from engines.joyvasa.fast.rendering import FrameRenderer

DTYPES = (torch.float32, torch.bfloat16)
Work = Callable[[], object]


def figures(*, rounds: int, threads: int) -> Iterator[Figure]:
    """The machine's rates, then those of motion and portrait in float32, then of W and G in both types."""
    torch.set_num_threads(threads)
    _, counted = rendering_operations()
    small = _motion_and_portrait()
    small_count = {name: operations(work) for name, work in small.items()}
    ways = {d: rearranged(FrameRenderer(*rendering_networks(), dtype=d)) for d in DTYPES}
    rates: dict[torch.dtype, list[MachineRate]] = {dtype: [] for dtype in DTYPES}
    took: dict[str, float] = {}
    painted: dict[torch.dtype, dict[str, float]] = {dtype: {} for dtype in DTYPES}
    for _ in range(rounds + 1):  # the first round warms up, and counts if it is the fastest nevertheless
        for dtype in DTYPES:
            rates[dtype].append(machine_rate(dtype))
            for part, seconds in by_part({"": ways[dtype]}, 0)[""].items():
                painted[dtype][part] = min(seconds, painted[dtype].get(part, seconds))
        for name, work in small.items():
            took[name] = min(fastest(work, 1), took.get(name, float("inf")))
    for dtype in DTYPES:
        rate = faster(rates[dtype])
        own = f"the machine's own, {NAMES[dtype]}, {threads} threads"
        yield Figure(f"{own}: matrix product", rate.product / 1e3, "TF/s")
        yield Figure(f"{own}: convolution", rate.convolution / 1e3, "TF/s")
        if dtype == torch.float32:
            for name, count in small_count.items():
                yield from _rate(name, count, took[name], rate)
        for part, seconds in painted[dtype].items():
            if part in counted:
                yield from _rate(f"{part}, {NAMES[dtype]}", counted[part][dtype], seconds, rate)


def _rate(name: str, count: float, seconds: float, own: MachineRate) -> Iterator[Figure]:
    yield Figure(name, count / seconds / 1e3, "TF/s")
    yield Figure("  share of the machine's own product", 100 * count / seconds / own.product, "%")
    yield Figure("  share of the machine's own convolution", 100 * count / seconds / own.convolution, "%")


def _motion_and_portrait() -> dict[str, Work]:
    generator = motion_generator()
    window = windows(generator)["rearranged"]
    appearance, motion = random_weights("appearance_feature_extractor"), random_weights("motion_extractor")
    picture, voice = torch.rand(1, 3, 256, 256), torch.randn(1, 64_000)

    def quietly(work: Work) -> Work:
        def run() -> object:
            with torch.no_grad():
                return work()

        return run

    return {
        "F, once per portrait": quietly(lambda: appearance(picture)),
        "M, once per portrait": quietly(lambda: motion(picture)),
        "audio encoder, 4 s of voice": quietly(lambda: generator.audio_features(voice)),
        "50 guided steps of a window": window,
    }
