"""The tensors of the checkpoints that are computed, not learned: position codes, schedule, index tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engines.weights.manifest import Network, Row


def constants(network: Network) -> dict[str, np.ndarray]:
    """The values of every row with the rule `keep`, in the shapes of the manifest."""
    return {row.name: _constant(row, network.config) for row in network.rows if row.rule == "keep"}


def sinusoid(length: int, channels: int) -> np.ndarray:
    """Position codes (length, channels) float32: sine in even columns, cosine in odd ones."""
    rate = np.exp(np.arange(0, channels, 2) * (-np.log(10000.0) / channels))
    angle = np.arange(length)[:, None] * rate
    return np.stack([np.sin(angle), np.cos(angle)], -1).reshape(length, channels).astype(np.float32)


def cosine_schedule(steps: int) -> dict[str, np.ndarray]:
    """betas, alphas, alpha_bars, sigmas_flex and sigmas_inflex, each (steps + 1,) float32.

    The offset 0.008 is added after the division by `steps`, as the published model was trained.
    """
    offset = 0.008
    level = np.cos((np.arange(steps + 1) / steps + offset) / (1 + offset) * np.pi / 2) ** 2
    betas = np.concatenate([[0.0], np.clip(1 - level[1:] / level[:-1], 1e-4, 0.999)])
    alpha_bars = np.exp(np.cumsum(np.log(1 - betas)))
    inflexible = np.zeros(steps + 1)
    inflexible[1:] = np.sqrt((1 - alpha_bars[:-1]) / (1 - alpha_bars[1:]) * betas[1:])
    values = {
        "betas": betas,
        "alphas": 1 - betas,
        "alpha_bars": alpha_bars,
        "sigmas_flex": np.sqrt(betas),
        "sigmas_inflex": inflexible,
    }
    return {name: value.astype(np.float32) for name, value in values.items()}


def window_index(side: int) -> np.ndarray:
    """The entry of a relative position table for each pair of a window's cells, (side^2, side^2) int64."""
    row, column = np.divmod(np.arange(side * side), side)
    down = row[:, None] - row + side - 1
    right = column[:, None] - column + side - 1
    return down * (2 * side - 1) + right


def _constant(row: Row, config: Mapping[str, Any]) -> np.ndarray:
    last = row.name.rpartition(".")[2]
    if last == "pe":
        return sinusoid(row.shape[1], row.shape[2])[None]
    if last == "alignment_mask":
        return ~np.eye(row.shape[0], dtype=bool)
    if last == "relative_position_index":
        return window_index(round(row.shape[0] ** 0.5))
    if config["diff_schedule"] != "cosine":
        raise ValueError(f"There is no made-up value for a {config['diff_schedule']} schedule.")
    return cosine_schedule(row.shape[0] - 1)[last]
