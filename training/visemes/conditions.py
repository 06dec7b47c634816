"""A voice by telephone, over noise and over music: fixed conditions for measurements."""

from __future__ import annotations

from typing import Literal

import numpy as np

from engines.preview.features import SAMPLE_RATE

Condition = Literal["clean", "telephone", "noise", "music"]
CONDITIONS: tuple[Condition, ...] = ("clean", "telephone", "noise", "music")

DISTANCE = 10.0
"""Decibels from the voice down to noise or music."""
_MU = 255.0
_CHORDS = (0, 3, 5, 7, 8)
_NOTES = (1.0, 1.26, 1.5, 2.0, 3.0)
_BEAT, _HELD = 0.6, 1.2


def heard(samples: np.ndarray, condition: Condition, rng: np.random.Generator) -> np.ndarray:
    """A clean voice at 16 kHz as (n,) float32 under a condition.

    telephone: 300 to 3400 Hz in the 8 bits of mu-law (ITU-T G.711). noise: pink noise DISTANCE below the loud
    parts of the voice; music: chords that fade, as far below it.
    """
    if condition == "clean":
        return samples
    if condition == "telephone":
        return _telephone(samples)
    under = _pink(rng, len(samples)) if condition == "noise" else _chords(rng, len(samples))
    loud = samples[np.abs(samples) > 0.1 * np.abs(samples).max()]
    gain = _level(loud) / _level(under) * 10.0 ** (-DISTANCE / 20.0)
    return (samples + gain * under).astype(np.float32)


def _level(sound: np.ndarray) -> float:
    return float(np.sqrt(np.mean(sound**2))) + 1e-9


def _telephone(samples: np.ndarray) -> np.ndarray:
    frequency = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)
    low = 1.0 / (1.0 + (250.0 / np.maximum(frequency, 1.0)) ** 8)
    high = 1.0 / (1.0 + (frequency / 3400.0) ** 16)
    line = np.fft.irfft(np.fft.rfft(samples) * low * high, len(samples))
    line *= 0.7 / (np.abs(line).max() + 1e-9)
    code = np.round(127 * np.sign(line) * np.log1p(_MU * np.abs(line)) / np.log1p(_MU)) / 127
    return (np.sign(code) * np.expm1(np.abs(code) * np.log1p(_MU)) / _MU).astype(np.float32)


def _pink(rng: np.random.Generator, count: int) -> np.ndarray:
    frequency = np.maximum(np.fft.rfftfreq(count, 1 / SAMPLE_RATE), 40.0)
    return np.fft.irfft(np.fft.rfft(rng.standard_normal(count)) / np.sqrt(frequency), count)


def _chords(rng: np.random.Generator, count: int) -> np.ndarray:
    sound = np.zeros(count)
    step, held = round(_BEAT * SAMPLE_RATE), round(_HELD * SAMPLE_RATE)
    for start in range(0, count, step):
        time = np.arange(min(held, count - start)) / SAMPLE_RATE
        root = 110.0 * 2.0 ** (rng.choice(_CHORDS) / 12.0)
        tones = [np.sin(2 * np.pi * root * note * k * time) / k for note in _NOTES for k in range(1, 5)]
        sound[start : start + len(time)] += np.exp(-3.0 * time) * np.sum(tones, axis=0)
    return sound
