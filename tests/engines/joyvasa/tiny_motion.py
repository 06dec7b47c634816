"""A motion generator with narrow layers and random weights, and a voice for it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import torch

from engines.joyvasa.networks.builders import config_of, constants, network
from engines.joyvasa.networks.motion_generator import MotionGenerator, MotionGeneratorConfig
from engines.weights.synthesis import fill_network


@cache
def _state(name: str) -> dict[str, np.ndarray]:
    config = config_of(name, "tiny")
    return fill_network(network(name, config), keep=constants(name, config))


def tiny_state(model: str = "hubert") -> dict[str, torch.Tensor]:
    """A checkpoint's tensors; a new dict, the tensors are shared."""
    return {key: torch.from_numpy(value) for key, value in _state(f"motion_generator_{model}").items()}


def generator_with(state: Mapping[str, torch.Tensor], config: MotionGeneratorConfig) -> MotionGenerator:
    """A generator that uses a checkpoint's tensors without copying any, in eval mode."""
    with torch.device("meta"):
        generator = MotionGenerator(config)
    generator.load_state_dict(dict(state), assign=True)
    return generator.eval().requires_grad_(False)


def tiny_generator(model: str = "hubert") -> MotionGenerator:
    """In eval mode on the CPU."""
    config = MotionGeneratorConfig(**config_of(f"motion_generator_{model}", "tiny"))
    return generator_with(tiny_state(model), config)


def voice(samples: int, seed: int = 0) -> np.ndarray:
    """(samples,) float32: noise that swells and fades."""
    noise = np.random.default_rng(seed).standard_normal(samples)
    swell = 0.2 * np.abs(np.sin(np.arange(samples) / 16000 * 9))
    return (noise * swell).astype(np.float32)
