"""espeak-ng in use: a process that speaks, and the handling of one that fails."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from media.errors import EngineError, TextError
from speech import registry
from speech.base import SpeechEngine, SpeechVoice
from speech.espeak import process
from speech.espeak.spec import SPEC
from speech.text import checked_text

WOMAN, MAN = SPEC.voices


@pytest.fixture(scope="module")
def engine() -> SpeechEngine:
    return registry.load("espeak")


def spoken(
    engine: SpeechEngine, text: str, language: str = "en", voice: SpeechVoice = WOMAN, speed: float = 1.0
) -> np.ndarray:
    blocks = [block for block in engine.speak(text, language, voice, speed) if isinstance(block, np.ndarray)]
    return np.concatenate([np.zeros(0, np.float32), *blocks])


@pytest.mark.parametrize("language", SPEC.languages)
def test_every_language_is_heard(engine: SpeechEngine, language: str) -> None:
    text = {"zh": "你好", "ru": "Привет", "uk": "Привіт", "el": "Γεια", "hi": "नमस्ते"}.get(language, "Banana")
    sound = spoken(engine, text, language)
    assert 0.2 < len(sound) / engine.rate < 3
    assert np.abs(sound).max() > 0.05


def test_the_same_text_gives_the_same_sound(engine: SpeechEngine) -> None:
    assert np.array_equal(spoken(engine, "Say it again."), spoken(engine, "Say it again."))


def test_voices_differ_and_speed_shortens(engine: SpeechEngine) -> None:
    text = "A sentence of some length, to be measured."
    woman, man, fast = spoken(engine, text), spoken(engine, text, voice=MAN), spoken(engine, text, speed=2.0)
    assert not np.array_equal(woman, man)
    assert len(fast) < 0.7 * len(woman)


def test_the_library_is_never_loaded_into_the_process_that_asks() -> None:
    """espeak-ng is GPL-3: it runs as a program of its own."""
    source = (
        "import pathlib; from speech import registry; engine = registry.load('espeak'); "
        "voice = registry.spec_of('espeak').voices[0]; "
        "print(sum(len(block) for block in engine.speak('Hello', 'en', voice, 1.0))); "
        "print('espeak-ng' in pathlib.Path('/proc/self/maps').read_text())"
    )
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=True)
    samples, loaded = done.stdout.split()
    assert int(samples) > 5000
    assert loaded == "False"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(), min_size=1, max_size=60), st.sampled_from(["en", "zh"]))
def test_any_text_is_spoken_or_refused(engine: SpeechEngine, text: str, language: str) -> None:
    try:
        readable = checked_text(text)
    except TextError:
        return
    sound = spoken(engine, readable, language)
    assert sound.dtype == np.float32
    assert np.abs(sound).max(initial=0.0) <= 1.0


def test_markup_is_read_and_not_obeyed(engine: SpeechEngine) -> None:
    plain = spoken(engine, "phonemes")
    assert len(spoken(engine, '[[f@]] <speak version="1.0"><audio src="/etc/passwd"/></speak>')) > 2 * len(
        plain
    )


def test_closing_the_sound_ends_the_process() -> None:
    pieces = process.sound_of("Hello there. " * 300, "en-us", 165)
    assert len(next(pieces))
    pieces.close()
    assert list(pieces) == []


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("tests.speech.programs.crashing", "crashed \\(exit code 3\\)"),
        ("tests.speech.programs.dying", "crashed \\(signal 9\\)"),
        ("tests.speech.programs.babbling", "an answer that cannot be read"),
        ("tests.speech.programs.endless", "longer than 2 s"),
    ],
)
def test_a_program_that_fails_costs_its_text_only(engine: SpeechEngine, program: str, message: str) -> None:
    with pytest.raises(TextError, match=message):
        list(process.sound_of("Hello", "en-us", 165, program=program, seconds=2))
    assert len(spoken(engine, "Hello"))


def test_a_missing_voice_says_what_to_do() -> None:
    with pytest.raises(EngineError, match=r"no voice 'none'.*pip install"):
        list(process.sound_of("Hello", "none", 165))


def test_a_text_is_spelled_in_phonemes() -> None:
    words, other = process.spelling_of(["Hello world", "Yes"], "en-us")
    assert other == [["j", "ˈɛ", "s"]]
    assert ["".join(word) for word in words] == ["həlˈoʊ", "wˈɜːld"]


@pytest.fixture(autouse=True)
def _reload() -> Iterator[None]:
    yield
    registry.unload("espeak")
