"""Fits the times of stops to the sound: a stop's name covers its closure, what follows is aspiration.

Synthesisers disagree about what a stop is: espeak-ng starts it at the burst and leaves the silent closure
at the end of the phoneme before; flite starts it at the closure and lets it last through the aspiration.
The lips part at the burst, so the burst is looked for in the sound.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from training.visemes.phoneme import Phoneme
from training.visemes.table import ASPIRATION, SILENCE, letters

_STEP = 0.0025
_QUIET_DECIBELS = 24.0
_LONGEST_CLOSURE = 0.13
_SHORTEST_PART = 0.012
_VOICELESS_STOPS = "ptkqʈc"
_STOPS = _VOICELESS_STOPS + "bdɡgɖɢ"


def fit_closures(samples: np.ndarray, rate: int, phonemes: Sequence[Phoneme]) -> list[Phoneme]:
    """The same phonemes with every stop covering its closure, followed by an "h" while it is aspirated.

    samples: (n,) float. Short silences before a stop are taken into it; so is the quiet end of the sound
    before. Names come back as bare IPA letters; silences that stand side by side are joined.
    """
    loudness = _loudness(samples, rate)
    fitted: list[Phoneme] = []
    for phoneme in phonemes:
        name = letters(phoneme.name)
        if not name or name[0] not in _STOPS:
            _append(fitted, Phoneme(name, phoneme.start, phoneme.end))
            continue
        start, burst = _closure(loudness, phoneme, fitted[-1] if fitted else None)
        if fitted:
            fitted[-1] = fitted[-1]._replace(end=min(fitted[-1].end, start))
            if fitted[-1].end - fitted[-1].start < 1e-6:
                fitted.pop()
        if name[0] not in _VOICELESS_STOPS:
            burst = phoneme.end if len(name) == 1 else (phoneme.start + phoneme.end) / 2
        fitted.append(Phoneme(name[0], start, burst))
        rest = name[1:] or ASPIRATION
        if phoneme.end - burst > _SHORTEST_PART / 2:
            fitted.append(Phoneme(rest, burst, phoneme.end))
    return fitted


def _append(phonemes: list[Phoneme], phoneme: Phoneme) -> None:
    if phonemes and phoneme.name == SILENCE == phonemes[-1].name:
        phonemes[-1] = phonemes[-1]._replace(end=phoneme.end)
    else:
        phonemes.append(phoneme)


def _closure(loudness: np.ndarray, stop: Phoneme, before: Phoneme | None) -> tuple[float, float]:
    """Start of the closure and time of the burst, in seconds."""
    earliest = stop.start - _LONGEST_CLOSURE
    if before is not None:
        # Leave the sound before at least its first half; a long pause stays a pause except for its end.
        keep = before.start if before.name == SILENCE else (before.start + before.end) / 2
        earliest = max(earliest, keep)
        if before.name == SILENCE and before.end - before.start > _LONGEST_CLOSURE:
            earliest = max(earliest, stop.start - 0.06)
    else:
        earliest = max(0.0, stop.start - 0.06)
    low = max(0, int(earliest / _STEP))
    at = int(stop.start / _STEP)
    end = max(at + 1, int(stop.end / _STEP))
    surroundings = loudness[max(0, low - 40) : end + 40]
    threshold = (surroundings.max() if len(surroundings) else 0.0) - _QUIET_DECIBELS
    start = at
    while start > low and start - 1 < len(loudness) and loudness[start - 1] < threshold:
        start -= 1
    inside = loudness[at:end]
    if len(inside) < 4 or at - start > 10:
        return start * _STEP, stop.start if at - start > 10 else stop.end
    # The burst: the steepest rise over 10 ms within the stop, if the stop has a quiet part at all.
    rise = inside[4:] - inside[:-4] if len(inside) > 4 else np.zeros(1)
    burst = at + int(np.argmax(rise)) + 3
    if rise.max() < 6.0 or (burst - start) * _STEP < _SHORTEST_PART:
        return start * _STEP, stop.start + 0.6 * (stop.end - stop.start)
    return start * _STEP, min(burst * _STEP, stop.end)


def _loudness(samples: np.ndarray, rate: int) -> np.ndarray:
    """Decibels per _STEP seconds, (n,) float."""
    step = _STEP * rate
    edges = (np.arange(int(len(samples) / step) + 1) * step).astype(int)
    if len(edges) < 2:
        return np.full(1, -90.0)
    energy = np.add.reduceat(np.asarray(samples, np.float64) ** 2, edges[:-1])
    return 10.0 * np.log10(energy / np.diff(edges) + 1e-9)
