"""The part of `benchmarks.joyhallo` for a GPU: seconds per clip of 16 frames at 512x512, and its memory.

The fast path, unaccelerated and accelerated in both ways, is compared with the original's: its arithmetic in
its order, frames decoded one by one. A clip ends when its frames are on the host. Weights are random.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch

from benchmarks.figures import Figure
from benchmarks.joyhallo_flops import count
from benchmarks.joyhallo_memory import weights_of
from benchmarks.joyhallo_sampling import fast_sampler, painted, plain_sampler, random_tokens
from benchmarks.joyvasa_networks import NAMES, fastest
from engines.joyhallo.fast.acceleration import Accelerated, Acceleration
from engines.joyhallo.networks.builders import Size
from engines.joyhallo.pipeline.clip_sampler import ClipSampler, Sampling
from engines.joyhallo.pipeline.schedule import Schedule
from engines.joyhallo.weights import catalogue as weights
from engines.joyhallo.weights.checkpoints import load_part, open_net
from engines.joyhallo.weights.model_registry import JoyHalloNetworks
from engines.weights.catalogue import WeightFolder

SIDE = 512
DTYPES = (torch.float16, torch.bfloat16)
STEPS = {40: 5.0, 15: 2.0}
"""Steps of a clip, and the seconds that it may take on an H100."""
TIMES_PLAIN = 3.0
MEMORY, OFFLOADED = 9.5, 6.0
"""GiB at most."""
HOWS: dict[Acceleration, str] = {"off": "as it is", "graphs": "graphs", "compiled": "compiled"}
PRODUCT = 8192
"""Side of the matrices whose product is the GPU's own rate."""
GIB = 2**30


def figures(*, rounds: int, threads: int, root: Path | None = None) -> Iterator[Figure]:
    """All figures if there is a GPU; else a line that says so, and no figure.

    root: of existing weights; without it, a full set of random weights is generated.
    """
    if not torch.cuda.is_available():
        command = "python -m benchmarks.joyhallo --part gpu"
        print(f"There is no GPU here. On a machine with one this measures it: {command}", file=sys.stderr)
        return
    torch.set_num_threads(threads)
    with weights_of("full", root) as (home, _):
        yield from measured("cuda", rounds, weights.folder(home))


def measured(
    device: str, rounds: int, folder: WeightFolder, size: Size = "full", side: int = SIDE
) -> Iterator[Figure]:
    """The figures, on any device and with networks of any size (which is how they are tested)."""
    step = count(fast=True).step if size == "full" else 0.0
    for dtype in DTYPES:
        networks = JoyHalloNetworks(torch.device(device), "joyhallo", dtype, folder)
        yield from _memory(networks, side)
        rate = product_rate(dtype, device)
        yield Figure(f"{NAMES[dtype]}: the machine's own matrix product", rate, "TF/s")
        net = open_net(folder.require(weights.JOYHALLO_NET, "joyhallo"))
        plain = load_part(net, "denoising_unet", device, dtype)
        for steps, aim in STEPS.items():
            sampling = Sampling(Schedule(steps=steps))
            name = f"{NAMES[dtype]}, {steps} steps"
            sampler = plain_sampler(networks, plain, sampling, side)
            clip(sampler, networks)
            original = best(sampler, networks, rounds)
            yield Figure(f"{name}: a clip, the original's way", original, "s")
            took: list[float] = []
            for how, said in HOWS.items():
                sampler = fast_sampler(networks, sampling, side, how)
                began = time.perf_counter()
                clip(sampler, networks)
                first = time.perf_counter() - began
                _forget_peak(device)
                took.append(best(sampler, networks, rounds))
                yield Figure(f"{name}: a clip, {said}", took[-1], "s")
                yield Figure("  the first clip, with what is recorded or compiled", first, "s")
                if step:
                    done = step * steps / took[-1]
                    yield Figure("  rate of the steps", done, "TF/s")
                    yield Figure("  share of the machine's own product", 100 * done / rate, "%")
                _say_trouble(networks, how)
            yield Figure(f"{name}: a clip, the fastest way", min(took), "s", aim, at_least=False)
            yield Figure("  times faster than the original's", original / min(took), "x", TIMES_PLAIN)
        del plain, networks, sampler
        _empty(device)


def _memory(networks: JoyHalloNetworks, side: int) -> Iterator[Figure]:
    """Peaks of two clips without and with offloading, before anything else is on the GPU."""
    device = networks.device.type
    # Finally without offload, which moves everything back to the GPU.
    for offload, most in ((True, OFFLOADED), (False, MEMORY)):
        if offload:
            networks.make_room()
        _forget_peak(device)
        sampler = fast_sampler(networks, Sampling(Schedule(steps=2)), side, offload=offload)
        began = time.perf_counter()
        for _ in range(2):
            clip(sampler, networks)
        seconds = time.perf_counter() - began
        name = f"{NAMES[networks.dtype]}, {'with' if offload else 'without'} offload"
        yield Figure(f"{name}: two clips of 2 steps", seconds, "s")
        if device == "cuda":
            peak = torch.cuda.max_memory_allocated() / GIB
            yield Figure("  peak memory of the GPU", peak, "GiB", most, at_least=False)
            taken = torch.cuda.max_memory_reserved() / GIB
            yield Figure("  with what torch keeps in reserve", taken, "GiB")


def clip(sampler: ClipSampler, networks: JoyHalloNetworks) -> None:
    """The next clip, up to its last picture on the host."""
    for _ in painted(sampler, random_tokens(networks)):
        pass


def best(sampler: ClipSampler, networks: JoyHalloNetworks, rounds: int) -> float:
    """Seconds of the fastest of several clips."""
    return fastest(lambda: clip(sampler, networks), rounds, networks.device.type)


def product_rate(dtype: torch.dtype, device: str) -> float:
    """TFLOP per second of a large matrix product."""
    side = PRODUCT
    a, b = (torch.randn(side, side, device=device).to(dtype) for _ in range(2))
    work: Callable[[], object] = lambda: a @ b  # noqa: E731
    work()
    return 2 * side**3 / fastest(work, 5, device) / 1e12


def _say_trouble(networks: JoyHalloNetworks, how: Acceleration) -> None:
    step = networks.step(how)
    if isinstance(step, Accelerated) and step.trouble:
        print(step.trouble, file=sys.stderr)


def _forget_peak(device: str) -> None:
    if device == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()


def _empty(device: str) -> None:
    if device == "cuda":
        torch.cuda.empty_cache()
