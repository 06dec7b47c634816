"""The part of `benchmarks.joyvasa` about W and G, from keypoints to frames."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.figures import Figure
from benchmarks.rendering_parts import Networks, inputs, operations, plain, rearranged, seconds
from engines.joyvasa.manifest import manifest
from engines.joyvasa.networks import build
from engines.joyvasa.rendering import Renderer
from engines.joyvasa.spade import SpadeGenerator
from engines.joyvasa.warping import WarpingNetwork
from engines.weights.synthesis import fill

NAMES = {torch.float32: "float32", torch.bfloat16: "bfloat16", torch.float16: "float16"}
GATES = {torch.float32: 1.15, torch.bfloat16: 2.2}
BATCHES = (1, 8, 16)
PROCESSOR = "seconds of all cores together"


def networks() -> tuple[WarpingNetwork, SpadeGenerator]:
    """The plain networks at full size with made-up weights."""

    def made(name: str) -> nn.Module:
        model = build(name)
        model.load_state_dict({key: torch.from_numpy(a) for key, a in fill(manifest(), name).items()})
        return model.eval()

    return cast(WarpingNetwork, made("warping_module")), cast(SpadeGenerator, made("spade_generator"))


def machine_rate(dtype: torch.dtype) -> float:
    """GFLOP per second of this machine's own large matrix product or convolution, whichever is faster."""
    a = torch.randn(2048, 2048).to(dtype)
    x, weight = torch.randn(1, 512, 64, 64).to(dtype), torch.randn(512, 512, 3, 3).to(dtype)
    layout = torch.channels_last
    x, weight = x.to(memory_format=layout), weight.to(memory_format=layout)
    product = 2 * 2048**3 / _fastest(lambda: a @ a)
    convolution = 2 * x.numel() * 512 * 9 / _fastest(lambda: functional.conv2d(x, weight, padding=1))
    return max(product, convolution) / 1e9


def _fastest(work: Callable[[], Tensor], times: int = 3) -> float:
    found = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return min(found)


def figures(*, rounds: int, threads: int) -> Iterator[Figure]:
    """Count, then measure on the processor, then on a GPU if there is one."""
    torch.set_num_threads(threads)
    before, after = operations()
    for part, count in before.items():
        yield Figure(f"{part}: operations, plain", count, "GFLOP")
        for dtype, fewer in after[part].items():
            yield Figure(f"  rearranged, {NAMES[dtype]}", fewer, "GFLOP")

    warping, generator = networks()
    ways = {"plain": plain(warping, generator)}
    for dtype, name in ((d, NAMES[d]) for d in GATES):
        ways[name] = rearranged(Renderer(warping, generator, dtype=dtype))
    best, rates = _by_turns(ways, rounds)
    for dtype, rate in rates.items():
        yield Figure(f"the machine's own rate, {NAMES[dtype]}, {threads} threads", rate, "GF/s")
    yield from _timed("plain", best["plain"], before, rates[torch.float32])
    for dtype, gate in GATES.items():
        name = NAMES[dtype]
        yield from _timed(name, best[name], {p: after[p][dtype] for p in after}, rates[dtype])
        ratio = _frame(best["plain"]) / _frame(best[name])
        yield Figure(f"W and G: times faster than plain, {name}", ratio, "x", gate)
        ratio = best["plain"][PROCESSOR] / best[name][PROCESSOR]
        yield Figure("  in processor time, which a busy machine changes less", ratio, "x")
    if torch.cuda.is_available():
        yield from on_gpu(warping, generator)
    else:
        print("No GPU here. On a machine with one the same command measures it too.", file=sys.stderr)


def _by_turns(
    ways: dict[str, Networks], rounds: int
) -> tuple[dict[str, dict[str, float]], dict[torch.dtype, float]]:
    """The fastest of several rounds, per way and part, and the machine's rates of the same time."""
    best: dict[str, dict[str, float]] = {name: {} for name in ways}
    rates = dict.fromkeys(GATES, 0.0)
    for _ in range(rounds + 1):  # the first round warms up, and counts if it is fast all the same
        rates = {dtype: max(rate, machine_rate(dtype)) for dtype, rate in rates.items()}
        for name, way in ways.items():
            began = time.process_time()
            gained = seconds(way)
            gained[PROCESSOR] = time.process_time() - began
            for part, took in gained.items():
                best[name][part] = min(took, best[name].get(part, took))
    return best, rates


def _frame(parts: dict[str, float]) -> float:
    return parts["W"] + parts["G"]


def _timed(name: str, took: dict[str, float], count: dict[str, float], rate: float) -> Iterator[Figure]:
    yield Figure(f"W and G, {name}: one frame", _frame(took), "s")
    for part in took:
        if part in count:
            yield Figure(f"  {part}", took[part], "s")
            yield Figure("    rate", count[part] / took[part], "GF/s")
            yield Figure("    share of the machine's own", 100 * count[part] / took[part] / rate, "%")


def on_gpu(warping: WarpingNetwork, generator: SpadeGenerator) -> Iterator[Figure]:
    """Frames per second: the original's way, then batches in 16 bits, without and with torch.compile."""
    warping, generator = warping.cuda(), generator.cuda()
    feature, source, driving = inputs(1, "cuda")
    with torch.inference_mode():
        rate = _frames_per_second(lambda: generator(warping(feature, source, driving).out), 1)
    yield Figure("GPU, plain, float32, one by one", rate, "fps")
    for dtype in (torch.float16, torch.bfloat16):
        renderer = Renderer(warping, generator, device="cuda", dtype=dtype)
        compiled = torch.compile(renderer.render)
        for frames in BATCHES:
            feature, source, driving = inputs(frames, "cuda")
            portrait = renderer.prepare(feature, source)
            for how, render in (("", renderer.render), (", compiled", compiled)):
                torch.cuda.reset_peak_memory_stats()
                rate = _frames_per_second(lambda: render(portrait, driving), frames)  # noqa: B023
                gate = 150.0 if frames == max(BATCHES) and how else None
                yield Figure(f"GPU, {NAMES[dtype]}, batches of {frames}{how}", rate, "fps", gate)
                yield Figure("  peak memory", torch.cuda.max_memory_allocated() / 1e6, "MB")


def _frames_per_second(work: Callable[[], Tensor], frames: int) -> float:
    def finished() -> Tensor:
        result = work()
        torch.cuda.synchronize()
        return result

    finished()  # kernels are chosen and compiled here
    return frames / _fastest(finished, 10)
