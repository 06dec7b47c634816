"""The benchmark of the fast kernels: both ways of each agree, and figures are the medians of the rounds."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

import pytest
import torch

from benchmarks import fast_kernels, fast_kernels_joyhallo, fast_kernels_joyvasa
from benchmarks.fast_kernel import Kernel
from benchmarks.fast_kernels import difference, figures


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@torch.inference_mode()
def test_both_ways_of_every_kernel_give_the_same() -> None:
    joyvasa, joyhallo = fast_kernels_joyvasa, fast_kernels_joyhallo
    made = chain(
        joyvasa.motion("tiny"),
        joyvasa.rendering("tiny", side=32),
        joyhallo.modules("tiny"),
        joyhallo.unet("tiny"),
    )
    files = set()
    for kernel in made:
        assert difference(kernel.plain(), kernel.fast()) < 1e-3, kernel.work
        files.add(kernel.file.split("/")[-1])
    assert {"winograd_convolution.py", "fourier_convolution.py", "fast_denoiser.py", "fast_unet.py"} <= files


class Clock:
    """Advances by the seconds of each measured function."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def way(self, *seconds: float):
        left = iter(seconds)

        def run() -> torch.Tensor:
            self.now += next(left)
            return torch.ones(1)

        return run


def measured(clock: Clock, kernels: list[Kernel], rounds: int) -> dict[str, fast_kernels.Figure]:
    return {f.name: f for f in figures(kernels, rounds=rounds, compiled=False, clock=clock)}


def test_a_figure_is_the_median_of_the_rounds_ratios() -> None:
    clock = Clock()
    kernel = Kernel("a.py", "layer", clock.way(0, 3, 8, 4), clock.way(0, 2, 2, 2))  # the first warms up
    found = measured(clock, [kernel], 3)
    assert found["a.py: layer: times faster than plain"].value == pytest.approx(2)
    assert found["a.py: times faster than plain"].ok


def test_a_file_that_gains_less_than_five_percent_is_reported() -> None:
    clock = Clock()
    quick = Kernel("a.py", "one", clock.way(0, 1.2), clock.way(0, 1))
    slow = Kernel("a.py", "other", clock.way(0, 2), clock.way(0, 2.1))
    found = measured(clock, [quick, slow], 1)
    assert found["a.py: times faster than plain"].value == pytest.approx(3.2 / 3.1)
    assert not found["a.py: times faster than plain"].ok


def test_without_a_compiler_the_plain_module_is_compared_with_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast_kernels.shutil, "which", lambda name: None)
    clock = Clock()
    kernel = Kernel("a.py", "layer", clock.way(0, 2), clock.way(0, 1))
    found = list(figures([kernel], rounds=1, compiled=True, clock=clock))
    assert (found[0].name, found[0].value) == ("torch.compile: C++ compilers found here", 0)
    assert not any("than torch.compile" in figure.name for figure in found[1:])
