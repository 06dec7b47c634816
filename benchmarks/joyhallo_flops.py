"""How many operations a denoising step of JoyHallo takes, by part: python -m benchmarks.joyhallo_flops

Counted by torch's flop counter on networks without memory, so that nothing is computed and no weights are
needed. A multiplication and an addition are two operations. Real size: 512x512 pictures, clips of 16 frames.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.figures import Figure, parser, report
from engines.joyhallo.fast.fast_unet import FastDenoisingUNet
from engines.joyhallo.networks.config import MOTION_FRAMES, AudioBlock, UNetConfig
from engines.joyhallo.networks.denoising_unet import DenoisingUNet
from engines.joyhallo.networks.reference_unet import ReferenceUNet
from engines.joyhallo.pipeline.conditions import ClipConditions, banks_of

FRAMES = 16
SIDE = 64
"""Of the latent of a 512x512 picture."""
FACE_TOKENS, AUDIO_TOKENS = 4, 32
AIM = 46.0
"""TFLOP of a guided step that the fast path may take; the original takes 52.8."""
PARTS = ("spatial transformers", "audio modules", "motion modules", "resnets", "samplers", "rest")
KINDS = dict(zip(("attentions", "audio_modules", "motion_modules", "resnets"), PARTS, strict=False))
TERA = 1e12


@dataclass(frozen=True)
class Count:
    """TFLOP of one way to take a step.

    parts: of a step, by the names in PARTS. clip: once per clip: the reference pass, and what the fast path
    prepares.
    """

    parts: dict[str, float]
    clip: dict[str, float]

    @property
    def step(self) -> float:
        """All parts of a step together."""
        return sum(self.parts.values())


def count(
    fast: bool,
    *,
    guided: bool = True,
    audio: AudioBlock = "joyhallo",
    config: UNetConfig | None = None,
    frames: int = FRAMES,
    side: int = SIDE,
    shallow: bool = False,
) -> Count:
    """Count a step and what a clip needs besides, for the plain path or the fast one.

    shallow: a step of the fast path that takes the deep feature of an earlier one.
    """
    sizes = config or UNetConfig.full()
    with torch.device("meta"), torch.no_grad(), FlopCounterMode(display=False) as counter:

        def spent() -> float:
            return counter.get_total_flops() / TERA

        conditions = _conditions(sizes, guided, frames, side)
        clip = {"reference pass": spent()}
        unet = DenoisingUNet(sizes, audio)
        latents = torch.empty(1, sizes.in_channels, frames, side, side)
        if not fast:
            parts = _by_part(spent, lambda seen: unet(latents, 0, conditions, seen))
        else:
            arranged = FastDenoisingUNet(unet)
            began = spent()
            memory = arranged.prepare(conditions)
            clip["prepared by the fast path"] = spent() - began
            rows = len(conditions.face_tokens) * frames
            deep = torch.empty(rows, sizes.channels[1], side, side) if shallow else None
            parts = _by_part(spent, lambda seen: arranged(latents, 0, memory, deep, seen))
    return Count(parts, clip)


def _conditions(sizes: UNetConfig, guided: bool, frames: int, side: int) -> ClipConditions:
    rows = 2 if guided else 1
    latents = torch.empty(rows * (1 + MOTION_FRAMES), sizes.in_channels, side, side)
    faces = torch.empty(rows, FACE_TOKENS, sizes.text_dim)
    return ClipConditions(
        guided=guided,
        banks=banks_of(ReferenceUNet(sizes), latents, faces),
        face_tokens=faces,
        audio_tokens=torch.empty(rows, frames, AUDIO_TOKENS, sizes.audio_dim),
        locator=torch.empty(rows, sizes.channels[0], 1, side, side),
        masks=tuple(torch.empty(3, 1, (side >> level) ** 2) for level in range(4)),
    )


def _by_part(
    spent: Callable[[], float], step: Callable[[Callable[[str, Tensor], None]], object]
) -> dict[str, float]:
    """What was spent between one observation and the next belongs to the part that the next one names."""
    parts = dict.fromkeys(PARTS, 0.0)
    before = spent()

    def seen(name: str, result: Tensor) -> None:
        nonlocal before
        parts[_part(name)] += spent() - before
        before = spent()

    step(seen)
    seen("conv_out", torch.empty(0))
    return parts


def _part(name: str) -> str:
    for word in name.split("."):
        if word in KINDS:
            return KINDS[word]
    # all that a block still does after its last layer
    return "samplers" if name.partition(".")[0] in ("down_blocks", "up_blocks") else "rest"


def figures() -> Iterator[Figure]:
    """The table: each part plain and fast, sums, and what a clip takes once."""
    plain, fast = count(False), count(True)
    for part in PARTS:
        yield Figure(f"plain step, {part}", plain.parts[part], "TFLOP")
        yield Figure(f"fast step, {part}", fast.parts[part], "TFLOP")
    yield Figure("plain step", plain.step, "TFLOP")
    yield Figure("fast step", fast.step, "TFLOP", AIM, at_least=False)
    yield Figure("plain step without guidance", count(False, guided=False).step, "TFLOP")
    yield Figure("fast step without guidance", count(True, guided=False).step, "TFLOP")
    yield Figure("fast step with cached deep features", count(True, shallow=True).step, "TFLOP")
    yield Figure("plain step of Hallo", count(False, audio="hallo").step, "TFLOP")
    yield Figure("fast step of Hallo", count(True, audio="hallo").step, "TFLOP")
    for name, value in fast.clip.items():
        yield Figure(f"per clip, {name}", value, "TFLOP")


def main() -> int:
    chosen = parser(__doc__ or "").parse_args()
    return report(figures(), as_json=chosen.json)


if __name__ == "__main__":
    sys.exit(main())
