"""Two voices of one video: who speaks when, and what is heard."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from media.errors import VoiceError
from media.two_voices import joined, split
from media.voice import SAMPLE_RATE, open_voice
from tests.conftest import write_voice


def write_stereo(path: Path, left: np.ndarray, right: np.ndarray, rate: int = 16_000) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.stack([left, right], axis=1) * 32_767).astype("<i2").tobytes())
    return path


def tone(seconds: float, pitch: float = 200.0, rate: int = 16_000) -> np.ndarray:
    return 0.4 * np.sin(2 * np.pi * pitch * np.arange(round(seconds * rate)) / rate)


def loud(samples: np.ndarray, begin: float, end: float) -> bool:
    """Whether a part, in seconds, is more than silence."""
    part = samples[round(begin * SAMPLE_RATE) : round(end * SAMPLE_RATE)]
    return bool(np.sqrt((part**2).mean()) > 0.02)


@pytest.mark.parametrize(
    ("start", "seconds", "second_speaks"),
    [(None, 3.0, (1.3, 2.9)), (0.5, 2.5, (0.6, 2.4)), (0.0, 2.0, (0.1, 1.9))],
)
def test_two_files_speak_one_after_the_other_or_when_they_are_told(
    tmp_path: Path, start: float | None, seconds: float, second_speaks: tuple[float, float]
) -> None:
    first = open_voice(write_voice(tmp_path / "a.wav", seconds=1.0))
    second = open_voice(write_voice(tmp_path / "b.wav", seconds=2.0, pitch=300))
    both = joined(first, second, start, 600)
    assert both.heard.duration == pytest.approx(seconds)
    assert {len(voice.samples) for voice in both.said} == {round(seconds * SAMPLE_RATE)}
    assert loud(both.said[0].samples, 0.1, 0.9)
    assert not loud(both.said[0].samples, 1.0, seconds)
    assert loud(both.said[1].samples, *second_speaks)
    if start != 0.0:
        assert not loud(both.said[1].samples, 0.0, 0.4 if start else 1.0)
    # The mix in the video is both of them.
    sound, blocks = both.heard.open_original()
    mix = np.concatenate(list(blocks))[:, 0]
    assert len(mix) / sound.rate == pytest.approx(seconds, abs=0.01)
    np.testing.assert_allclose(mix[: len(both.heard.samples)], both.heard.samples[: len(mix)], atol=0.02)
    assert len({both.heard.sha256, both.said[0].sha256, both.said[1].sha256, first.sha256}) == 4


def test_a_mix_that_would_be_too_loud_is_lowered_as_a_whole(tmp_path: Path) -> None:
    loud_file = (16_000, tone(1.0) * 2.4)
    both = joined(open_voice(loud_file), open_voice(loud_file), 0.0, 600)
    _, blocks = both.heard.open_original()
    mix = np.concatenate(list(blocks))
    assert 0.99 < np.abs(mix).max() <= 1.0


def test_voices_that_last_too_long_together_say_how_long(tmp_path: Path) -> None:
    voice = open_voice(write_voice(tmp_path / "a.wav", seconds=2.0))
    with pytest.raises(VoiceError, match=r"last 4\.0 s together; at most 3 s"):
        joined(voice, voice, None, 3)


def test_each_channel_is_a_voice_without_the_other_person_in_its_microphone(tmp_path: Path) -> None:
    quiet = np.zeros(16_000)
    left, right = np.concatenate([tone(1.0), quiet]), np.concatenate([quiet, tone(1.0, 300)])
    path = write_stereo(tmp_path / "talk.wav", left + 0.1 * right, right + 0.1 * left)
    both = split(open_voice(path))
    assert both.heard.original == path
    first, second = (voice.samples for voice in both.said)
    assert loud(first, 0.1, 0.9)
    assert loud(second, 1.1, 1.9)
    assert not loud(first, 1.1, 1.9)
    assert not loud(second, 0.1, 0.9)


def chatter(seconds: float, pitch: float, seed: int) -> np.ndarray:
    """A tone whose loudness varies as that of speech does."""
    count = round(16_000 * seconds)
    syllables = np.random.default_rng(seed).lognormal(-1.6, 0.5, round(seconds / 0.15) + 1).clip(0.05, 0.7)
    return np.repeat(syllables, 2_400)[:count] * tone(seconds, pitch) / 0.4


def level(samples: np.ndarray, begin: float, end: float) -> float:
    part = samples[round(begin * SAMPLE_RATE) : round(end * SAMPLE_RATE)]
    return float(np.sqrt((part**2).mean()))


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize("swapped", [False, True])
def test_a_person_who_says_one_sentence_is_heard_then_and_only_then(
    tmp_path: Path, together: bool, swapped: bool
) -> None:
    talker, other = chatter(40.0, 180, 1), np.zeros(640_000)
    sentence = slice(320_000, 339_200)  # 1.2 s of 40
    other[sentence] = 0.8 * chatter(1.2, 300, 2)
    if not together:
        talker[sentence] = 0
    channels = talker + 0.1 * other, other + 0.1 * talker
    path = write_stereo(tmp_path / "talk.wav", *(channels[::-1] if swapped else channels))
    said = split(open_voice(path)).said
    long, short = (voice.samples for voice in (said[::-1] if swapped else said))
    for begin in (1.0, 10.0, 22.0, 30.0):
        assert level(short, begin, begin + 8) < 0.003
        assert level(long, begin, begin + 8) > 0.9 * level(talker, begin, begin + 8)
    assert level(short, 20.1, 21.1) > 0.9 * level(other, 20.1, 21.1)
    if together:
        assert level(long, 20.1, 21.1) > 0.9 * level(talker, 20.1, 21.1)
    else:
        assert level(long, 20.1, 21.1) < 0.003


def test_people_who_speak_together_are_both_heard(tmp_path: Path) -> None:
    path = write_stereo(tmp_path / "talk.wav", tone(1.0), 0.3 * tone(1.0, 300))
    both = split(open_voice(path))
    assert all(loud(voice.samples, 0.1, 0.9) for voice in both.said)


def test_other_files_say_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match="needs 2 channels, one for each, and it has 1"):
        split(open_voice(write_voice(tmp_path / "a.wav")))
    path = write_stereo(tmp_path / "b.wav", tone(1.0), np.zeros(16_000))
    with pytest.raises(VoiceError, match="Channel 2 of the voice is silent"):
        split(open_voice(path))
