"""Sentences of a voice one after another, with pauses, as a recording of about a minute."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from engines.preview.features import SAMPLE_RATE
from training.visemes.phoneme import Phoneme
from training.visemes.spoken import Spoken

_EDGE, _EDGE_JOINED = 0.12, 0.015
"""Seconds kept before the first and after the last sound."""
_PAUSE = (0.35, 0.7)
_LENGTH = 60.0
_BEFORE = 0.5
_LEVEL, _FLOOR = 0.1, 1e-4
_RAMP = 80


def strips(
    sentences: Sequence[Spoken], seconds: float, rng: np.random.Generator, *, join: int = 1
) -> Iterator[tuple[np.ndarray, list[Phoneme]]]:
    """Recordings of (n,) float32 at 16 kHz with their sounds, until there are `seconds` of them.

    join: how many sentences follow one another without a pause, for voices that say single syllables.
    """
    total = 0.0
    pieces, phonemes, now = _begun()
    for number, which in enumerate(rng.permutation(len(sentences))):
        sound, sounds = _cut(sentences[which], _EDGE if join == 1 else _EDGE_JOINED)
        if not len(sound):
            continue
        phonemes += [Phoneme(name, now + start, now + end) for name, start, end in sounds]
        pieces.append(sound)
        now += len(sound) / SAMPLE_RATE
        if (number + 1) % join == 0:
            pause = int(rng.uniform(*_PAUSE) * SAMPLE_RATE)
            pieces.append(np.zeros(pause, np.float32))
            now += pause / SAMPLE_RATE
        if now > min(_LENGTH, seconds - total):
            yield _over_a_floor(pieces, rng), phonemes
            total += now
            if total >= seconds:
                return
            pieces, phonemes, now = _begun()
    if phonemes:
        yield _over_a_floor(pieces, rng), phonemes


def _begun() -> tuple[list[np.ndarray], list[Phoneme], float]:
    return [np.zeros(round(_BEFORE * SAMPLE_RATE), np.float32)], [], _BEFORE


def _cut(sentence: Spoken, edge: float) -> tuple[np.ndarray, list[Phoneme]]:
    """A sentence from just before its first to just after its last sound, at a level of -20 dB."""
    spoken = [phoneme for phoneme in sentence.phonemes if phoneme.name]
    if not spoken:
        return np.zeros(0, np.float32), []
    first = max(0, int((spoken[0].start - edge) * SAMPLE_RATE))
    last = min(len(sentence.samples), int((spoken[-1].end + edge) * SAMPLE_RATE))
    sound = sentence.samples[first:last]
    sound = sound * np.float32(_LEVEL / (np.sqrt(np.mean(sound**2)) + 1e-9))
    ramp = np.linspace(0.0, 1.0, min(_RAMP, len(sound) // 4), dtype=np.float32)
    sound[: len(ramp)] *= ramp
    sound[len(sound) - len(ramp) :] *= ramp[::-1]
    shift = first / SAMPLE_RATE
    return sound, [Phoneme(name, start - shift, end - shift) for name, start, end in spoken]


def _over_a_floor(pieces: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """The pieces and half a second after them, over the noise that every recording has."""
    sound = np.concatenate([*pieces, np.zeros(round(_BEFORE * SAMPLE_RATE), np.float32)])
    return (sound + _FLOOR * rng.standard_normal(len(sound))).astype(np.float32)
