"""Reads the packages of recordings: sound files, and the sounds that are spoken in each."""

from __future__ import annotations

import gzip
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np

from engines.preview.features import SAMPLE_RATE
from media.errors import DatasetError
from training.visemes.espeak import espeak
from training.visemes.packages import fetched
from training.visemes.phoneme import Phoneme
from training.visemes.russian import spelled as russian
from training.visemes.sources import Source
from training.visemes.zhuyin import sounds as syllable


class Recording(NamedTuple):
    """words: sounds in IPA, word by word. labels: times that the package itself gives, if it does."""

    key: str
    path: Path
    words: list[list[str]]
    labels: list[Phoneme] | None = None


def recordings(source: Source, cache: Path) -> Iterator[Recording]:
    """All recordings of a source, downloaded if they are not in `cache`. Raises DatasetError."""
    folders = [fetched(package, cache) for package in source.packages]
    read = {"asterisk": _asterisk, "festvox": _festvox, "syllables": _syllables}[source.reader]
    found = 0
    for recording in read(source, folders):
        found += 1
        yield recording
    if not found:
        raise DatasetError(
            "The packages of the voice {name} contain no recordings that can be read. Delete {cache} to "
            "download it again, or train without --recorded.",
            name=source.name,
            cache=cache / "packages" / source.packages[0].name,
        )


def read_sound(path: Path) -> np.ndarray:
    """Any sound file as (n,) float32, mono at 16 kHz. Raises av.FFmpegError for one that is damaged."""
    with av.open(str(path), format="g722" if path.suffix == ".g722" else None) as box:
        resampler = av.AudioResampler("flt", "mono", SAMPLE_RATE)
        parts = []
        for frame in box.decode(audio=0):
            frame.pts = None
            parts += [piece.to_ndarray()[0] for piece in resampler.resample(frame)]
        parts += [piece.to_ndarray()[0] for piece in resampler.resample(None)]
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)


_MARKS = re.compile("[ˈˌːˑ0-9'.‍‿-]|[\u0329\u0361\u032a\u0303\u02b2]")


def spell(text: str, voice: str) -> list[list[str]]:
    """The words of a text as sounds without marks of stress, length, ties and softness."""
    words = []
    for word in espeak().spell(text, voice):
        bare = (_MARKS.sub("", unicodedata.normalize("NFD", sound)) for sound in word if "(" not in sound)
        sounds = [unicodedata.normalize("NFC", sound) for sound in bare if sound]
        if sounds:
            words.append(sounds)
    return words


def _asterisk(source: Source, folders: list[Path]) -> Iterator[Recording]:
    """Prompts of a telephone exchange: a list "name: text", and a file by each name."""
    sounds, texts = folders
    listing = next(iter(sorted(texts.glob("usr/share/doc/*/core-sounds-*.txt*"))), None)
    if listing is None:
        return
    raw = listing.read_bytes()
    lines = (gzip.decompress(raw) if listing.suffix == ".gz" else raw).decode("utf-8", "replace").splitlines()
    root = sounds / "usr" / "share" / "asterisk" / "sounds"
    files = {  # a folder per voice, and folders of digits and letters in it
        "/".join(path.relative_to(root).with_suffix("").parts[1:]): path
        for path in sorted(root.glob("*/**/*.g722"))
    }
    for line in lines:
        name, colon, text = line.partition(":")
        path = files.get(name.strip())
        # Brackets describe a sound; a question mark inside a word is a letter that was lost.
        if not colon or path is None or re.search(r"[\[(<]|\w\?|�", text):
            continue
        words = spell(text.strip(), source.spelling)
        if words:
            yield Recording(name.strip(), path, words)


def _festvox(source: Source, folders: list[Path]) -> Iterator[Recording]:
    """A voice for unit selection: whole sentences with a label for every sound."""
    for labels in sorted(folders[0].glob("usr/share/festival/voices/*/*/lab/*.lab")):
        path = labels.parents[1] / "wav" / f"{labels.stem}.wav"
        if not path.exists():
            continue
        words: list[list[str]] = [[]]
        timed, start = [], 0.0
        for line in labels.read_text("ascii", "replace").splitlines()[1:]:
            end, _, name = line.split()
            sound = russian(name)
            if sound:
                words[-1].append(sound)
                timed.append(Phoneme(sound, start, float(end)))
            elif words[-1]:
                words.append([])
            start = float(end)
        words = [word for word in words if word]
        if words:
            yield Recording(labels.stem, path, words, timed)


def _syllables(source: Source, folders: list[Path]) -> Iterator[Recording]:
    """Mandarin syllables, a folder each, named in zhuyin with a tone."""
    for folder in sorted(folders[0].glob("usr/share/gcin-voice/ogg/*")):
        path = folder / "3.ogg"  # the number of the speaker
        word = syllable(folder.name)
        if path.exists() and word:
            yield Recording(folder.name, path, [word])
