"""Kokoro with random weights: everything runs as with the published ones, and the video says so."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import cli
from engines.weights.catalogue import WeightFolder
from media.errors import OutputError, TextError, WeightsError, WeightsMissing
from media.voice import open_voice
from speech import registry
from speech.base import SpeechEngine, SpeechVoice, Unspoken
from speech.kokoro.spec import ENGLISH, MANDARIN, SPEC
from speech.kokoro.weights import catalogue
from speech.kokoro.weights.inspection import KokoroWeights
from speech.kokoro.weights.published import SHA256, SIZE
from studio.settings import Settings
from studio.speaking import write_spoken
from studio.spoken_text import SpokenText

HEART = SPEC.voices[0]
WEIGHTS = KokoroWeights()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of random weights."""
    root = tmp_path_factory.mktemp("weights")
    list(WEIGHTS.synthesize(catalogue.folder(root), "tiny", "v1:"))
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The same in a folder that a test may change; the engine takes its weights from there."""
    shutil.copytree(made, tmp_path / "weights")
    monkeypatch.setenv("JOYSTUDIO_WEIGHTS", str(tmp_path / "weights"))
    registry.unload("kokoro")
    yield tmp_path / "weights"
    registry.unload("kokoro")


@pytest.fixture
def engine(root: Path) -> SpeechEngine:
    return registry.load("kokoro")


def spoken(engine: SpeechEngine, text: str, speed: float = 1.0, voice: SpeechVoice = HEART) -> np.ndarray:
    blocks = [one for one in engine.speak(text, "en", voice, speed) if not isinstance(one, Unspoken)]
    return np.concatenate(blocks)


def test_a_text_is_heard_the_same_each_time(engine: SpeechEngine) -> None:
    assert engine.random_weights
    sound = spoken(engine, "Hello world.")
    assert sound.dtype == np.float32
    assert 0.5 < len(sound) / engine.rate < 3
    assert 0.01 < np.abs(sound).max() <= 1.0
    assert np.array_equal(sound, spoken(engine, "Hello world."))
    assert not np.array_equal(sound, spoken(engine, "Hello world.", voice=SPEC.voices[1]))


def test_speed_shortens(engine: SpeechEngine) -> None:
    slow, fast = spoken(engine, "Hello world.", 0.5), spoken(engine, "Hello world.", 2.0)
    assert len(slow) == pytest.approx(4 * len(fast), rel=0.01)


def test_a_long_text_comes_in_pieces(engine: SpeechEngine) -> None:
    work = engine.speak("This is a sentence of some length. " * 20, "en", HEART, 1.0)
    pieces = [len(one) for one in work if isinstance(one, np.ndarray)]
    assert len(pieces) > 2
    assert max(pieces) / engine.rate < 45


def test_a_voice_says_that_its_weights_are_random(root: Path, tmp_path: Path) -> None:
    wish = SpokenText(text="Hello.", engine="kokoro")
    write_spoken(wish, tmp_path / "voice.wav", Settings())
    facts = {"engine": "kokoro", "voice": "af_heart", "language": "en", "speed": 1.0, "random_weights": True}
    assert open_voice(tmp_path / "voice.wav").generated == facts


def test_languages_choose_their_voices() -> None:
    assert SpokenText(text="Hi", engine="kokoro", language="en-GB").chosen_voice().name == "af_heart"
    assert SpokenText(text="你好", engine="kokoro").chosen_voice().name == MANDARIN[0]
    assert SpokenText(text="42", engine="kokoro", voice="zm_yunxi").chosen_language() == "zh"
    assert set(SPEC.languages) == {"en", "en-GB", "zh"}


def test_a_text_without_speakable_characters_is_an_error(engine: SpeechEngine) -> None:
    with pytest.raises(TextError, match="their number: 1"):
        list(engine.speak("\u200d", "en", HEART, 1.0))


def test_missing_files_are_named_with_the_command(root: Path, engine: SpeechEngine) -> None:
    (root / "kokoro" / "voices" / "af_bella.bin").unlink()
    with pytest.raises(WeightsMissing, match=r"af_bella.bin is missing.*weights download kokoro"):
        list(engine.speak("Hi", "en", SPEC.voices[1], 1.0))
    registry.unload("kokoro")
    (root / "kokoro" / "onnx" / "model_quantized.onnx").unlink()
    with pytest.raises(WeightsMissing, match=r"model_quantized.onnx is missing.*Apache-2.0; 92.4 MB"):
        registry.load("kokoro")


@pytest.mark.parametrize("content", [b"", b"not a network"])
def test_a_damaged_network_is_named(root: Path, content: bytes) -> None:
    (root / "kokoro" / "onnx" / "model_quantized.onnx").write_bytes(content)
    with pytest.raises(WeightsError, match=r"cannot be opened.*weights download kokoro"):
        registry.load("kokoro")


@pytest.mark.parametrize("content", [b"", b"123", np.full(256, np.nan, np.float32).tobytes(), bytes(600_064)])
def test_a_damaged_voice_is_named(root: Path, engine: SpeechEngine, content: bytes) -> None:
    (root / "kokoro" / "voices" / "af_heart.bin").write_bytes(content)
    with pytest.raises(WeightsError, match=r"is not a voice of Kokoro: it has \d+ bytes"):
        list(engine.speak("Hi", "en", HEART, 1.0))


def test_the_command_checks_every_file(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def check() -> tuple[int, str]:
        return cli.main(["weights", "check", "kokoro", "--root", str(root)]), capsys.readouterr().out

    code, out = check()
    assert (code, out.count("random ")) == (0, 1 + len(ENGLISH) + len(MANDARIN))
    (root / "kokoro" / "voices" / "af_heart.bin").write_bytes(bytes(522_240))
    (root / "kokoro" / "onnx" / "model.onnx").write_bytes(bytes(10))
    code, out = check()
    assert code == 1
    assert "WRONG    voices/af_heart.bin  Its SHA-256 is " in out
    assert "WRONG    onnx/model.onnx  It has 10 bytes; the published one has 325532232." in out


def test_random_weights_never_replace_others(root: Path) -> None:
    (root / "kokoro" / "voices" / "af_heart.bin").write_bytes(bytes(522_240))
    with pytest.raises(OutputError, match=r"af_heart.bin does not contain random weights"):
        list(WEIGHTS.synthesize(WeightFolder(root, "kokoro"), "tiny", "v2:"))


def test_every_published_file_is_known_by_its_content() -> None:
    assert {file.name for file in catalogue.FILES} == SHA256.keys() | SIZE.keys()
    assert all(len(one) == 64 for known in SHA256.values() for one in known)
    assert all(file.commercial and file.licence == "Apache-2.0" for file in catalogue.FILES)
