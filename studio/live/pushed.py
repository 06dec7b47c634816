"""Checks sound that a program pushes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from media.documents.quoting import shown
from media.errors import SpeechError

LOWEST, HIGHEST = 8000, 48000


def checked_sound(pcm16: object, sample_rate: object) -> np.ndarray:
    """The samples, (n,) int16, of mono little-endian PCM. Raises SpeechError."""
    whole = isinstance(sample_rate, int) and not isinstance(sample_rate, bool)
    if not whole or not LOWEST <= sample_rate <= HIGHEST:  # type: ignore[operator]
        raise SpeechError(
            "The live sound has a sample rate of {rate} Hz, but takes whole numbers from {low} to {high}.",
            rate=shown(sample_rate),
            low=LOWEST,
            high=HIGHEST,
        )
    if not isinstance(pcm16, bytes | bytearray | memoryview):
        raise SpeechError(
            "The live sound is of the type {kind}. Send bytes: mono PCM, 16 bit, little-endian.",
            kind=type(pcm16).__name__,
        )
    data = bytes(pcm16)
    if len(data) % 2:
        raise SpeechError(
            "The live sound has {count} bytes, an odd number. A sample of mono 16 bit PCM has two.",
            count=len(data),
        )
    return np.frombuffer(data, "<i2").astype(np.int16)


def pieces(samples: np.ndarray, sample_rate: int) -> Iterator[np.ndarray]:
    """The samples in pieces of at most a second; one empty piece if there are none."""
    for start in range(0, max(len(samples), 1), sample_rate):
        yield samples[start : start + sample_rate]
