from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.preview.live.hearing import Hearing
from engines.preview.mouth import VoiceToMouth

NOTHING = np.zeros(0, np.float32)


def offline(network: VoiceToMouth, voice: np.ndarray, fps: int = 25) -> np.ndarray:
    frames = max(1, round(len(voice) / 16000 * fps))
    return np.concatenate(list(network.stream(voice, fps, frames)))


class Session:
    """Hears voices as a live session does, and idle frames between them."""

    def __init__(self, network: VoiceToMouth, look_ahead_ms: int, fps: int = 25) -> None:
        self._hearing, self._ahead, self._fps = Hearing(network, fps), look_ahead_ms * 16, fps
        self._frame = 0

    def _size(self) -> int:
        self._frame += 1
        return self._frame * 16000 // self._fps - (self._frame - 1) * 16000 // self._fps

    def idle(self, frames: int) -> None:
        for _ in range(frames):
            self._hearing.rows(np.zeros(self._size(), np.float32), NOTHING, ended=True)

    def say(self, voice: np.ndarray, after: int = 0) -> np.ndarray:
        """(frames, 1 + after, 7) of one voice."""
        rows, at = [], 0
        for _ in range(max(1, round(len(voice) / 16000 * self._fps))):
            end = at + self._size()
            heard = voice[at:end]
            heard = np.concatenate([heard, np.zeros(end - at - len(heard), np.float32)])
            ahead = voice[end : end + self._ahead]
            rows.append(self._hearing.rows(heard, ahead, ended=len(ahead) < self._ahead, after=after))
            at = end
        return np.stack(rows)


def live(network: VoiceToMouth, voice: np.ndarray, look_ahead_ms: int, fps: int = 25) -> np.ndarray:
    return Session(network, look_ahead_ms, fps).say(voice)[:, 0]


@settings(max_examples=12, deadline=None)
@given(seconds=st.floats(0.05, 2.5), start=st.integers(0, 8000), loud=st.sampled_from([0.02, 1.0]))
def test_live_rows_are_those_of_a_video(
    short: VoiceToMouth, voice: np.ndarray, seconds: float, start: int, loud: float
) -> None:
    said = voice[start : start + int(seconds * 16000)] * np.float32(loud)
    np.testing.assert_array_equal(live(short, said, 100), offline(short, said))


@pytest.mark.parametrize("fps", [12, 24, 25, 30, 60])
def test_they_are_at_every_frame_rate(short: VoiceToMouth, voice: np.ndarray, fps: int) -> None:
    np.testing.assert_array_equal(live(short, voice, 100, fps), offline(short, voice, fps))


def test_the_network_of_a_video_needs_to_hear_further(voice: np.ndarray) -> None:
    network = VoiceToMouth()
    np.testing.assert_array_equal(live(network, voice, 240), offline(network, voice))
    assert not np.array_equal(live(network, voice, 100), offline(network, voice))


@pytest.mark.parametrize("fps", [24, 25])
@pytest.mark.parametrize("idle", [0, 1, 2, 3, 40, 41])
def test_idle_frames_before_a_voice_change_nothing(
    short: VoiceToMouth, voice: np.ndarray, idle: int, fps: int
) -> None:
    session = Session(short, 100, fps)
    session.idle(idle)
    np.testing.assert_array_equal(session.say(voice)[:, 0], offline(short, voice, fps))


def test_a_voice_after_a_long_silence_is_as_the_first(short: VoiceToMouth, voice: np.ndarray) -> None:
    session = Session(short, 100)
    session.say(voice)
    session.idle(95)
    np.testing.assert_array_equal(session.say(voice[4000:])[:, 0], offline(short, voice[4000:]))


def test_a_voice_after_a_short_silence_is_as_in_one_recording(short: VoiceToMouth, voice: np.ndarray) -> None:
    first, second = voice[: 640 * 40], voice[8000 : 8000 + 640 * 30]
    session = Session(short, 100)
    session.say(first)
    session.idle(9)
    both = np.concatenate([first, np.zeros(9 * 640, np.float32), second])
    np.testing.assert_array_equal(session.say(second)[:, 0], offline(short, both)[49:])


@pytest.mark.parametrize("seconds", [1.0, 5.0])
def test_silence_within_a_voice_is_heard_as_in_a_video(
    short: VoiceToMouth, voice: np.ndarray, seconds: float
) -> None:
    silence = np.zeros(int(seconds * 16000), np.float32)
    said = np.concatenate([silence, voice[:20000], silence, silence[:330], voice[20000:]])
    session = Session(short, 100)
    session.idle(3)
    np.testing.assert_array_equal(session.say(said)[:, 0], offline(short, said))


def test_expected_rows_are_near_the_true_ones(short: VoiceToMouth, voice: np.ndarray) -> None:
    rows = Session(short, 100).say(voice, after=2)
    np.testing.assert_array_equal(rows[:, 0], live(short, voice, 100))
    still = np.abs(rows[:-1, 0] - rows[1:, 0]).mean()
    assert np.abs(rows[:-1, 1] - rows[1:, 0]).mean() < 0.6 * still


def test_less_look_ahead_costs_a_little(short: VoiceToMouth, voice: np.ndarray) -> None:
    whole = offline(short, voice)
    errors = [float(np.abs(live(short, voice, ahead) - whole).mean()) for ahead in (0, 40, 60, 80)]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] == 0.0
    assert errors[1] < 0.1
