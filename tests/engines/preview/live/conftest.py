"""A voice with many closures, and the network that goes live."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engines.preview.mouth import LIVE_WEIGHTS, VoiceToMouth
from media.voice import open_voice

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture(scope="session")
def voice() -> np.ndarray:
    """(n,) 2.5 s at 16 kHz."""
    samples = open_voice(ROOT / "examples" / "voices" / "english-woman.wav").samples
    return samples[: int(2.5 * 16000)]


@pytest.fixture(scope="session")
def short() -> VoiceToMouth:
    """The network of live sessions, which looks 60 ms ahead."""
    return VoiceToMouth(LIVE_WEIGHTS)
