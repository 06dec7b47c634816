"""Sentences with timed sounds, and the files that keep them for the next training."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from training.visemes.phoneme import Phoneme


class Spoken(NamedTuple):
    """samples: (n,) float32 at 16 kHz. phonemes: IPA letters, stops fitted to their bursts, pauses as ""."""

    samples: np.ndarray
    phonemes: list[Phoneme]
    voice: str


def write(path: Path, sentences: Sequence[Spoken], **about: object) -> None:
    """Write sentences as 16-bit samples, with notes about them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    entries = [
        {
            "voice": one.voice,
            "samples": len(one.samples),
            "phonemes": [(name, round(start, 4), round(end, 4)) for name, start, end in one.phonemes],
        }
        for one in sentences
    ]
    pcm = np.concatenate([np.zeros(0, np.int16), *(_pcm(one.samples) for one in sentences)])
    begun = path.with_name(f".{path.stem}.partial.npz")
    np.savez(begun, sentences=json.dumps(entries), about=json.dumps(about), pcm=pcm)
    begun.replace(path)


def read(path: Path) -> list[Spoken]:
    """The sentences of a file, in order."""
    with np.load(path, allow_pickle=False) as stored:
        entries, pcm = json.loads(str(stored["sentences"])), stored["pcm"]
    edges = np.cumsum([0, *(entry["samples"] for entry in entries)])
    return [
        Spoken(
            pcm[edges[i] : edges[i + 1]].astype(np.float32) / 32768.0,
            [Phoneme(*phoneme) for phoneme in entry["phonemes"]],
            entry["voice"],
        )
        for i, entry in enumerate(entries)
    ]


def about(path: Path) -> dict[str, object]:
    """The notes in the file of the sentences."""
    with np.load(path, allow_pickle=False) as stored:
        return json.loads(str(stored["about"]))


def _pcm(samples: np.ndarray) -> np.ndarray:
    return np.round(np.clip(samples, -1.0, 1.0) * 32767).astype(np.int16)


def with_pauses(phonemes: Sequence[Phoneme], seconds: float, shortest: float = 0.02) -> list[Phoneme]:
    """The sounds with a "" wherever nothing is said for `shortest` seconds, up to the end of the sound."""
    filled: list[Phoneme] = []
    last = 0.0
    for phoneme in phonemes:
        if phoneme.start - last > shortest:
            filled.append(Phoneme("", last, phoneme.start))
        filled.append(phoneme)
        last = phoneme.end
    if seconds - last > shortest:
        filled.append(Phoneme("", last, seconds))
    return filled
