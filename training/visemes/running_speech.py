"""How a mouth follows voices whose sounds are timed: closures, false closures, teeth, lips and opening.

The classes and the target of the opening are written down here once more, apart from the tables that the
network is trained with, so that the figures do not move when those are tuned.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import numpy as np

from engines.preview.mouth import CHANNELS, FRAME_RATE
from training.visemes.phoneme import Phoneme

BILABIAL, LABIODENTAL = frozenset("pbm"), frozenset("fvʋ")
KINDS = {
    "k g ng": "kɡgŋxχɣqc", "n": "nɲɳ", "t d": "tdʈɖɟ", "s z": "sz", "sh": "ʃʒʂʐɕʑ", "l r": "lɫɭʎɹrʁɾɻʀ",
    "h": "hɦ", "a": "aɑæɐʌɒ", "e i": "eɛiɪɨɘjɯɤ", "schwa": "əɜɚɝɵ", "o u w": "oɔuʊʉwɥyøœʏ", "f v": "fvʋɱθð",
}  # fmt: skip
TONGUE, VOWELS = ("k g ng", "n", "t d", "s z", "sh", "l r"), ("a", "e i", "schwa", "o u w")
_SIDE = {**dict.fromkeys(TONGUE, "tongue"), **dict.fromkeys(VOWELS, "vowels")}
_KIND = {letter: kind for kind, letters in KINDS.items() for letter in letters}
_OPENING = {
    **dict.fromkeys("aɑæɐʌɒ", 0.9), **dict.fromkeys("ɛɔœ", 0.6), **dict.fromkeys("eoøəɜɚɤɵ", 0.42),
    **dict.fromkeys("iɪɨyʏuʊʉɯjwɥ", 0.24), **dict.fromkeys("pbm", 0.0), **dict.fromkeys("fvʋszʃʒʂʐɕʑ", 0.12),
    **dict.fromkeys("tdnɲ", 0.18), **dict.fromkeys("lɫrɹɾɻʁθð", 0.24), **dict.fromkeys("kɡgŋxχɣhɦʔq", 0.3),
}  # fmt: skip
_PAIRS = {
    "rounding": ("uoʊwɔyʉøœɥ", "iɪeɛaɑæɐʌɨ"),
    "spreading": ("iɪej", "aɑuoʊwɔʌyə"),
    "opening": ("aɑæɐʌ", "iɪɨuʊyʉ"),
}
"""Sounds that a channel has to tell apart, those in which it is high first."""
_RUNNING = 0.12
"""Seconds to the neighbours up to which a sound stands in running speech."""
_SHORTEST_CLOSURE, _SHORTEST = 0.02, 0.04
_AROUND = 2
"""Frames to either side of a p, b, m in which its closure may come."""
_CLOSED = 0.5
_LARGEST_LAG = 15
_JAW, _CLOSURE, _ROUNDING, _SPREADING, _TEETH, _VOICE = range(len(CHANNELS))


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
        """curves: (frames, 6) at FRAME_RATE, of one recording; phonemes: its sounds, in order, in seconds."""
        sounds = list(_single(phonemes))
        opening = curves[:, _JAW] * (1.0 - curves[:, _CLOSURE])
        self._given.append(opening)
        self._wanted.append(_target(sounds, len(curves)))
        silent = _silent(sounds, len(curves))
        self._resting.append((curves[silent, _CLOSURE] > _CLOSED) & (opening[silent] < 0.1))
        for number, (name, start, end) in enumerate(sounds):
            around = [sounds[i] for i in (number - 1, number + 1) if 0 <= i < len(sounds)]
            running = len(around) == 2 and max(start - around[0].end, around[1].start - end) < _RUNNING
            first, last = int(start * FRAME_RATE), int(np.ceil(end * FRAME_RATE))
            if name in BILABIAL:
                if running and end - start >= _SHORTEST_CLOSURE:
                    near = curves[max(0, first - _AROUND) : last + _AROUND, _CLOSURE]
                    self._shut[0].append(float(near.max(initial=0.0)))
                    self._hits.append(self._shut[0][-1] > _CLOSED)
                continue
            if end - start < _SHORTEST:
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
        kind = _KIND.get(name)
        if kind is not None and not around & BILABIAL:
            self._false[kind].append(closed > _CLOSED)
            if kind in TONGUE:
                self._shut[1].append(closed)
        channels = {"rounding": curves[:, _ROUNDING], "spreading": curves[:, _SPREADING], "opening": opening}
        for channel, curve in channels.items():
            for side, letters in enumerate(_PAIRS[channel]):
                if name in letters:
                    self._apart[channel][side].append(float(curve.mean()))

    def figures(self) -> dict[str, float]:
        """Shares, correlations, areas under the curve; NaN where too few sounds were heard. lag_ms: late."""
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


def opening_of(phonemes: Sequence[Phoneme], frames: int, rate: int) -> np.ndarray:
    """The opening that the figures compare with, (frames,) at `rate` per second, 0..1."""
    fine = _target(list(_single(phonemes)), int(np.ceil(frames * FRAME_RATE / rate)))
    edges = np.round(np.arange(frames + 1) * FRAME_RATE / rate).astype(int)
    return np.array([fine[a : max(b, a + 1)].mean() for a, b in pairwise(edges)])


def running(phonemes: Sequence[Phoneme]) -> Iterator[tuple[str, float, float]]:
    """Sounds in running speech as ("p b m", "tongue" or "vowels", start, end), none beside a p, b, m."""
    sounds = list(_single(phonemes))
    for before, (name, start, end), after in zip(sounds, sounds[1:], sounds[2:], strict=False):
        if max(start - before.end, after.start - end) >= _RUNNING:
            continue
        kind = "p b m" if name in BILABIAL else _SIDE.get(_KIND.get(name, ""))
        shortest = _SHORTEST_CLOSURE if kind == "p b m" else _SHORTEST
        if kind and end - start >= shortest and (kind == "p b m" or not {before.name, after.name} & BILABIAL):
            yield kind, start, end


def _single(phonemes: Iterable[Phoneme]) -> Iterable[Phoneme]:
    """Diphthongs and affricates taken apart, aspiration and unknown signs dropped."""
    for name, start, end in phonemes:
        known = "".join(letter for letter in name if letter in _OPENING or letter in _KIND)
        if len(known) > 1 and known[-1] in "hɦ":
            known = known[:-1]
        edges = np.linspace(start, end, len(known) + 1)
        if len(known) == 2:
            edges[1] = start + 0.55 * (end - start)
        for number, letter in enumerate(known):
            yield Phoneme(letter, float(edges[number]), float(edges[number + 1]))


def _target(sounds: Sequence[Phoneme], frames: int) -> np.ndarray:
    """The opening of each sound, smoothed over 90 ms."""
    steps = np.zeros(frames)
    for name, start, end in sounds:
        first = round(start * FRAME_RATE)
        steps[first : max(round(end * FRAME_RATE), first + 1)] = _OPENING.get(name, 0.25)
    kernel = np.hanning(11)[1:-1]
    return np.convolve(steps, kernel / kernel.sum(), "same")


def _silent(sounds: Sequence[Phoneme], frames: int) -> np.ndarray:
    """Frames without a sound since 200 ms and for the next 100 ms."""
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
    """Share of tongue sounds that a threshold takes for closed which finds `recall` of p, b, m."""
    if len(closed) < 15 or not open_:
        return float("nan")
    return float(np.mean(np.array(open_) >= np.quantile(closed, 1.0 - recall)))
