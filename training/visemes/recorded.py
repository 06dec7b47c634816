"""Recordings of people, aligned and filtered: made once per source and stored in the cache."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import av
import numpy as np

from engines.preview.features import SAMPLE_RATE
from training.visemes import spoken
from training.visemes.alignment import Aligned, Utterance, align
from training.visemes.phoneme import Phoneme
from training.visemes.recordings import Recording, read_sound, recordings
from training.visemes.sources import Source
from training.visemes.spoken import Spoken
from training.visemes.table import BILABIAL, letters
from training.visemes.timing import fit_closures

_VERSION = 1
"""Part of the file's name: increase it when readers, spelling, alignment or filtering change."""
_LEVEL = 0.05
_SHORTEST, _LONGEST = 0.15, 30.0
"""Seconds of a recording that is used."""
_DOUBTFUL = 12
"""Percent of the recordings that are left out because they fit worst: their text may be wrong."""
_LONGEST_SOUND = 0.9
_FASTEST = 0.02
"""Seconds per sound; a recording with more text than this does not contain its text."""
_SQUEEZED = 0.021
"""A sound this short has no room of its own..."""
_MOST_SQUEEZED = 0.3
"""...and a recording with a larger share of those has another text."""


def recorded(source: Source, cache: Path, log: Callable[[str], None] = lambda line: None) -> list[Spoken]:
    """The aligned recordings of a source, read from `cache` or made and kept there. Raises DatasetError."""
    path = _file(source, cache)
    if not path.exists():
        log(f"{source.name}: reading and aligning the recordings ...")
        sentences, figures = _aligned(source, cache, log)
        spoken.write(path, sentences, **figures)
        log(f"{source.name}: {_minutes(sentences):.1f} minutes; {figures}")
    return spoken.read(path)


def is_ready(source: Source, cache: Path) -> bool:
    """Whether `recorded` only has to read."""
    return _file(source, cache).exists()


def _file(source: Source, cache: Path) -> Path:
    return cache / "voices" / f"{source.name}-{_VERSION}.npz"


def _minutes(sentences: Sequence[Spoken]) -> float:
    return sum(len(one.samples) for one in sentences) / SAMPLE_RATE / 60


def _aligned(
    source: Source, cache: Path, log: Callable[[str], None]
) -> tuple[list[Spoken], dict[str, object]]:
    kept: list[tuple[Recording, np.ndarray]] = []
    unreadable = 0
    found = list(recordings(source, cache))
    # Mixed, because the first half hour teaches the models and packages sort by subject.
    for number in np.random.default_rng(0).permutation(len(found)):
        recording = found[number]
        try:
            samples = read_sound(recording.path)
        except av.FFmpegError:
            unreadable += 1
            continue
        seconds = len(samples) / SAMPLE_RATE
        sounds = sum(map(len, recording.words))
        if _SHORTEST < seconds < _LONGEST and sounds * _FASTEST < seconds and np.abs(samples).max() > 1e-3:
            level = float(np.sqrt(np.mean(samples**2)))
            kept.append((recording, (samples * (_LEVEL / level)).astype(np.float32)))
    aligned = align([Utterance(samples, recording.words) for recording, samples in kept], log=log)
    worst = np.percentile([one.likelihood for one in aligned], _DOUBTFUL)
    sentences = [
        Spoken(samples, fitted(samples, one.phonemes), source.name)
        for (_, samples), one in zip(kept, aligned, strict=True)
        if one.likelihood >= worst and not _squeezed(one.phonemes)
    ]
    figures: dict[str, object] = {
        "recordings": len(found), "unreadable": unreadable, "aligned": len(kept), "used": len(sentences)
    }  # fmt: skip
    labelled = [(one, r.labels) for (r, _), one in zip(kept, aligned, strict=True) if r.labels]
    if labelled:
        figures["difference from the package's labels"] = agreement(labelled)
    return sentences, figures


def fitted(samples: np.ndarray, phonemes: Sequence[Phoneme]) -> list[Phoneme]:
    """Aligned sounds in the letters of the table, stops fitted to their bursts, pauses between them."""
    filled = spoken.with_pauses(phonemes, len(samples) / SAMPLE_RATE)
    return fit_closures(samples, SAMPLE_RATE, filled)


def _squeezed(phonemes: Sequence[Phoneme]) -> bool:
    lengths = np.array([phoneme.end - phoneme.start for phoneme in phonemes])
    return bool(np.mean(lengths < _SQUEEZED) > _MOST_SQUEEZED or lengths.max() > _LONGEST_SOUND)


def agreement(pairs: Sequence[tuple[Aligned, Sequence[Phoneme]]]) -> dict[str, str]:
    """How far the aligner's edges lie from independent labels of the same sounds, by kind of sound."""
    differences: dict[str, list[tuple[float, float]]] = {}
    for aligned, labels in pairs:
        if [one.name for one in aligned.phonemes] != [label.name for label in labels]:
            continue
        for one, label in zip(aligned.phonemes, labels, strict=True):
            first = letters(one.name)[:1]
            kind = "p b m" if first in BILABIAL else {"f": "f v", "v": "f v"}.get(first, "others")
            differences.setdefault(kind, []).append((one.start - label.start, one.end - label.end))
    return {kind: _spread(np.array(edges)) for kind, edges in sorted(differences.items())}


def _spread(edges: np.ndarray) -> str:
    milliseconds = 1000 * np.abs(edges)
    start, end = np.median(milliseconds, axis=0)
    late = np.percentile(milliseconds, 90, axis=0)
    return f"median {start:.0f}/{end:.0f} ms, 90 % within {late[0]:.0f}/{late[1]:.0f} ms ({len(edges)})"
