"""Spoken sounds and their times: which close the lips, which must not, and how far each opens them.

The classes and the openings are separate from the tables that the mouth network is trained with, so that
scores do not change when those are tuned.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np


class TimedSound(NamedTuple):
    """name: in IPA. start, end: in seconds."""

    name: str
    start: float
    end: float


Timed = Iterable[tuple[str, float, float]]
"""Sounds in order, as (name in IPA, start, end)."""

FRAME_RATE = 100
"""Steps per second on which a target of the opening is smoothed."""
BILABIAL, LABIODENTAL = frozenset("pbm"), frozenset("fvʋ")
KINDS = {
    "k g ng": "kɡgŋxχɣqc", "n": "nɲɳ", "t d": "tdʈɖɟ", "s z": "sz", "sh": "ʃʒʂʐɕʑ", "l r": "lɫɭʎɹrʁɾɻʀ",
    "h": "hɦ", "a": "aɑæɐʌɒ", "e i": "eɛiɪɨɘjɯɤ", "schwa": "əɜɚɝɵ", "o u w": "oɔuʊʉwɥyøœʏ", "f v": "fvʋɱθð",
}  # fmt: skip
TONGUE, VOWELS = ("k g ng", "n", "t d", "s z", "sh", "l r"), ("a", "e i", "schwa", "o u w")
KIND = {letter: kind for kind, letters in KINDS.items() for letter in letters}
_SIDE = {**dict.fromkeys(TONGUE, "tongue"), **dict.fromkeys(VOWELS, "vowels")}
OPENING = {
    **dict.fromkeys("aɑæɐʌɒ", 0.9), **dict.fromkeys("ɛɔœ", 0.6), **dict.fromkeys("eoøəɜɚɤɵ", 0.42),
    **dict.fromkeys("iɪɨyʏuʊʉɯjwɥ", 0.24), **dict.fromkeys("pbm", 0.0), **dict.fromkeys("fvʋszʃʒʂʐɕʑ", 0.12),
    **dict.fromkeys("tdnɲ", 0.18), **dict.fromkeys("lɫrɹɾɻʁθð", 0.24), **dict.fromkeys("kɡgŋxχɣhɦʔq", 0.3),
}  # fmt: skip
_ELSE = 0.25
"""The opening of a letter that has no value of its own."""
RUNNING = 0.12
"""Largest distance in seconds to its neighbours for a sound in running speech."""
SHORTEST_CLOSURE, SHORTEST = 0.02, 0.04
_FIRST_HALF = 0.55
"""Fraction of a diphthong for its first vowel."""


def single(sounds: Timed) -> Iterator[TimedSound]:
    """Diphthongs and affricates split, aspiration and unknown characters dropped."""
    for name, start, end in sounds:
        known = "".join(letter for letter in name if letter in OPENING or letter in KIND)
        if len(known) > 1 and known[-1] in "hɦ":
            known = known[:-1]
        edges = np.linspace(start, end, len(known) + 1)
        if len(known) == 2:
            edges[1] = start + _FIRST_HALF * (end - start)
        for number, letter in enumerate(known):
            yield TimedSound(letter, float(edges[number]), float(edges[number + 1]))


def running(sounds: Timed) -> Iterator[tuple[str, float, float]]:
    """Sounds in running speech as ("p b m", "tongue" or "vowels", start, end), none next to a p, b or m."""
    apart = list(single(sounds))
    for before, (name, start, end), after in zip(apart, apart[1:], apart[2:], strict=False):
        if max(start - before.end, after.start - end) >= RUNNING:
            continue
        kind = "p b m" if name in BILABIAL else _SIDE.get(KIND.get(name, ""))
        shortest = SHORTEST_CLOSURE if kind == "p b m" else SHORTEST
        if kind and end - start >= shortest and (kind == "p b m" or not {before.name, after.name} & BILABIAL):
            yield kind, start, end


def smooth_opening(sounds: Iterable[TimedSound], frames: int) -> np.ndarray:
    """The opening of each single sound, smoothed over 90 ms: (frames,) at FRAME_RATE, 0..1."""
    steps = np.zeros(frames)
    for name, start, end in sounds:
        first = round(start * FRAME_RATE)
        steps[first : max(round(end * FRAME_RATE), first + 1)] = OPENING.get(name, _ELSE)
    kernel = np.hanning(11)[1:-1]
    return np.convolve(steps, kernel / kernel.sum(), "same")


def opening_of(sounds: Timed, frames: int, rate: float) -> np.ndarray:
    """The reference opening for scores, (frames,) at `rate` per second, 0..1."""
    fine = smooth_opening(single(sounds), int(np.ceil(frames * FRAME_RATE / rate)))
    edges = np.round(np.arange(frames + 1) * FRAME_RATE / rate).astype(int)
    return np.array([fine[a : max(b, a + 1)].mean() for a, b in pairwise(edges)])
