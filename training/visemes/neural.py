"""Aligned speech of a neural synthesiser, stored piece by piece, so that the work can be interrupted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path

import numpy as np

from engines.preview.features import SAMPLE_RATE
from training.visemes import sentences, spoken
from training.visemes.alignment import Utterance, align, offset_of
from training.visemes.phoneme import Phoneme
from training.visemes.recorded import fitted
from training.visemes.sources import NeuralVoices
from training.visemes.spoken import Spoken

_VERSION = 1
"""Part of the files' names: increase it when texts, spelling, alignment or the synthesiser change."""
_AT_ONCE = 8
"""Sentences in a piece."""
_LEVEL = 0.05
_SCHEDULE = (1, 1, 2, 2, 4, 4)
_NEW_WORD = 0.02
"""In a gap this long between two sounds, the models may find a pause; seconds."""
_SPEEDS = (0.8, 1.25)


def neural(
    group: NeuralVoices,
    voices: Sequence[str],
    minutes: float,
    cache: Path,
    log: Callable[[str], None] = lambda line: None,
) -> list[Spoken]:
    """About `minutes` of aligned speech by voices of a group together, from `cache` or made and stored there.

    Raises DatasetError if Kokoro cannot be downloaded.
    """
    path = _file(group, voices, minutes, cache)
    if not path.exists():
        each = minutes / len(voices)
        raw = [sentence for voice in voices for sentence in _synthesised(group, voice, each, cache, log)]
        aligned, offsets = _aligned(raw, log)
        spoken.write(path, aligned, offsets=offsets)
        log(f"{group.language}: offsets of the durations, ms: {offsets}")
    return spoken.read(path)


def is_there(group: NeuralVoices, voices: Sequence[str], minutes: float, cache: Path) -> bool:
    """Whether `neural` only has to read."""
    return _file(group, voices, minutes, cache).exists()


def _file(group: NeuralVoices, voices: Sequence[str], minutes: float, cache: Path) -> Path:
    name = f"kokoro-{group.spelling}-{'-'.join(voices)}-{minutes:.2f}-{_VERSION}.npz"
    return cache / "voices" / name


def _synthesised(
    group: NeuralVoices, voice: str, minutes: float, cache: Path, log: Callable[[str], None]
) -> list[Spoken]:
    """The pieces of one voice, with the network's own times."""
    found: list[Spoken] = []
    seconds, piece = 0.0, 0
    while seconds < 60 * minutes:
        path = cache / "kokoro" / f"{voice}-{group.spelling}-{piece:03}-{_VERSION}.npz"
        if not path.exists():
            rng = np.random.default_rng([7, *voice.encode(), piece])
            spoken.write(path, [_sentence(group, voice, cache, rng) for _ in range(_AT_ONCE)])
        said = spoken.read(path)
        found += said
        seconds += sum(len(one.samples) for one in said) / SAMPLE_RATE
        piece += 1
    log(f"{voice}: {seconds / 60:.1f} minutes synthesised")
    return found


def _sentence(group: NeuralVoices, voice: str, cache: Path, rng: np.random.Generator) -> Spoken:
    from training.visemes.kokoro import kokoro  # onnx takes a second to import, and only this needs it

    text = _write(group.spelling, rng)
    samples, phonemes = kokoro(cache).say(text, voice, group.spelling, float(rng.uniform(*_SPEEDS)))
    level = float(np.sqrt(np.mean(samples**2))) + 1e-9
    return Spoken((samples * (_LEVEL / level)).astype(np.float32), phonemes, voice)


def _write(spelling: str, rng: np.random.Generator) -> str:
    if spelling == "pinyin":
        return sentences.mandarin(rng)
    if spelling == "fr":
        return sentences.french(rng)
    return sentences.english(rng) if spelling.startswith("en") else sentences.invented(rng)


def _aligned(raw: Sequence[Spoken], log: Callable[[str], None]) -> tuple[list[Spoken], dict[str, int]]:
    """The sentences with times from the sound, and the offset of each voice's own times in milliseconds."""
    utterances: list[Utterance] = []
    offsets: dict[str, int] = {}
    for voice, said in groupby(raw, key=lambda one: one.voice):
        mine = [Utterance(one.samples, _words(one.phonemes), one.phonemes, voice) for one in said]
        offset = offset_of(mine)
        offsets[voice] = round(1000 * offset)
        utterances += [one._replace(given=_moved(one.given or (), offset)) for one in mine]
    aligned = align(utterances, _SCHEDULE, log)
    return [
        Spoken(one.samples, fitted(one.samples, found.phonemes), one.voice)
        for one, found in zip(raw, aligned, strict=True)
    ], offsets


def _moved(phonemes: Sequence[Phoneme], offset: float) -> list[Phoneme]:
    return [Phoneme(name, start + offset, end + offset) for name, start, end in phonemes]


def _words(phonemes: Sequence[Phoneme]) -> list[list[str]]:
    words: list[list[str]] = [[]]
    for number, phoneme in enumerate(phonemes):
        if number and phoneme.start - phonemes[number - 1].end > _NEW_WORD:
            words.append([])
        words[-1].append(phoneme.name)
    return words
