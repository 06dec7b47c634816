from __future__ import annotations

import numpy as np
import pytest

from engines.preview.features import SAMPLE_RATE
from training.visemes.alignment import Utterance, align, offset_of
from training.visemes.phoneme import Phoneme
from training.visemes.recorded import agreement

SOUNDS = {"a": (500.0, 1200.0), "i": (300.0, 2600.0), "s": (5200.0, 6100.0), "m": (200.0, 1000.0)}


def sung(rng: np.random.Generator, names: list[str]) -> tuple[np.ndarray, list[Phoneme]]:
    """A made-up voice: each sound is a pair of tones, with silence around the whole."""
    pieces, phonemes, now = [np.zeros(int(0.3 * SAMPLE_RATE))], [], 0.3
    for name in names:
        length = int(rng.uniform(0.07, 0.18) * SAMPLE_RATE)
        time = np.arange(length) / SAMPLE_RATE
        tones = [np.sin(2 * np.pi * hertz * time + rng.uniform(0, 6)) for hertz in SOUNDS[name]]
        pieces.append(0.1 * np.sum(tones, axis=0))
        phonemes.append(Phoneme(name, now, now + length / SAMPLE_RATE))
        now += length / SAMPLE_RATE
    pieces.append(np.zeros(int(0.3 * SAMPLE_RATE)))
    sound = np.concatenate(pieces)
    return (sound + 1e-3 * rng.standard_normal(len(sound))).astype(np.float32), phonemes


@pytest.fixture(scope="module")
def songs() -> list[tuple[np.ndarray, list[Phoneme]]]:
    rng = np.random.default_rng(0)
    return [sung(rng, [str(name) for name in rng.choice(list(SOUNDS), 6)]) for _ in range(40)]


def edges(phonemes: list[Phoneme]) -> np.ndarray:
    return np.array([[phoneme.start, phoneme.end] for phoneme in phonemes])


def test_sounds_are_found_from_the_order_in_which_they_are_said(
    songs: list[tuple[np.ndarray, list[Phoneme]]],
) -> None:
    utterances = [Utterance(sound, [[p.name for p in phonemes]]) for sound, phonemes in songs]
    found = align(utterances)
    away = np.concatenate([edges(one.phonemes) - edges(p) for one, (_, p) in zip(found, songs, strict=True)])
    assert np.median(np.abs(away)) < 0.010
    assert np.percentile(np.abs(away), 90) < 0.030
    assert [[p.name for p in one.phonemes] for one in found] == [[p.name for p in s] for _, s in songs]


def test_a_pause_between_words_is_found_where_there_is_one() -> None:
    rng = np.random.default_rng(1)
    utterances, gaps = [], []
    for number in range(40):
        first, before = sung(rng, ["a", "s"])
        second, after = sung(rng, ["m", "i"])
        # Every second time the words touch: the silence at the end and at the beginning is cut off.
        cut = int(0.3 * SAMPLE_RATE) if number % 2 else 0
        sound = np.concatenate([first[: len(first) - cut], second[cut:]])
        utterances.append(Utterance(sound, [[p.name for p in before], [p.name for p in after]]))
        gaps.append(0.0 if cut else 0.6)
    found = [one.phonemes[2].start - one.phonemes[1].end for one in align(utterances)]
    np.testing.assert_allclose(found, gaps, atol=0.11)  # slopes of features reach 50 ms to either side


@pytest.mark.parametrize("late", [0.06, 0.0, -0.03])
def test_the_offset_of_given_times_is_measured(
    songs: list[tuple[np.ndarray, list[Phoneme]]], late: float
) -> None:
    moved = [
        Utterance(sound, [[p.name for p in said]], [Phoneme(n, s + late, e + late) for n, s, e in said])
        for sound, said in songs
    ]
    assert offset_of(moved) == pytest.approx(-late, abs=0.0051)


def test_given_times_are_refined(songs: list[tuple[np.ndarray, list[Phoneme]]]) -> None:
    rng = np.random.default_rng(2)
    utterances = []
    for sound, phonemes in songs:
        inner = [p.end + rng.uniform(-0.03, 0.03) for p in phonemes[:-1]]
        cuts = [phonemes[0].start, *inner, phonemes[-1].end]
        rough = [Phoneme(p.name, cuts[i], cuts[i + 1]) for i, p in enumerate(phonemes)]
        utterances.append(Utterance(sound, [[p.name for p in phonemes]], rough))
    found = align(utterances, (1, 1, 2))
    away = np.concatenate([edges(one.phonemes) - edges(p) for one, (_, p) in zip(found, songs, strict=True)])
    assert np.percentile(np.abs(away), 90) < 0.015


def test_agreement_with_independent_labels_is_reported_by_kind(
    songs: list[tuple[np.ndarray, list[Phoneme]]],
) -> None:
    found = align([Utterance(sound, [[p.name for p in phonemes]]) for sound, phonemes in songs])
    late = [[Phoneme(n, s - 0.02, e - 0.02) for n, s, e in phonemes] for _, phonemes in songs]
    told = agreement(list(zip(found, late, strict=True)))
    assert set(told) == {"others", "p b m"}
    assert told["p b m"].startswith(("median 2", "median 1"))
