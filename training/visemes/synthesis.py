"""One interface to all synthesisers: text and a voice in, sound and fitted phonemes out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import soxr

from engines.preview.features import SAMPLE_RATE
from training.visemes import festival, flite
from training.visemes.espeak import espeak
from training.visemes.phoneme import Phoneme
from training.visemes.timing import fit_closures


class Manner(NamedTuple):
    """How a sentence is spoken."""

    speed: float = 1.0
    """Relative to the voice's usual rate."""
    pitch: float = 1.0
    """Relative to the voice's usual pitch."""
    tract: float = 1.0
    """Formants are moved up by this factor, as by a shorter vocal tract; rate and pitch stay."""


PLAIN = Manner()


def synthesise(text: str, voice: str, manner: Manner = PLAIN) -> tuple[np.ndarray, int, list[Phoneme]]:
    """Speak `text` with a voice such as "espeak:en-us+f2", "espeak:cmn-latn-pinyin" or "flite:slt".

    Returns (n,) float32 samples at 16 kHz in -1..1, the rate 16000, and the phonemes in bare IPA letters
    with times in seconds, stops fitted to their closures. Raises ValueError for an unknown voice, OSError
    when the synthesiser is not installed.
    """
    engine, _, name = voice.partition(":")
    # Played faster by `tract`, formants, pitch and rate all rise; the last two are asked for lower.
    if engine == "espeak":
        library = espeak()
        samples, phonemes = library.say(
            text,
            name,
            words_per_minute=round(np.clip(165 * manner.speed / manner.tract, 80, 450)),
            pitch=round(np.clip(50 + 60 * np.log2(manner.pitch / manner.tract), 0, 99)),
        )
        return _finished(samples, library.rate, phonemes, manner)
    if engine == "flite":
        return _finished(*flite.say(text, name, stretch=manner.tract / manner.speed), manner)
    raise ValueError(f"unknown synthesiser {engine!r} in voice {voice!r}; use espeak: or flite:")


def synthesise_with_festival(
    texts: Sequence[str], voice: str, manner: Manner = PLAIN
) -> list[tuple[np.ndarray, int, list[Phoneme]]]:
    """As `synthesise`, for many sentences of one of festival's voices at once; pitch follows the tract."""
    spoken = festival.say_many(texts, voice, stretch=manner.tract / manner.speed)
    return [_finished(*one, manner) for one in spoken]


def _finished(
    samples: np.ndarray, rate: int, phonemes: list[Phoneme], manner: Manner
) -> tuple[np.ndarray, int, list[Phoneme]]:
    phonemes = fit_closures(samples, rate, phonemes)
    if manner.tract != 1.0:
        phonemes = [Phoneme(n, start / manner.tract, end / manner.tract) for n, start, end in phonemes]
    sound = soxr.resample(samples, rate * manner.tract, SAMPLE_RATE) if len(samples) else samples
    return sound.astype(np.float32), SAMPLE_RATE, phonemes
