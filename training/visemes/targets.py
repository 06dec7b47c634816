"""Phonemes with times to the curves that the network learns: coarticulation by dominance functions.

After Cohen and Massaro (1993): every sound pulls the jaw and the lips towards its own shape with a weight
that falls off before and after it, and the curve is the weighted mean. Contacts (lips pressed, lip on
teeth) are not blended but hold for the whole of their sound, because a closure that is blended with its
neighbours is not a closure.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engines.preview.mouth import CHANNELS, FRAME_RATE
from training.visemes.phoneme import Phoneme
from training.visemes.table import BILABIAL, LABIODENTAL, SHAPES, TONGUE_TIP, letters

_JAW_REACH, _LIPS_REACH = 0.040, 0.065
_REST_WEIGHT = 0.02
_CONTACT_RAMP = 0.035
_PAUSE = 0.06
"""A gap shorter than this is part of the articulation, not a pause."""
_CLOSING_FROM, _CLOSING_UNTIL = 0.05, 0.15
"""Seconds after the voice stops in which the lips come together."""
_OPENING = 0.06
"""Seconds before the voice starts in which the lips part."""
_DIPHTHONG = 0.55


def targets(phonemes: Sequence[Phoneme], seconds: float | None = None) -> np.ndarray:
    """Curves of the channels, (frames, 7) float32, 0..1, at FRAME_RATE per second.

    phonemes: in order, names in IPA, times in seconds, closures already fitted to the sound
    (`training.visemes.timing`). Frame t is about the moment (t + 0.5) / FRAME_RATE. `seconds` is the
    length of the sound; default: the end of the last phoneme.
    """
    end = max((phoneme.end for phoneme in phonemes), default=0.0)
    seconds = end if seconds is None else seconds
    frames = max(1, round(seconds * FRAME_RATE))
    time = (np.arange(frames) + 0.5) / FRAME_RATE
    sounds = _single_sounds(phonemes)
    curves = np.zeros((frames, len(CHANNELS)), np.float32)
    if sounds:
        curves[:, (0, 2, 3)] = _dominated(sounds, time)
    curves[:, 4] = _contacts(sounds, LABIODENTAL, time)
    rest, voice = _pauses(sounds, time, seconds)
    curves[:, (0, 2, 3)] *= (1.0 - rest)[:, None]
    curves[:, 1] = np.maximum(rest, _contacts(sounds, BILABIAL, time))
    curves[:, 5] = voice
    curves[:, 6] = _contacts(sounds, TONGUE_TIP, time)
    return curves


def _single_sounds(phonemes: Sequence[Phoneme]) -> list[Phoneme]:
    """One entry per sound that has a shape: diphthongs and affricates are taken apart, silence dropped."""
    sounds = []
    for name, start, end in phonemes:
        parts = letters(name)
        edges = np.linspace(start, end, len(parts) + 1)
        if len(parts) == 2:
            edges[1] = start + _DIPHTHONG * (end - start)
        sounds += [Phoneme(part, edges[i], edges[i + 1]) for i, part in enumerate(parts)]
    return sounds


def _dominated(sounds: Sequence[Phoneme], time: np.ndarray) -> np.ndarray:
    """Jaw, rounding and spreading as weighted means, (frames, 3)."""
    shapes = np.array([SHAPES[sound.name] for sound in sounds])
    start = np.array([sound.start for sound in sounds])
    end = np.array([sound.end for sound in sounds])
    # The pull is full in the middle half of the sound and falls off from there.
    outside = np.abs(time[:, None] - (start + end) / 2) - (end - start) / 4
    outside = np.maximum(outside, 0.0)
    jaw = shapes[:, 3] * np.exp(-outside / _JAW_REACH)
    lips = shapes[:, 4] * np.exp(-outside / _LIPS_REACH)
    return np.stack(
        [
            (jaw @ shapes[:, 0]) / (jaw.sum(axis=1) + _REST_WEIGHT),
            (lips @ shapes[:, 1]) / (lips.sum(axis=1) + _REST_WEIGHT),
            (lips @ shapes[:, 2]) / (lips.sum(axis=1) + _REST_WEIGHT),
        ],
        axis=1,
    )


def _contacts(sounds: Sequence[Phoneme], kind: frozenset[str], time: np.ndarray) -> np.ndarray:
    """1 while a sound of `kind` lasts, with short ramps that lie half inside and half outside of it."""
    curve = np.zeros(len(time))
    for sound in sounds:
        if sound.name in kind:
            inside = np.minimum(time - sound.start, sound.end - time)
            np.maximum(curve, np.clip(inside / _CONTACT_RAMP + 0.6, 0.0, 1.0), out=curve)
    return curve


def _pauses(sounds: Sequence[Phoneme], time: np.ndarray, seconds: float) -> tuple[np.ndarray, np.ndarray]:
    """How far the lips rest closed, and whether someone speaks: two curves 0..1.

    The rule looks back, so that it can be followed while the sound arrives: the lips close from 50 to
    150 ms after the voice stopped, however long the pause will be, and part 60 ms before it continues.
    """
    rest, voice = np.zeros(len(time)), np.ones(len(time))
    edges = [0.0, *(edge for sound in sounds for edge in (sound.start, sound.end)), max(seconds, time[-1])]
    for i in range(0, len(edges), 2):
        start, end = edges[i], edges[i + 1]
        if end - start < _PAUSE and sounds:
            continue
        since = time - start if i > 0 else np.full(len(time), np.inf)
        until = end - time if i < len(edges) - 2 else np.full(len(time), np.inf)
        closing = np.clip((since - _CLOSING_FROM) / (_CLOSING_UNTIL - _CLOSING_FROM), 0.0, 1.0)
        opening = np.clip(until / _OPENING, 0.0, 1.0)
        # Lips that are pressed before or after the pause stay together.
        if i > 0 and sounds[i // 2 - 1].name in BILABIAL:
            closing = np.ones(len(time))
        if i < len(edges) - 2 and sounds[i // 2].name in BILABIAL:
            opening = np.ones(len(time))
        inside = (since >= 0) & (until >= 0)
        np.maximum(rest, np.where(inside, closing * opening, 0.0), out=rest)
        silent = np.clip(np.minimum(since / 0.04, until / 0.04), 0.0, 1.0)
        np.minimum(voice, np.where(inside, 1.0 - silent, 1.0), out=voice)
    return rest, voice
