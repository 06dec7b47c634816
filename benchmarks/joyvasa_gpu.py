"""The part of `benchmarks.joyvasa` for a GPU: frames per second, memory, and the first frames.

The renderer is compared with the original's way: one frame at a time, float32, each fetched and pasted back
into the portrait on the processor before the next begins.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from benchmarks.figures import Figure
from benchmarks.joyvasa_networks import NAMES, machine_rate, random_weights, rendering_networks
from benchmarks.rendering_parts import operations
from engines.joyvasa.face.paste_back import CropPlacement, PasteBack, place
from engines.joyvasa.face.paste_back_torch import TorchPasteBack
from engines.joyvasa.fast.batches import Batches
from engines.joyvasa.fast.compiled_rendering import CompiledRenderer
from engines.joyvasa.fast.rendering import FrameRenderer
from engines.joyvasa.networks.builders import Size

BATCHES = (1, 8, 16)
DTYPES = (torch.float16, torch.bfloat16)
RATE, FIRST = 150.0, 0.4
"""Frames per second, and seconds from a window's motion to its first frames."""
PICTURE = (720, 1280)
WINDOW = 100


@dataclass(frozen=True, eq=False)
class Pasting:
    """Finishes frames on the GPU, as a job does."""

    paste: TorchPasteBack

    def on_device(self, crops: Tensor) -> Tensor:
        """(n, 3, 512, 512) in 0..1 -> (n, 720, 1280, 3) uint8."""
        return self.paste(crops)

    def on_host(self, pictures: np.ndarray) -> np.ndarray:
        """Does nothing: the frames are finished."""
        return pictures


def figures(*, rounds: int, threads: int) -> Iterator[Figure]:
    """All figures if there is a GPU; else a line that says so, and no figure."""
    if not torch.cuda.is_available():
        command = "python -m benchmarks.joyvasa --part gpu"
        print(f"There is no GPU here. On a machine with one this measures it: {command}", file=sys.stderr)
        return
    torch.set_num_threads(threads)
    yield from measured("cuda", rounds)


def measured(device: str, rounds: int, windows: int = 3, size: Size = "full") -> Iterator[Figure]:
    """The figures, on any device and with networks of any size (which is how they are tested)."""
    warping, generator = (network.to(device) for network in rendering_networks(size))
    feature, source, keypoints = _given(size, windows)
    feature, source = feature.to(device), source.to(device)
    original = _original(warping, generator, feature, source, device)
    rate = best_rate(lambda: original(keypoints[0][:20]), rounds)
    yield Figure("the original's way: frames per second", rate, "fps")
    yield from _peak(device)
    _, counted = operations() if size == "full" else ({}, {})
    for dtype in DTYPES:
        renderer = FrameRenderer(warping, generator, device=device, dtype=dtype)
        own = machine_rate(dtype, device) if size == "full" else None
        compiled = CompiledRenderer(renderer)
        for how, render in (("", renderer), (", compiled", compiled)):
            for frames in BATCHES:
                name = f"{NAMES[dtype]}, batches of {frames}{how}"
                prepared = renderer.prepare(feature, source)
                batches = Batches(render, Pasting(_paste(device)), torch.device(device), frames)
                began = time.perf_counter()
                _used(batches.render(prepared, keypoints[:1]))
                warming = time.perf_counter() - began
                _forget_peak(device)
                rate = best_rate(lambda: _used(batches.render(prepared, keypoints)), rounds)  # noqa: B023
                gated = frames == max(BATCHES) and (dtype, how) == (torch.bfloat16, ", compiled")
                yield Figure(f"{name}: finished pictures", rate, "fps", RATE if gated else None)
                if own:
                    did = rate * sum(counted[part][torch.bfloat16] for part in ("W", "G"))
                    yield Figure("  rate", did / 1e3, "TF/s")
                    yield Figure("  share of the machine's own product", 100 * did / own.product, "%")
                    yield Figure("  share of the machine's own convolution", 100 * did / own.convolution, "%")
                first = min(_first(batches.render(prepared, keypoints[:1])) for _ in range(rounds))
                gate = FIRST if frames == max(BATCHES) else None
                yield Figure("  first frames after the motion", first, "s", gate, at_least=False)
                yield Figure("  the first window, with what is compiled", warming, "s")
                yield from _peak(device)
        for note in compiled.notes:
            print(note, file=sys.stderr)


def _given(size: Size, windows: int) -> tuple[Tensor, Tensor, list[np.ndarray]]:
    """A feature volume, the portrait's keypoints, and those of several windows."""
    draw = torch.Generator().manual_seed(0)
    feature = random_weights("appearance_feature_extractor", size)(torch.rand(1, 3, 256, 256, generator=draw))
    source = 0.3 * torch.randn(1, 21, 3, generator=draw)
    moves = 0.05 * torch.randn(windows, WINDOW, 21, 3, generator=draw)
    return feature, source, [(source + window).numpy() for window in moves]


def _placement() -> CropPlacement:
    """A face of half the picture's height in the middle of a picture 1280x720."""
    height, width = PICTURE
    factor = 512 / (0.8 * height)
    to_crop = np.array(
        [[factor, 0, 256 - factor * width / 2], [0, factor, 256 - factor * height / 2], [0, 0, 1]], np.float32
    )
    return place(np.zeros((height, width, 3), np.uint8), to_crop, 512)


def _paste(device: str) -> TorchPasteBack:
    return TorchPasteBack(_placement(), device)


def _original(
    warping: torch.nn.Module, generator: torch.nn.Module, feature: Tensor, source: Tensor, device: str
) -> Callable[[np.ndarray], int]:
    paste = PasteBack(_placement())

    @torch.inference_mode()
    def run(keypoints: np.ndarray) -> int:
        for one in keypoints:
            driving = torch.from_numpy(one[None]).to(device)
            picture = generator(warping(feature, source, driving).out)
            levels = (picture.clamp(0, 1) * 255).to(torch.uint8)
            paste(levels.permute(0, 2, 3, 1).cpu().numpy())
        return len(keypoints)

    return run


def best_rate(work: Callable[[], int], rounds: int) -> float:
    """Frames per second of the fastest round, which ends with the last picture on the host."""
    rates = []
    work()
    for _ in range(rounds):
        began = time.perf_counter()
        frames = work()
        rates.append(frames / (time.perf_counter() - began))
    return max(rates)


def _used(pictures: Iterator[object]) -> int:
    return sum(len(batch) for batch in pictures)  # type: ignore[arg-type, misc]


def _first(pictures: Iterator[object]) -> float:
    began = time.perf_counter()
    next(pictures)
    took = time.perf_counter() - began
    for _ in pictures:  # pending work must not disturb the next measurement
        pass
    return took


def _forget_peak(device: str) -> None:
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()


def _peak(device: str) -> Iterator[Figure]:
    if device == "cuda":
        yield Figure("  peak memory of the GPU", torch.cuda.max_memory_allocated() / 1e6, "MB")
