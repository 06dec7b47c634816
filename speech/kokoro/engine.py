"""Speaks with Kokoro: text to symbols, symbols to sound, one piece of the text after the other.

Kokoro-82M (Apache-2.0) is a StyleTTS 2 network with an iSTFTNet vocoder (Li et al., 2023; Kaneko et al.,
2022), here as ONNX. A separate process of espeak-ng and a table of pinyin read the text; the network gets
numbers.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from media.errors import TextError, WeightsError
from speech.base import Block, SpeechEngine, SpeechVoice, Unspoken
from speech.kokoro import english, mandarin
from speech.kokoro.symbols import NUMBERS, numbers, pieces
from speech.kokoro.weights import catalogue

RATE = 24000
STYLE = 256
"""Length of a style vector; a voice has one style for each length of a text."""
_DRAWN = (b"RandomNormal", b"RandomUniform")
"""Operations with which some versions of the network draw noise."""


class KokoroEngine(SpeechEngine):
    """Natural voices in English and Mandarin."""

    rate = RATE

    def load(self) -> None:
        """Read the network. Raises WeightsMissing or WeightsError."""
        self._folder = catalogue.folder()
        self._path = catalogue.network_in(self._folder)
        content = self._path.read_bytes()
        self.random_weights = catalogue.is_random(self._path)
        self._draws = any(operation in content for operation in _DRAWN)
        self._session = self._open()
        self._names = {one.name for one in self._session.get_inputs()}
        if not {"style", "speed"} <= self._names or not self._names & {"tokens", "input_ids"}:
            raise WeightsError(
                "{path} is not Kokoro: it takes {names}. Delete it and download it again: {command}",
                path=self._path,
                names=", ".join(sorted(self._names)) or "nothing",
                command="python cli.py weights download kokoro",
            )
        self._styles: dict[str, np.ndarray] = {}

    def speak(self, text: str, language: str, voice: SpeechVoice, speed: float) -> Iterator[Block | Unspoken]:
        """As `SpeechEngine.speak`. Raises WeightsMissing or WeightsError for the voice's file."""
        styles = self._style_of(voice.name)
        symbols, left = _symbols(text, language)
        unknown = "".join(dict.fromkeys(symbol for symbol in symbols if symbol not in NUMBERS))
        symbols = "".join(symbol for symbol in symbols if symbol in NUMBERS)
        if left or unknown:
            yield Unspoken(left + unknown)
        found = pieces(symbols)
        if not found:
            raise TextError(
                "Kokoro can say none of the text's characters (their number: {count}).", count=len(text)
            )
        session = self._open() if self._draws else self._session
        for piece in found:
            tokens = numbers(piece)
            given = {
                next(name for name in ("tokens", "input_ids") if name in self._names): np.array([tokens]),
                "style": styles[min(len(piece), len(styles)) - 1][None],
                "speed": np.array([speed], np.float32),
            }
            sound = np.asarray(session.run(None, given)[0], np.float32).ravel()
            yield np.clip(np.nan_to_num(sound), -1.0, 1.0)

    def _open(self) -> Any:
        """The network; one that draws noise starts with the same noise each time."""
        import onnxruntime

        onnxruntime.set_seed(0)
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        try:
            return onnxruntime.InferenceSession(str(self._path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's errors have no common base class
            raise WeightsError(
                "{path} cannot be opened: {reason}. Delete it and download it again: {command}",
                path=self._path,
                reason=" ".join(str(error).split())[:200],
                command="python cli.py weights download kokoro",
            ) from error

    def _style_of(self, voice: str) -> np.ndarray:
        """(n, 256) float32: the styles of a voice for texts of 1 to n symbols."""
        if voice not in self._styles:
            self._styles[voice] = read_styles(catalogue.voice_in(self._folder, voice))
        return self._styles[voice]


def read_styles(path: Path) -> np.ndarray:
    """The styles in a voice's file. Raises WeightsError for an invalid file."""
    size = path.stat().st_size
    values = np.fromfile(path, "<f4", count=catalogue.MOST_STYLES * STYLE)
    if (
        size % (4 * STYLE)
        or not size
        or size > 4 * STYLE * catalogue.MOST_STYLES
        or not np.isfinite(values).all()
    ):
        raise WeightsError(
            "{path} is not a voice of Kokoro: it has {size} bytes. Delete it and download it again: "
            "{command}",
            path=path,
            size=size,
            command="python cli.py weights download kokoro",
        )
    return values.reshape(-1, STYLE)


def _symbols(text: str, language: str) -> tuple[str, str]:
    if language == "zh":
        return mandarin.symbols_of(text)
    return english.symbols_of(text, british=language == "en-GB"), ""
