from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from media.portrait import Portrait, open_portrait
from media.voice import open_voice
from tests.studio.live.talker import Talk, talking

VOICES = Path(__file__).resolve().parents[3] / "examples" / "voices"


@pytest.fixture(scope="session")
def portrait(portrait_file: Path) -> Portrait:
    """A face of 128x128 pixels, opened."""
    return open_portrait(portrait_file)


@pytest.fixture(scope="session")
def pcm() -> bytes:
    """1.3 s of a voice at 16 kHz, 16 bit: 32 frames and a half."""
    samples = open_voice(VOICES / "english-woman.wav").samples[8000 : 8000 + 20800]
    return np.rint(samples * 32767).astype("<i2").tobytes()


@pytest.fixture
def talk() -> Iterator[Talk]:
    """The engine `talker`, and what it hears."""
    with talking() as talk:
        yield talk
