"""An item's voice: a WAV file of 16 kHz, mono, 16 bits, as long as its pictures."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

RATE = 16_000


def write_voice(path: Path, samples: np.ndarray) -> None:
    """Write (n,) float32 of full scale 1; what is above it is clipped. What was read comes out as it was."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((samples * 32768).round().clip(-32768, 32767).astype("<i2").tobytes())
