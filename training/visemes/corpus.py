"""The corpus: synthesised speech as one long strip of mel power, targets beside it, kept in a cache."""

from __future__ import annotations

import hashlib
import json
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from engines.preview.mouth import FRAME_RATE
from training.visemes import festival, sentences
from training.visemes.background import background
from training.visemes.phoneme import Phoneme
from training.visemes.strip import Strip, decibels_of, frames_of, with_silence
from training.visemes.synthesis import Manner, synthesise, synthesise_with_festival
from training.visemes.voices import FLITE, LANGUAGES, VARIANTS

_SHARD_MINUTES = 20.0
_AT_ONCE = 12
_VERSION = 8
"""Part of the cache's name: increase it when texts, voices, timing, targets or features change."""


@dataclass(frozen=True)
class Corpus:
    """The corpus: strips of frames, 100 per second."""

    decibels: np.ndarray
    """Mel power of clean speech, (frames, BANDS) float16 in dB."""
    targets: np.ndarray
    """(frames, 7) uint8, 255 for 1."""
    background: np.ndarray
    """Mel power of sounds without a voice, (frames, BANDS) float16 in dB."""

    def strip(self, share: float) -> Strip:
        """The speech as one strip among others, of which `share` of the samples are cut."""
        return Strip(self.decibels, self.targets, share)

    @property
    def hours(self) -> float:
        return len(self.targets) / FRAME_RATE / 3600


@dataclass(frozen=True)
class CorpusRecipe:
    """What to synthesise."""

    minutes: float = 200.0
    seed: int = 0
    flite_share: float = 0.22
    """Share of the sentences that flite speaks; 0 leaves that engine out."""
    festival_share: float = 0.22
    """Share of the sentences that festival speaks, where its voices are installed."""


def load(recipe: CorpusRecipe, cache: Path, workers: int = 1) -> Corpus:
    """The corpus of `recipe`, read from `cache` or made and stored there."""
    key = hashlib.sha256(json.dumps([_VERSION, asdict(recipe), festival.installed()]).encode()).hexdigest()[
        :16
    ]
    path = cache / f"corpus-{key}.npz"
    if not path.exists():
        corpus = build(recipe, workers)
        cache.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(".part.npz")
        np.savez(part, decibels=corpus.decibels, targets=corpus.targets, background=corpus.background)
        part.replace(path)
        return corpus
    with np.load(path) as stored:
        return Corpus(stored["decibels"], stored["targets"], stored["background"])


def build(recipe: CorpusRecipe, workers: int = 1) -> Corpus:
    """Synthesise everything. The same recipe gives the same corpus, whatever the number of workers.

    Each shard is made by a fresh process, because espeak-ng's output depends a little on what it said before.
    """
    shards = max(1, round(recipe.minutes / _SHARD_MINUTES))
    pool = ProcessPoolExecutor(workers, get_context("spawn"), max_tasks_per_child=1)
    with pool:
        parts = list(pool.map(_shard, [recipe] * shards, range(shards), [recipe.minutes / shards] * shards))
    return Corpus(
        np.concatenate([part.decibels for part in parts]),
        np.concatenate([part.targets for part in parts]),
        np.concatenate([part.background for part in parts]),
    )


def _shard(recipe: CorpusRecipe, number: int, minutes: float) -> Corpus:
    rng = np.random.default_rng([recipe.seed, 1, number])
    decibels, curves, frames = [], [], 0
    while frames < minutes * 60 * FRAME_RATE:
        for spoken in _spoken(rng, recipe):
            loudness, wanted = frames_of(*with_silence(rng, *spoken))
            decibels.append(loudness)
            curves.append(wanted)
            frames += len(wanted)
    noises = []
    for _ in range(max(4, int(minutes))):
        sound = background(rng)
        noises.append(decibels_of(sound))
    return Corpus(np.concatenate(decibels), np.concatenate(curves), np.concatenate(noises))


Sentence = tuple[np.ndarray, list[Phoneme]]


def _spoken(rng: np.random.Generator, recipe: CorpusRecipe) -> list[Sentence]:
    """One sentence, or from festival several, at 16 kHz, with phonemes."""
    manner = Manner(
        speed=float(rng.uniform(0.65, 1.35)),
        pitch=float(2.0 ** rng.uniform(-0.7, 0.7)),
        tract=float(np.exp(np.clip(rng.normal(0.0, 0.08), -0.18, 0.18))),
    )
    engine = rng.random()
    if engine < recipe.flite_share:
        text = sentences.english(rng) if rng.random() < 0.7 else sentences.invented(rng)
        manner = manner._replace(speed=float(rng.uniform(0.8, 1.25)))
        samples, _, phonemes = synthesise(text, "flite:" + str(rng.choice(FLITE)), manner)
        return [(samples, phonemes)]
    voices = festival.installed() if recipe.festival_share else []
    # One call gives _AT_ONCE sentences, so there are that many fewer calls.
    if voices and engine < recipe.flite_share + recipe.festival_share / _AT_ONCE:
        voice = str(rng.choice(voices))
        write = sentences.english if voice == "ked_diphone" else sentences.invented
        manner = manner._replace(speed=float(rng.uniform(0.7, 1.1)))
        spoken = synthesise_with_festival([write(rng) for _ in range(_AT_ONCE)], voice, manner)
        return [(samples, phonemes) for samples, _, phonemes in spoken]
    language = LANGUAGES[rng.choice(len(LANGUAGES), p=[entry.share for entry in LANGUAGES])]
    voice = "espeak:" + str(rng.choice(language.voices))
    if rng.random() < 0.9:
        voice += "+" + str(rng.choice(VARIANTS))
    samples, _, phonemes = synthesise(language.write(rng), voice, manner)
    return [(samples, phonemes)]
