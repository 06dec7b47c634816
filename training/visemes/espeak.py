"""espeak-ng in the training's own process: samples together with the time of every phoneme, as IPA."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from speech.espeak.library import EspeakLibrary, place
from training.visemes.phoneme import Phoneme


class Espeak:
    """One loaded espeak-ng, to be used from one thread; see `EspeakLibrary` on what it repeats."""

    def __init__(self, library: str, data: str | None) -> None:
        self._library = EspeakLibrary(library, data)
        self.rate: int = self._library.rate

    def spell(self, text: str, voice: str) -> list[list[str]]:
        """The words of `text` as sounds in IPA, as `voice` would read them, with marks of stress and length.

        Raises ValueError for a voice that the library does not have.
        """
        self._library.choose(voice)
        return self._library.spell(text)

    def say(
        self, text: str, voice: str, *, words_per_minute: int = 165, pitch: int = 50, pitch_range: int = 50
    ) -> tuple[np.ndarray, list[Phoneme]]:
        """Speak `text` with `voice` ("en-us+f2").

        Returns (n,) float32 samples in -1..1 at `self.rate` and the phonemes with start and end in seconds.
        Raises ValueError for a voice that the library does not have.
        """
        self._library.choose(voice)
        pieces: list[bytes] = []
        starts: list[tuple[str, float]] = []
        self._library.say(
            text,
            pieces.append,
            lambda name, at: starts.append((name, at)),
            words_per_minute=words_per_minute,
            pitch=pitch,
            pitch_range=pitch_range,
        )
        sound = np.frombuffer(b"".join(pieces), np.int16)
        end = len(sound) / self.rate
        ends = [start for _, start in starts[1:]] + [end]
        phonemes = [
            Phoneme(name, start, stop)
            for (name, start), stop in zip(starts, ends, strict=True)
            if stop > start
        ]
        return sound.astype(np.float32) / 32768.0, phonemes


@lru_cache(maxsize=1)
def espeak() -> Espeak:
    """The library of this process. Raises OSError with a hint if there is none."""
    return Espeak(*place())
