"""Measures what each fast kernel gains over plain modules and torch.compile: python -m
benchmarks.fast_kernels

float32 on one processor core, with random weights and the layer shapes of the full networks. In each round
the ways take turns, processor time counts, and a figure is the median of the rounds' ratios: a busy machine
changes it little. A file that gains less than 5 % over the plain module misses its threshold. torch.compile
needs a C++ compiler, which an installation of this project does not; without one, the benchmark compares with
the plain module only.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from statistics import median
from typing import NamedTuple

import torch
from torch import Tensor

from benchmarks import fast_kernels_joyhallo, fast_kernels_joyvasa
from benchmarks.fast_kernel import Kernel
from benchmarks.figures import Figure, parser, report

PARTS: dict[str, Callable[[], Iterator[Kernel]]] = {
    "motion": fast_kernels_joyvasa.motion,
    "rendering": fast_kernels_joyvasa.rendering,
    "modules": fast_kernels_joyhallo.modules,
    "unet": fast_kernels_joyhallo.unet,
}
GATE = 1.05
APART = 1e-3
"""Largest allowed difference of the fast result, as a fraction of the plain result's largest number."""
LEAST = 0.1
"""Seconds that a way runs in each round, at least."""


class RoundTimes(NamedTuple):
    """Seconds of each round, by way; `compiled` is empty where torch.compile cannot run."""

    plain: list[float]
    fast: list[float]
    compiled: list[float]


def compiler() -> str | None:
    """The C++ compiler that torch.compile uses here."""
    return next(filter(None, map(shutil.which, (os.environ.get("CXX") or "", "g++", "clang++"))), None)


def figures(
    kernels: Iterable[Kernel], *, rounds: int, compiled: bool, clock: Callable[[], float] = time.process_time
) -> Iterator[Figure]:
    """One kernel after the other, then the gain of each file over all of its kernels together."""
    found = compiler() if compiled else None
    if compiled:
        yield Figure("torch.compile: C++ compilers found here", float(found is not None))
    files: dict[str, list[RoundTimes]] = {}
    for kernel in kernels:
        name = f"{kernel.file}: {kernel.work}"
        with torch.inference_mode():
            apart = difference(kernel.plain(), kernel.fast())
            yield Figure(f"{name}: greatest difference", apart, "", APART, at_least=False)
            took = by_turns(kernel, rounds, compiled=found is not None and kernel.compiles, clock=clock)
        files.setdefault(kernel.file, []).append(took)
        yield Figure(f"{name}: plain", 1000 * median(took.plain), "ms")
        yield Figure(f"{name}: fast", 1000 * median(took.fast), "ms")
        yield Figure(f"{name}: times faster than plain", ratio(took.plain, took.fast), "x")
        if took.compiled:
            yield Figure(f"{name}: than torch.compile", ratio(took.compiled, took.fast), "x")
        del kernel  # before the next one is made, because the networks are large
    for file, every in files.items():
        plain, fast, both = (
            [sum(seconds, 0.0) for seconds in zip(*way, strict=True)] for way in zip(*every, strict=True)
        )
        yield Figure(f"{file}: times faster than plain", ratio(plain, fast), "x", GATE)
        if all(took.compiled for took in every):
            yield Figure(f"{file}: than torch.compile", ratio(both, fast), "x")


def by_turns(kernel: Kernel, rounds: int, *, compiled: bool, clock: Callable[[], float]) -> RoundTimes:
    """Seconds of a run of each way, round by round; every way has run before."""
    ways = {"plain": kernel.plain, "fast": kernel.fast}
    if compiled:
        torch.compiler.reset()  # else it gives up compiling after some functions of one name
        ways["compiled"] = torch.compile(kernel.plain, dynamic=False)
        ways["compiled"]()
    took: dict[str, list[float]] = {name: [] for name in RoundTimes._fields}
    for _ in range(rounds):
        for name, way in ways.items():
            runs, began = 0, clock()
            while runs == 0 or clock() - began < LEAST:
                way()
                runs += 1
            took[name].append((clock() - began) / runs)
    return RoundTimes(**took)


def ratio(slow: list[float], fast: list[float]) -> float:
    """The median over the rounds of the slow way's time divided by the fast way's."""
    return median(one / other for one, other in zip(slow, fast, strict=True))


def difference(plain: Tensor, fast: Tensor) -> float:
    """The largest difference, as a fraction of the plain result's largest number."""
    return float((plain - fast).abs().max() / plain.abs().max())


def main() -> int:
    arguments = parser(__doc__ or "")
    arguments.add_argument("--part", choices=list(PARTS), action="append", help="only this; repeatable")
    arguments.add_argument("--only", help="only kernels whose file or work contains this text")
    arguments.add_argument("--rounds", type=int, default=9, help="rounds to take the median of")
    arguments.add_argument("--threads", type=int, default=1, help="processor cores to use (default 1)")
    arguments.add_argument("--no-compile", action="store_true", help="leave torch.compile out: it takes long")
    chosen = arguments.parse_args()
    torch.set_num_threads(chosen.threads)
    made = chain.from_iterable(PARTS[part]() for part in chosen.part or PARTS)
    kernels = (kernel for kernel in made if (chosen.only or "") in f"{kernel.file}: {kernel.work}")
    return report(figures(kernels, rounds=chosen.rounds, compiled=not chosen.no_compile), as_json=chosen.json)


if __name__ == "__main__":
    sys.exit(main())
