"""Measures how a mouth follows voices with timed sounds: closures, false closures, teeth, lips and opening.

Which sounds belong to which class, and how far each opens the lips, is defined in `media.spoken_sounds`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from engines.preview.mouth import CHANNELS, FRAME_RATE
from media.spoken_sounds import (
    BILABIAL,
    KIND,
    KINDS,
    LABIODENTAL,
    RUNNING,
    SHORTEST,
    SHORTEST_CLOSURE,
    TONGUE,
    VOWELS,
    TimedSound,
    single,
    smooth_opening,
)
from training.visemes.phoneme import Phoneme

_PAIRS = {
    "rounding": ("uoʊwɔyʉøœɥ", "iɪeɛaɑæɐʌɨ"),
    "spreading": ("iɪej", "aɑuoʊwɔʌyə"),
    "opening": ("aɑæɐʌ", "iɪɨuʊyʉ"),
    "tongue": ("tdnszlɫɾθð", "aɑæɐʌɒeɛiɪɨəoɔuʊyøœkɡŋxw"),
}
"""Sounds that a channel has to tell apart, those in which it is high first."""
_AROUND = 2
"""Frames to either side of a p, b, m in which its closure may come."""
_CLOSED = 0.5
_LARGEST_LAG = 15
_JAW, _CLOSURE, _ROUNDING, _SPREADING, _TEETH, _VOICE, _TONGUE = range(len(CHANNELS))


class RunningSpeech:
    """Collects curves with their sounds, then gives the figures of all of them."""

    def __init__(self) -> None:
        self._hits: list[bool] = []
        self._false: dict[str, list[bool]] = defaultdict(list)
        self._teeth: list[bool] = []
        self._shut: tuple[list[float], list[float]] = [], []  # highest closure in p b m; in tongue sounds
        self._apart: dict[str, tuple[list[float], list[float]]] = {kind: ([], []) for kind in _PAIRS}
        self._given: list[np.ndarray] = []
        self._wanted: list[np.ndarray] = []
        self._resting: list[np.ndarray] = []

    def add(self, curves: np.ndarray, phonemes: Sequence[Phoneme]) -> None:
        """curves: (frames, 7) at FRAME_RATE, of one recording; phonemes: its sounds, in order, in seconds."""
        sounds = list(single(phonemes))
        opening = curves[:, _JAW] * (1.0 - curves[:, _CLOSURE])
        self._given.append(opening)
        self._wanted.append(smooth_opening(sounds, len(curves)))
        silent = _silent(sounds, len(curves))
        self._resting.append((curves[silent, _CLOSURE] > _CLOSED) & (opening[silent] < 0.1))
        for number, (name, start, end) in enumerate(sounds):
            around = [sounds[i] for i in (number - 1, number + 1) if 0 <= i < len(sounds)]
            running = len(around) == 2 and max(start - around[0].end, around[1].start - end) < RUNNING
            first, last = int(start * FRAME_RATE), int(np.ceil(end * FRAME_RATE))
            if name in BILABIAL:
                if running and end - start >= SHORTEST_CLOSURE:
                    near = curves[max(0, first - _AROUND) : last + _AROUND, _CLOSURE]
                    self._shut[0].append(float(near.max(initial=0.0)))
                    self._hits.append(self._shut[0][-1] > _CLOSED)
                continue
            if end - start < SHORTEST:
                continue
            if name in LABIODENTAL:
                self._teeth.append(bool(curves[first:last, _TEETH].max(initial=0.0) > _CLOSED))
            fifth = 0.2 * (end - start)
            middle = slice(int((start + fifth) * FRAME_RATE), int(np.ceil((end - fifth) * FRAME_RATE)))
            if running and len(curves[middle]):
                self._middle(name, curves[middle], opening[middle], {sound.name for sound in around})

    def _middle(self, name: str, curves: np.ndarray, opening: np.ndarray, around: set[str]) -> None:
        """Count the middle 60 % of a sound in running speech."""
        closed = float(curves[:, _CLOSURE].max())
        kind = KIND.get(name)
        if kind is not None and not around & BILABIAL:
            self._false[kind].append(closed > _CLOSED)
            if kind in TONGUE:
                self._shut[1].append(closed)
        channels = {
            "rounding": curves[:, _ROUNDING],
            "spreading": curves[:, _SPREADING],
            "opening": opening,
            "tongue": curves[:, _TONGUE],
        }
        for channel, curve in channels.items():
            for side, letters in enumerate(_PAIRS[channel]):
                if name in letters:
                    self._apart[channel][side].append(float(curve.mean()))

    def figures(self) -> dict[str, float]:
        """Shares, correlations, areas under the curve; NaN if there are too few sounds. lag_ms: late."""
        given, wanted = np.concatenate(self._given), np.concatenate(self._wanted)
        lags = np.arange(-_LARGEST_LAG, _LARGEST_LAG + 1)
        inner = slice(_LARGEST_LAG, len(given) - _LARGEST_LAG)
        moved = [_correlation(np.roll(given, -lag)[inner], wanted[inner]) for lag in lags]
        false = {kind: _share(self._false[kind]) for kind in KINDS}
        return {
            "bilabials": float(len(self._hits)),
            "closed at p b m": _share(self._hits),
            "AUC closure": area(*self._shut),
            "false closure, tongue": _share([f for kind in TONGUE for f in self._false[kind]]),
            **{f"false closure, {kind}": share for kind, share in false.items()},
            "false closure, vowels": _share([f for kind in VOWELS for f in self._false[kind]]),
            "false closure, tongue, at 90 % recall": _false_at(*self._shut),
            "f v: lip at teeth": _share(self._teeth),
            **{f"AUC {kind}": area(*sides) for kind, sides in self._apart.items()},
            "correlation of opening": float(moved[_LARGEST_LAG]),
            "lag_ms": float(1000 / FRAME_RATE * lags[int(np.argmax(moved))]),
            "silence closed": _share(np.concatenate(self._resting)),
            "minutes": len(given) / FRAME_RATE / 60,
        }


def _silent(sounds: Sequence[TimedSound], frames: int) -> np.ndarray:
    """Frames without a sound in the last 200 ms and the next 100 ms."""
    time = (np.arange(frames) + 0.5) / FRAME_RATE
    silent = np.ones(frames, bool)
    for _, start, end in sounds:
        silent &= (time < start - 0.1) | (time > end + 0.2)
    return silent


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Pearson's r; 0 for a mouth that does not move."""
    return float(np.corrcoef(a, b)[0, 1]) if a.std() > 0 and b.std() > 0 else 0.0


def _share(values: Sequence[bool] | np.ndarray) -> float:
    return float(np.mean(values)) if len(values) >= 5 else float("nan")


def area(high: Sequence[float], low: Sequence[float]) -> float:
    """Area under the curve of recall against false alarms: how often one of `high` exceeds one of `low`."""
    if min(len(high), len(low)) < 5:
        return float("nan")
    ordered = np.sort(low)
    below = np.searchsorted(ordered, high, "left") + np.searchsorted(ordered, high, "right")
    return float(below.mean() / 2 / len(low))  # one that is equal counts half


def _false_at(closed: Sequence[float], open_: Sequence[float], recall: float = 0.9) -> float:
    """Share of tongue sounds that count as closed at the threshold that finds `recall` of p, b, m."""
    if len(closed) < 15 or not open_:
        return float("nan")
    return float(np.mean(np.array(open_) >= np.quantile(closed, 1.0 - recall)))
