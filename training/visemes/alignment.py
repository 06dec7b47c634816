"""Finds when each sound of a recording begins and ends, with models that are trained on the recordings
themselves.

All recordings of a voice are aligned together. If rough times are known (a neural voice's own), the models
start from them. Their offset is measured first: the one at which the labels explain the sound best.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from engines.preview.features import SAMPLE_RATE, mel_filters
from training.visemes.hmm import PAUSE, STATES, Graph, Mixtures, best_path, graph
from training.visemes.phoneme import Phoneme
from training.visemes.table import VOWELS, letters

STEP = 0.005
"""Seconds between two frames of the aligner."""
_HOP, _WINDOW, _FFT = round(STEP * SAMPLE_RATE), 400, 512
_MIDDLE = _WINDOW / 2 / SAMPLE_RATE
_COEFFICIENTS = 13
_SCHEDULE = (1, 1, 1, 1, 2, 2, 4, 4)
"""Gaussians per state, round by round."""
_TAUGHT_BY = 360_000
"""Frames that train the models (30 minutes); further frames are only aligned."""
_VOWEL_LENGTH = 2.5
_OFFSETS = np.arange(-0.12, 0.0601, 0.005)


class Utterance(NamedTuple):
    """samples: (n,) float32 at 16 kHz. words: sounds, word by word, in the package's spelling.

    given: rough times, one per sound of all words, or None. voice: the features of a voice are normalised
    together if several voices train one set of models.
    """

    samples: np.ndarray
    words: Sequence[Sequence[str]]
    given: Sequence[Phoneme] | None = None
    voice: str = ""


class Aligned(NamedTuple):
    """The sounds with their times, and how well they fit: log likelihood per frame."""

    phonemes: list[Phoneme]
    likelihood: float


def align(
    utterances: Sequence[Utterance],
    schedule: Sequence[int] = _SCHEDULE,
    log: Callable[[str], None] = lambda line: None,
) -> list[Aligned]:
    """Times of all sounds of one voice, or of several voices that share their models.

    The same utterances give the same times.
    """
    names = sorted({name for one in utterances for word in one.words for name in word})
    numbers = {name: number for number, name in enumerate(names)}
    heard = _heard(utterances)
    graphs = [graph([[numbers[name] for name in word] for word in one.words]) for one in utterances]
    vowels = np.array([bool(set(letters(name)[:1]) & VOWELS) for name in names])
    labels = [
        _timed(len(f), one.given, numbers) if one.given is not None else _spread(f, g, vowels)
        for one, f, g in zip(utterances, heard, graphs, strict=True)
    ]
    teachers = _first_frames([len(f) for f in heard], _TAUGHT_BY)
    states = 1 + STATES * len(names)
    results: list[tuple[np.ndarray, float]] = []
    for number, count in enumerate(schedule):
        taught = np.concatenate([heard[i] for i in teachers]), np.concatenate([labels[i] for i in teachers])
        mixtures = Mixtures(*taught, states, count, number)
        last = number == len(schedule) - 1
        chosen = range(len(heard)) if last else teachers
        results = [best_path(mixtures(heard[i])[:, graphs[i].states], graphs[i]) for i in chosen]
        for i, (path, _) in zip(chosen, results, strict=True):
            labels[i] = graphs[i].states[path]
        mean = float(np.mean([likelihood for _, likelihood in results]))
        log(f"alignment {number + 1}/{len(schedule)}: log likelihood {mean:.3f} per frame")
    return [
        Aligned(_phonemes(one.words, g, path), likelihood)
        for one, g, (path, likelihood) in zip(utterances, graphs, results, strict=True)
    ]


def offset_of(utterances: Sequence[Utterance]) -> float:
    """Seconds to add to the given times of a voice so that they explain its sound best.

    At each offset every sound is a Gaussian of the features in its middle; the offset with the likeliest
    sound wins. Raises ValueError for utterances without given times.
    """
    heard = _heard(utterances)
    names: dict[str, int] = {}
    spans = []
    for one in utterances:
        if one.given is None:
            raise ValueError("an offset can only be measured of times that are given")
        spans.append([(names.setdefault(p.name, len(names)), p.start, p.end) for p in one.given])
    return float(_OFFSETS[int(np.argmax([_explained(heard, spans, offset) for offset in _OFFSETS]))])


def _explained(heard: list[np.ndarray], spans: list[list[tuple[int, float, float]]], offset: float) -> float:
    frames, labels = [], []
    for f, sounds in zip(heard, spans, strict=True):
        for name, start, end in sounds:
            fifth = 0.2 * (end - start)
            low, high = (_frame(edge + offset) for edge in (start + fifth, end - fifth))
            low, high = max(low, 0), min(max(high, low + 1), len(f))
            if high > low:
                frames.append(f[low:high, :_COEFFICIENTS])
                labels.append(np.full(high - low, name))
    x, y = np.concatenate(frames), np.concatenate(labels)
    counts = np.bincount(y).astype(float)
    total = 0.0
    for column in x.T:
        mean = np.bincount(y, column) / np.maximum(counts, 1)
        variance = np.bincount(y, (column - mean[y]) ** 2) / np.maximum(counts, 1)
        total -= 0.5 * float((counts * np.log(variance + 1e-3)).sum())
    return total / len(x)


def features(samples: np.ndarray) -> np.ndarray:
    """(frames, 39) float32: cepstra and their first and second slopes, a frame each STEP.

    Frame t is about the moment t * STEP + 12.5 ms. A trace of noise keeps digital silence finite.
    """
    noise = np.random.default_rng(0).standard_normal(len(samples)).astype(np.float32)
    sound = samples.astype(np.float32) + 2e-4 * noise
    sound = np.append(sound[:1], sound[1:] - 0.97 * sound[:-1])
    sound = np.pad(sound, (0, max(0, _WINDOW - len(sound))))
    frames = np.lib.stride_tricks.sliding_window_view(sound, _WINDOW)[::_HOP]
    spectrum = np.fft.rfft(frames * np.hamming(_WINDOW), _FFT)
    bands = (spectrum.real**2 + spectrum.imag**2) @ mel_filters() + 1e-7
    cepstra = np.log(bands) @ _cosines(bands.shape[1])
    slope = _slope(cepstra)
    return np.concatenate([cepstra, slope, _slope(slope)], axis=1).astype(np.float32)


def _cosines(bands: int) -> np.ndarray:
    """The first rows of an orthonormal cosine transform, (bands, coefficients)."""
    angle = np.pi * (np.arange(bands)[:, None] + 0.5) * np.arange(_COEFFICIENTS) / bands
    return np.cos(angle) * np.sqrt(2 / bands)


def _slope(values: np.ndarray) -> np.ndarray:
    around = np.pad(values, ((4, 4), (0, 0)), "edge")
    return (2 * (around[8:] - around[:-8]) + (around[6:-2] - around[2:-6])) / 20


def _heard(utterances: Sequence[Utterance]) -> list[np.ndarray]:
    """The features of each utterance, every column with mean 0 and standard deviation 1 over its voice."""
    heard = [features(one.samples) for one in utterances]
    for voice in {one.voice for one in utterances}:
        mine = [i for i, one in enumerate(utterances) if one.voice == voice]
        everything = np.concatenate([heard[i] for i in mine])
        mean, deviation = everything.mean(0), everything.std(0) + 1e-6
        for i in mine:
            heard[i] = ((heard[i] - mean) / deviation).astype(np.float32)
    return heard


def _first_frames(lengths: list[int], enough: int) -> list[int]:
    """The first recordings that have `enough` frames together."""
    return [i for i, before in enumerate(np.cumsum([0, *lengths[:-1]])) if before < enough]


def _frame(seconds: float) -> int:
    return round((seconds - _MIDDLE) / STEP)


def _timed(frames: int, given: Sequence[Phoneme], numbers: dict[str, int]) -> np.ndarray:
    labels = np.full(frames, PAUSE)
    for name, start, end in given:
        for part in range(STATES):
            low, high = (_frame(start + (end - start) * k / STATES) for k in (part, part + 1))
            labels[max(low, 0) : max(high, 0)] = 1 + STATES * numbers[name] + part
    return labels


def _spread(heard: np.ndarray, along: Graph, vowels: np.ndarray) -> np.ndarray:
    """Spread the sounds evenly over the loud parts, vowels longer than consonants."""
    loud = heard[:, 0]
    low, high = np.percentile(loud, [5, 95])
    on = np.flatnonzero(loud > low + 0.35 * (high - low))
    first, last = (on[0], on[-1] + 1) if len(on) else (0, len(heard))
    states = along.states[along.states != PAUSE]
    if last - first < len(states):
        first, last = 0, len(heard)
    length = np.where(vowels[(states - 1) // STATES], _VOWEL_LENGTH, 1.0)
    edges = np.cumsum(length) / length.sum()
    labels = np.full(len(heard), PAUSE)
    place = (np.arange(last - first) + 0.5) / (last - first)
    labels[first:last] = states[np.minimum(np.searchsorted(edges, place), len(states) - 1)]
    return labels


def _phonemes(words: Sequence[Sequence[str]], along: Graph, path: np.ndarray) -> list[Phoneme]:
    owner = along.owner[path]
    edge = _MIDDLE - STEP / 2
    sounds = [name for word in words for name in word]
    found = []
    for number, name in enumerate(sounds):
        where = np.flatnonzero(owner == number)
        if len(where):
            found.append(Phoneme(name, where[0] * STEP + edge, (where[-1] + 1) * STEP + edge))
    return found
