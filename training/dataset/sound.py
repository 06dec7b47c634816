"""Writes an item's voice: a WAV file of 16 kHz, mono, 16 bits, as long as its frames."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

RATE = 16_000


def write_voice(path: Path, samples: np.ndarray) -> None:
    """Write (n,) float32 samples of full scale 1, clipped. Samples that were read from 16 bits are written
    unchanged.
    """
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((samples * 32768).round().clip(-32768, 32767).astype("<i2").tobytes())
