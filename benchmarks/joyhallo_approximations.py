"""The part of `benchmarks.joyhallo` about approximations that save time, and what they cost.

Two clips are painted by tiny networks with random weights and compared with the exact ones: 40 steps, all of
them guided and whole, motion frames decoded and encoded. The operations that a way leaves are counted at real
size, 512x512. Networks with random weights render noise: decibels tell how the ways compare, and not what is
seen.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TypeAlias

import numpy as np
import torch

from benchmarks.figures import Figure
from benchmarks.joyhallo_flops import Count, count
from benchmarks.joyhallo_memory import weights_of
from benchmarks.joyhallo_sampling import fast_sampler, painted, random_tokens
from engines.joyhallo.networks.config import MOTION_FRAMES
from engines.joyhallo.options import CLIP, JoyHalloOptions
from engines.joyhallo.pipeline.clip_sampler import Sampling
from engines.joyhallo.pipeline.schedule import Schedule
from engines.joyhallo.weights.catalogue import folder
from engines.joyhallo.weights.model_registry import JoyHalloNetworks
from studio.presets import list_presets

Kinds: TypeAlias = Mapping[tuple[bool, bool], Count]
"""A step's operations by (guided, deep)."""

CLIPS = 2
"""The second clip continues the first."""
SIDE = 64
"""Pixels."""
EXACT = JoyHalloOptions()
DECODE, ENCODE = 2.515, 1.117
"""TFLOP of the image codec for a frame of 512x512."""
MOST_DECIBELS = 100.0
"""Replaces infinity if two results are equal."""


def alone() -> dict[str, JoyHalloOptions]:
    """Every approximation by itself, at several strengths."""
    ways: dict[str, dict[str, object]] = {}
    for share in (0.75, 0.5, 0.25):
        ways[f"guidance on {share:.0%} of the steps"] = {"guidance_share": share}
    for interval in (2, 3):
        ways[f"deep layers in one of {interval} steps"] = {"cache_interval": interval}
    for scheduler in ("ddim", "euler", "dpm-solver++", "unipc"):
        for steps in (20, 15, 8):
            ways[f"{steps} steps of {scheduler}"] = {"scheduler": scheduler, "inference_steps": steps}
    ways["motion latents used again"] = {"reuse_motion": True}
    return {name: JoyHalloOptions(**values) for name, values in ways.items()}


def presets() -> dict[str, JoyHalloOptions]:
    """The presets, the slowest first."""
    found = {f"preset {preset.name}": preset.options for preset in list_presets("joyhallo")}
    chosen = {name: options for name, options in found.items() if isinstance(options, JoyHalloOptions)}
    return dict(sorted(chosen.items(), key=lambda item: -item[1].inference_steps))


def figures(*, threads: int) -> Iterator[Figure]:
    """For each approximation: decibels, and the remaining share of a clip's operations."""
    torch.set_num_threads(threads)
    with weights_of("tiny", None) as (root, _):
        networks = JoyHalloNetworks(torch.device("cpu"), "joyhallo", torch.float32, folder(root))
    exact = paint(networks, sampling_of(EXACT))
    counted = kinds()
    most = operations(sampling_of(EXACT), counted)
    yield Figure("exact: a clip at real size", most, "TFLOP")
    for name, options in (alone() | presets()).items():
        sampling = sampling_of(options)
        yield Figure(name, decibels(paint(networks, sampling), exact), "dB")
        left = 100 * operations(sampling, counted) / most
        yield Figure("  left of a clip's operations at real size", left, "%")


def sampling_of(options: JoyHalloOptions) -> Sampling:
    """The sampling settings in an engine's options."""
    return Sampling(
        Schedule(options.scheduler, options.inference_steps),
        options.cfg_scale,
        options.guidance_share,
        options.cache_interval,
        options.reuse_motion,
    )


def paint(networks: JoyHalloNetworks, sampling: Sampling) -> np.ndarray:
    """The decoded pictures (n, SIDE, SIDE, 3) uint8 of all clips."""
    sampler, heard = fast_sampler(networks, sampling, SIDE), random_tokens(networks)
    clips = [pictures for _ in range(CLIPS) for pictures in painted(sampler, heard)]
    return np.concatenate(clips)


def decibels(frames: np.ndarray, exact: np.ndarray) -> float:
    """Peak signal-to-noise ratio of two videos (uint8)."""
    error = float(np.mean((frames.astype(np.float64) - exact) ** 2))
    return min(MOST_DECIBELS, 10 * math.log10(255**2 / error)) if error else MOST_DECIBELS


def kinds() -> Kinds:
    """Count every kind of step at real size."""
    return {
        (guided, deep): count(True, guided=guided, shallow=not deep)
        for guided in (True, False)
        for deep in (True, False)
    }


def operations(sampling: Sampling, counted: Kinds) -> float:
    """TFLOP of a clip that is not the first, at real size; the portrait's own features are
    computed already.
    """
    steps = [(sampling.guided(step), sampling.deep(step)) for step in range(sampling.schedule.steps)]
    reference, prepared = counted[steps[0]].clip.values()
    again = reference * MOTION_FRAMES / (1 + MOTION_FRAMES)
    codec = CLIP * DECODE + (0 if sampling.reuse_motion else MOTION_FRAMES * ENCODE)
    return sum(counted[step].step for step in steps) + again + prepared + codec
