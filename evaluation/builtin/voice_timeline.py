"""Finds the loudness of a video's sound frame by frame, and the stretches of speech."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from evaluation.video_file import SOUND_RATE

HOP = 80
"""Samples per step of the loudness curve: 5 ms."""
STEPS = SOUND_RATE // HOP

FLOOR_DB = -40.0  # sound that is quieter than the loudest voice by this much counts as silence
ABOVE_NOISE_DB = 10.0  # ... and so does sound that is hardly louder than the recording's own noise
SHORTEST_PAUSE = 0.25  # seconds; a shorter one is a closure inside a word
SHORTEST_SOUND = 0.04  # seconds; a shorter one is a click


def loudness_steps(blocks: Iterable[np.ndarray]) -> np.ndarray:
    """(steps,) float64 mean square of every 5 ms of sound that comes in pieces of 16 kHz."""
    left = np.zeros(0, np.float32)
    parts: list[np.ndarray] = []
    for block in blocks:
        joined = np.concatenate([left, block])
        whole = len(joined) // HOP * HOP
        parts.append(np.square(joined[:whole].reshape(-1, HOP), dtype=np.float64).mean(axis=1))
        left = joined[whole:]
    return np.concatenate(parts) if parts else np.zeros(0)


def level_of_frames(power: np.ndarray, frames: int, fps: float) -> np.ndarray:
    """(frames,) loudness from 0 (40 dB below the loudest, or less) to 1, of each frame's interval.

    power: (steps,) as `loudness_steps` gives it; frames beyond its end are silent.
    """
    edges = np.round(np.arange(frames + 1) / fps * STEPS).astype(int)
    total = np.concatenate([[0.0], np.cumsum(power)])
    edges = np.minimum(edges, len(power))
    length = np.maximum(np.diff(edges), 1)
    mean = np.diff(total[edges]) / length
    return np.asarray(np.clip(1 - _decibels(mean, _loud(mean)) / FLOOR_DB, 0.0, 1.0))


def speech_stretches(power: np.ndarray) -> list[tuple[float, float]]:
    """(start, end) in seconds of every stretch of voice without a pause of a quarter of a second."""
    if not len(power) or not power.max() > 0:
        return []
    smooth = np.convolve(power, np.ones(4) / 4, "same")
    level = _decibels(smooth, _loud(smooth))
    noise = float(np.percentile(level, 5))
    runs = _runs(level > min(max(FLOOR_DB, noise + ABOVE_NOISE_DB), -10.0))
    joined: list[tuple[int, int]] = []
    for start, end in (run for run in runs if run[1] - run[0] >= SHORTEST_SOUND * STEPS):
        if joined and start - joined[-1][1] < SHORTEST_PAUSE * STEPS:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return [(start / STEPS, end / STEPS) for start, end in joined]


def _loud(power: np.ndarray) -> float:
    return float(np.percentile(power, 98)) if len(power) else 0.0


def _decibels(power: np.ndarray, loud: float) -> np.ndarray:
    return np.asarray(10 * np.log10(np.maximum(power, 1e-12) / max(loud, 1e-12)))


def _runs(flags: np.ndarray) -> Sequence[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
