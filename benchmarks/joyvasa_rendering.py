"""The part of `benchmarks.joyvasa` about W and G on a processor, from keypoints to one frame."""

from __future__ import annotations

import time
from collections.abc import Iterator

import torch

from benchmarks.figures import Figure
from benchmarks.joyvasa_networks import NAMES, rendering_networks
from benchmarks.rendering_parts import Networks, operations, plain, rearranged, seconds
from engines.joyvasa.fast.rendering import FrameRenderer

GATES = {torch.float32: 1.15, torch.bfloat16: 2.2}
PROCESSOR = "seconds of all cores together"


def figures(*, rounds: int, threads: int) -> Iterator[Figure]:
    """Count the operations of each part, then measure plain and rearranged networks by turns."""
    torch.set_num_threads(threads)
    before, after = operations()
    for part, count in before.items():
        yield Figure(f"{part}: operations, plain", count, "GFLOP")
        for dtype, fewer in after[part].items():
            yield Figure(f"  rearranged, {NAMES[dtype]}", fewer, "GFLOP")

    warping, generator = rendering_networks()
    ways = {"plain": plain(warping, generator)}
    for dtype in GATES:
        ways[NAMES[dtype]] = rearranged(FrameRenderer(warping, generator, dtype=dtype))
    best = by_part(ways, rounds)
    for name, took in best.items():
        yield Figure(f"W and G, {name}: one frame", frame(took), "s")
        for part in before:
            if part in took:  # the rearranged label branches run in pieces, between other work
                yield Figure(f"  {part}", took[part], "s")
    for dtype, gate in GATES.items():
        name = NAMES[dtype]
        ratio = frame(best["plain"]) / frame(best[name])
        yield Figure(f"W and G: times faster than plain, {name}", ratio, "x", gate)
        ratio = best["plain"][PROCESSOR] / best[name][PROCESSOR]
        yield Figure("  in processor time, which a busy machine changes less", ratio, "x")


def by_part(ways: dict[str, Networks], rounds: int) -> dict[str, dict[str, float]]:
    """Seconds of the fastest of several rounds, per way and part; the ways take turns."""
    best: dict[str, dict[str, float]] = {name: {} for name in ways}
    for _ in range(rounds + 1):  # the first round warms up, and counts if it is the fastest nevertheless
        for name, way in ways.items():
            began = time.process_time()
            gained = seconds(way)
            gained[PROCESSOR] = time.process_time() - began
            for part, took in gained.items():
                best[name][part] = min(took, best[name].get(part, took))
    return best


def frame(parts: dict[str, float]) -> float:
    """Seconds of a whole frame."""
    return parts["W"] + parts["G"]
