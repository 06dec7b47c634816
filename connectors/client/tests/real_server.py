"""The server that the tests talk to, and what they send it."""

from __future__ import annotations

import os
import wave
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
PORTRAIT = ROOT / "examples" / "portraits" / "astronaut.png"
RATE = 24000


def server_address() -> str:
    """The address of the JoyStudio server that scripts/test_connectors.py has started."""
    if address := os.environ.get("JOYSTUDIO_TEST_ADDRESS"):
        return address
    raise AssertionError("These tests need a server. Run `make test-connectors` in JoyStudio's folder.")


def voice(seconds: float, start: float = 0.5) -> bytes:
    """A part of a recording, played as 24 kHz, so that it is neither silent nor of the engine's rate."""
    with wave.open(str(ROOT / "examples" / "voices" / "english-woman.wav")) as file:
        file.setpos(round(start * file.getframerate()))
        return file.readframes(round(seconds * RATE))
