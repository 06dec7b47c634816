"""Checks sound that a program pushes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from media.documents.quoting import shown
from media.errors import VoiceError

LOWEST, HIGHEST = 8000, 48000
LONGEST = 600
"""Seconds of sound that are taken at once."""


def checked_rate(sample_rate: object) -> int:
    """The samples per second. Raises VoiceError."""
    if not isinstance(sample_rate, int) or not LOWEST <= sample_rate <= HIGHEST:  # True is below, too
        raise VoiceError(
            "The live sound has a sample rate of {rate} Hz, but takes whole numbers from {low} to {high}.",
            rate=shown(sample_rate),
            low=LOWEST,
            high=HIGHEST,
        )
    return sample_rate


def checked_sound(pcm16: object, sample_rate: object) -> np.ndarray:
    """The samples, (n,) int16, of mono little-endian PCM. Raises VoiceError."""
    rate = checked_rate(sample_rate)
    if not isinstance(pcm16, bytes | bytearray | memoryview):
        raise VoiceError(
            "The live sound is of the type {kind}. Send bytes: mono PCM, 16 bit, little-endian.",
            kind=type(pcm16).__name__,
        )
    count = memoryview(pcm16).nbytes
    if count % 2:
        raise VoiceError(
            "The live sound has {count} bytes, an odd number. A sample of mono 16 bit PCM has two.",
            count=count,
        )
    if count > 2 * LONGEST * rate:
        raise VoiceError(
            "The live sound is {seconds:.0f} seconds long, but at most {most} are taken at once. Push it in "
            "shorter pieces.",
            seconds=count / 2 / rate,
            most=LONGEST,
        )
    return np.frombuffer(bytes(pcm16), "<i2").astype(np.int16, copy=False)  # bytes of bytes are not copied


def pieces(samples: np.ndarray, sample_rate: int) -> Iterator[np.ndarray]:
    """The samples in pieces of at most a second."""
    for start in range(0, len(samples), sample_rate):
        yield samples[start : start + sample_rate]
