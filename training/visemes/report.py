"""Held-out figures: how well the shipped inference follows the targets of held-out voices."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np

from engines.preview.features import SAMPLE_RATE
from engines.preview.mouth import CHANNELS, FRAME_RATE, VoiceToMouth
from training.visemes.background import background
from training.visemes.phoneme import Phoneme
from training.visemes.synthesis import Manner, synthesise
from training.visemes.table import BILABIAL, OPEN_VOWELS, SILENCE
from training.visemes.targets import targets
from training.visemes.voices import HeldOut, held_out

_LONG = 0.06
"""Seconds that a p, b, m or vowel has to last to be counted."""
_SPEEDS = (1.0, 0.8)
_TONGUE = frozenset("tdnkɡglszʃŋɕʂ")
_SETTLED = 0.2
_EDGE = 0.1
_LARGEST_LAG = 15


def report(
    mouth: VoiceToMouth, groups: Sequence[str], *, noise_distance: float | None = None
) -> dict[str, dict[str, float]]:
    """Figures per group of held-out sentences (see `training.visemes.voices.held_out`).

    noise_distance: decibels from the voice down to a noise or music under it; None for a clean line.
    """
    return {group: _figures(mouth, held_out(group), noise_distance) for group in groups}


def padded(entry: HeldOut, *, speed: float = 1.0, silence: float = 0.5) -> tuple[np.ndarray, list[Phoneme]]:
    """A held-out sentence at 16 kHz with `silence` seconds before and after it, level about -20 dB."""
    samples, rate, phonemes = synthesise(entry.text, entry.voice, Manner(speed=speed))
    edge = np.zeros(int(silence * rate), np.float32)
    level = float(np.sqrt(np.mean(samples**2))) + 1e-6
    moved = [Phoneme(name, start + silence, end + silence) for name, start, end in phonemes]
    return np.concatenate([edge, samples * (0.1 / level), edge]).astype(np.float32), moved


def silent_frames(phonemes: Sequence[Phoneme], count: int) -> np.ndarray:
    """Which of `count` network frames are silent: no sound in the last 200 ms and the next 100 ms."""
    time = (np.arange(count) + 0.5) / FRAME_RATE
    silent = np.ones(count, bool)
    for name, start, end in phonemes:
        if name != SILENCE:
            silent &= (time < start - _EDGE) | (time > end + _SETTLED)
    return silent


def _figures(
    mouth: VoiceToMouth, entries: Sequence[HeldOut], noise_distance: float | None
) -> dict[str, float]:
    given: list[np.ndarray] = []
    wanted: list[np.ndarray] = []
    silences: list[np.ndarray] = []
    closures: list[bool] = []
    vowels: list[bool] = []
    others: list[bool] = []
    for number, (entry, speed) in enumerate(product(entries, _SPEEDS)):
        samples, phonemes = padded(entry, speed=speed)
        if noise_distance is not None:
            under = background(np.random.default_rng(number), len(samples) / SAMPLE_RATE + 0.01)
            samples = samples + under[: len(samples)] * np.float32(10.0 ** (-noise_distance / 20.0))
        wanted.append(targets(phonemes, len(samples) / SAMPLE_RATE))
        given.append(mouth.curves(samples, 0, len(wanted[-1])))
        silences.append(silent_frames(phonemes, len(wanted[-1])))
        for name, start, end in phonemes:
            if end - start < _LONG:
                continue
            during = given[-1][int(start * FRAME_RATE) : int(end * FRAME_RATE), 1]
            if name in BILABIAL:
                closures.append(bool(during.max() > 0.5))
            elif name in OPEN_VOWELS:
                third = len(during) // 3
                vowels.append(bool(during[third : len(during) - third].max() > 0.5))
            elif name and name in _TONGUE:
                others.append(bool(during.max() > 0.5))
    y, t, silent = np.concatenate(given), np.concatenate(wanted), np.concatenate(silences)
    opening, wanted_opening = y[:, 0] * (1 - y[:, 1]), t[:, 0] * (1 - t[:, 1])
    figures = {f"correlation_{name}": _correlation(y[:, i], t[:, i]) for i, name in enumerate(CHANNELS)}
    return figures | {
        "correlation_opening": _correlation(opening, wanted_opening),
        "closure_recall": float(np.mean(closures)),
        "closures": float(len(closures)),
        "false_closures_in_open_vowels": float(np.mean(vowels)),
        "false_closures_in_tongue_sounds": float(np.mean(others)),
        "silence_closed": float(np.mean((y[silent, 1] > 0.5) & (opening[silent] < 0.1))),
        "voice_accuracy": float(np.mean((y[:, 5] > 0.5) == (t[:, 5] > 0.5))),
        "lag_ms": _lag(opening, wanted_opening) * 1000.0 / FRAME_RATE,
    }


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a, b)[0, 1])


def _lag(given: np.ndarray, wanted: np.ndarray) -> int:
    """Frames by which `given` is late, at the best correlation."""
    n, reach = len(given), _LARGEST_LAG
    centre = wanted[reach : n - reach]
    scores = [_correlation(given[reach + lag : n - reach + lag], centre) for lag in range(-reach, reach + 1)]
    return int(np.argmax(scores)) - reach


def table(figures: dict[str, dict[str, float]]) -> str:
    """The figures as lines of text, one figure a line, one column a group."""
    groups = list(figures)
    lines = [f"{'':32}" + "".join(f"{group:>18}" for group in groups)]
    for name in figures[groups[0]]:
        lines.append(f"{name:32}" + "".join(f"{figures[group][name]:18.3f}" for group in groups))
    return "\n".join(lines)
