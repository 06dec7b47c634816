"""Sentences as one long strip of mel power with the targets beside it, from which samples are cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import soxr

from engines.preview.features import HOP, SAMPLE_RATE, mel_power
from engines.preview.mouth import FRAME_RATE
from training.visemes.phoneme import Phoneme
from training.visemes.spoken import Spoken
from training.visemes.targets import targets

_COPIES = 2
"""How often each sentence is in the strip, the first time as it was said."""
_TRACT = (-0.12, 0.25)
"""Logarithms of the least and most that the others are played faster: men become women and children."""


@dataclass(frozen=True)
class Strip:
    """Frames, 100 per second."""

    decibels: np.ndarray
    """Mel power of clean speech, (frames, BANDS) float16 in dB."""
    targets: np.ndarray
    """(frames, 7) uint8, 255 for 1."""
    share: float
    """Of the samples, relative to the other strips."""

    @property
    def minutes(self) -> float:
        """How long it is."""
        return len(self.targets) / FRAME_RATE / 60


def strip(sentences: Sequence[Spoken], share: float, rng: np.random.Generator) -> Strip:
    """All sentences one after another, each _COPIES times, with silences between them."""
    pieces = []
    for copy in range(_COPIES):
        for number in rng.permutation(len(sentences)):
            one = sentences[number]
            faster = float(np.exp(rng.uniform(*_TRACT))) if copy else 1.0
            samples = soxr.resample(one.samples, SAMPLE_RATE * faster, SAMPLE_RATE) if copy else one.samples
            phonemes = [Phoneme(name, start / faster, end / faster) for name, start, end in one.phonemes]
            pieces.append(frames_of(*with_silence(rng, samples, phonemes)))
    return Strip(np.concatenate([p[0] for p in pieces]), np.concatenate([p[1] for p in pieces]), share)


def with_silence(
    rng: np.random.Generator, samples: np.ndarray, phonemes: Sequence[Phoneme]
) -> tuple[np.ndarray, list[Phoneme]]:
    """The sentence at a level of -20 dB, a whole number of frames long, with silence around it."""
    level = np.sqrt(np.mean(samples**2)) + 1e-6
    before = HOP * int(rng.integers(5, 120) if rng.random() < 0.7 else 0)
    after = HOP * int(rng.integers(10, 60)) + (-len(samples)) % HOP
    samples = np.concatenate([np.zeros(before), samples * 0.1 / level, np.zeros(after)]).astype(np.float32)
    shift = before / SAMPLE_RATE
    return samples, [Phoneme(name, start + shift, end + shift) for name, start, end in phonemes]


def frames_of(samples: np.ndarray, phonemes: Sequence[Phoneme]) -> tuple[np.ndarray, np.ndarray]:
    """Mel power in dB, (frames, BANDS) float16, and targets, (frames, 7) uint8."""
    decibels = decibels_of(samples)
    return decibels, np.round(255 * targets(phonemes, len(decibels) / FRAME_RATE)).astype(np.uint8)


def decibels_of(samples: np.ndarray) -> np.ndarray:
    """Mel power of a sound, (frames, BANDS) float16 in dB."""
    power = mel_power(samples, 0, len(samples) // HOP)
    return (10.0 * np.log10(power + 1e-10)).astype(np.float16)
