"""The parts of W and G, plain and rearranged, and how many operations and seconds each takes."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils.flop_counter import FlopCounterMode

from engines.joyvasa.fast.fourier_convolution import FourierConv3d
from engines.joyvasa.fast.rendering import FrameRenderer
from engines.joyvasa.networks.spade import SpadeGenerator
from engines.joyvasa.networks.warping import WarpingNetwork

Parts = dict[str, list[nn.Module]]
Run = Callable[[], Tensor]


@dataclass(frozen=True, eq=False)
class Networks:
    """One way to render: its parts, and a run from keypoints to one frame."""

    parts: Parts
    run: Run


def inputs(frames: int = 1, device: str = "cpu") -> tuple[Tensor, Tensor, Tensor]:
    """A feature volume, a portrait's keypoints, driving keypoints."""
    generator = torch.Generator().manual_seed(0)
    feature = torch.randn(1, 32, 16, 64, 64, generator=generator)
    source = 0.3 * torch.randn(1, 21, 3, generator=generator)
    driving = source + 0.05 * torch.randn(frames, 21, 3, generator=generator)
    return feature.to(device), source.to(device), driving.to(device)


def plain(warping: WarpingNetwork, generator: SpadeGenerator) -> Networks:
    """The arithmetic of the original, one frame at a time."""
    dense, given = warping.dense_motion_network, inputs()
    hourglass = dense.hourglass
    parts: Parts = {
        "W": [warping],
        "W: hourglass": [hourglass],
        "W: mask": [dense.mask],
        "G": [generator],
        "G: six middle blocks": list(generator.middle),
        "G: up_0": [generator.up_0],
        "G: up_1": [generator.up_1],
        "G: up_1, label branches": [generator.up_1.norm_0, generator.up_1.norm_1, generator.up_1.norm_s],
    }
    return Networks(parts, lambda: generator(warping(*given).out))


def rearranged(renderer: FrameRenderer) -> Networks:
    """The renderer, one frame at a time; the portrait is prepared."""
    warping, generator = renderer.warping, renderer.generator
    feature, source, driving = inputs()
    portrait = renderer.prepare(feature, source)
    last = generator.blocks[-1]
    parts: Parts = {
        "W": [warping],
        "W: hourglass": [*warping.down, *warping.up, warping.last],
        "W: mask": [warping.mask],
        "G": [generator],
        "G: six middle blocks": list(generator.blocks[:-2]),
        "G: up_0": [generator.blocks[-2]],
        "G: up_1": [last],
        "G: up_1, convolutions": [last.conv_0, last.conv_1, last.conv_s],
    }
    return Networks(parts, lambda: renderer.render(portrait, driving))


@contextmanager
def measured(parts: Parts, gauge: Callable[[], float]) -> Iterator[dict[str, float]]:
    """The increase of a growing gauge in each part while the block runs."""
    gained = dict.fromkeys(parts, 0.0)
    began: dict[nn.Module, float] = {}

    def before(module: nn.Module, inputs: Sequence[object]) -> None:
        began[module] = gauge()

    handles = []
    for name, modules in parts.items():

        def after(module: nn.Module, inputs: Sequence[object], output: object, name: str = name) -> None:
            gained[name] += gauge() - began[module]

        for module in modules:
            handles += [module.register_forward_pre_hook(before), module.register_forward_hook(after)]
    try:
        yield gained
    finally:
        for handle in handles:
            handle.remove()


def seconds(networks: Networks) -> dict[str, float]:
    """One frame: seconds per part."""
    with torch.inference_mode(), measured(networks.parts, time.perf_counter) as gained:
        networks.run()
    return gained


def operations() -> tuple[dict[str, float], dict[str, dict[torch.dtype, float]]]:
    """One frame: GFLOP per part, plain and by dtype of the renderer; counted without computing anything.

    A multiplication and an addition are two. Convolutions, matrix products and Fourier transforms count.
    """
    # The renderer folds constants as it is built, which the public meta device has no numbers for.
    with FakeTensorMode():
        before = _counted(plain(WarpingNetwork().eval(), SpadeGenerator().eval()))
        by_dtype = {
            dtype: _counted(rearranged(FrameRenderer(WarpingNetwork(), SpadeGenerator(), dtype=dtype)))
            for dtype in (torch.float32, torch.bfloat16)
        }
    for counted in by_dtype.values():
        counted["G: up_1, label branches"] = counted["G: up_1"] - counted["G: up_1, convolutions"]
    return before, {part: {dtype: counted[part] for dtype, counted in by_dtype.items()} for part in before}


def _counted(networks: Networks) -> dict[str, float]:
    fourier = 0.0
    handles = []
    with FlopCounterMode(display=False) as counter:

        def add(module: nn.Module, inputs: tuple[Tensor], output: Tensor) -> None:
            nonlocal fourier
            fourier += _not_counted(module, inputs[0])

        for part in networks.parts["W: mask"]:
            if isinstance(part, FourierConv3d):
                handles.append(part.register_forward_hook(add))
        with torch.no_grad(), measured(networks.parts, lambda: counter.get_total_flops() + fourier) as gained:
            networks.run()
    for handle in handles:
        handle.remove()
    return {name: value / 1e9 for name, value in gained.items()}


def _not_counted(conv: FourierConv3d, x: Tensor) -> float:
    """Operations that the counter misses: transforms, and three quarters of a complex product's."""
    tiles = len(x) * math.prod(-(-side // conv.new) for side in x.shape[-2:])
    frequencies, channels, outputs = conv.spectrum.shape
    points = math.prod(conv.size)
    transforms = tiles * (channels + outputs) * 2.5 * points * math.log2(points)
    return transforms + 6 * tiles * frequencies * channels * outputs
