"""Speaks with espeak-ng, each text in a separate process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import numpy as np

from speech.base import Block, SpeechEngine, SpeechVoice, Unspoken
from speech.espeak.process import sound_of
from speech.espeak.spec import VARIANTS, VOICES

RATE = 22050
WORDS_PER_MINUTE = 165


class EspeakEngine(SpeechEngine):
    """Robotic, in many languages, hundreds of times faster than real time."""

    rate = RATE

    def speak(self, text: str, language: str, voice: SpeechVoice, speed: float) -> Iterator[Block | Unspoken]:
        """As `SpeechEngine.speak`."""
        name = f"{VOICES[language]}+{VARIANTS[voice.name]}"
        with closing(sound_of(text, name, round(WORDS_PER_MINUTE * speed))) as pieces:
            for piece in pieces:
                yield np.frombuffer(piece, np.int16).astype(np.float32) / 32768.0
