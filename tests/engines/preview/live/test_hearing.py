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


def live(
    network: VoiceToMouth, voice: np.ndarray, look_ahead_ms: int, fps: int = 25, idle: int = 0, after: int = 0
) -> np.ndarray:
    """(frames, 1 + after, 7): the rows of a voice that begins after some idle frames."""
    hearing, ahead = Hearing(network, fps), look_ahead_ms * 16
    rows, edge = [], 0
    for _ in range(idle):
        hearing.rows(np.zeros(16000 // fps, np.float32), NOTHING, ended=True)
    for frame in range(max(1, round(len(voice) / 16000 * fps))):
        end = (frame + 1) * 16000 // fps
        heard = voice[edge:end]
        heard = np.concatenate([heard, np.zeros(end - edge - len(heard), np.float32)])
        coming = voice[end : end + ahead]
        rows.append(hearing.rows(heard, coming, ended=len(coming) < ahead, after=after))
        edge = end
    return np.stack(rows)


@settings(max_examples=12, deadline=None)
@given(seconds=st.floats(0.05, 2.5), start=st.integers(0, 8000), loud=st.sampled_from([0.02, 1.0]))
def test_live_rows_are_those_of_a_video(
    short: VoiceToMouth, voice: np.ndarray, seconds: float, start: int, loud: float
) -> None:
    said = voice[start : start + int(seconds * 16000)] * np.float32(loud)
    np.testing.assert_array_equal(live(short, said, 100)[:, 0], offline(short, said))


@pytest.mark.parametrize("fps", [12, 24, 25, 30, 60])
def test_they_are_at_every_frame_rate(short: VoiceToMouth, voice: np.ndarray, fps: int) -> None:
    np.testing.assert_array_equal(live(short, voice, 100, fps)[:, 0], offline(short, voice, fps))


def test_the_shipped_network_needs_to_hear_further(voice: np.ndarray) -> None:
    network = VoiceToMouth()
    np.testing.assert_array_equal(live(network, voice, 240)[:, 0], offline(network, voice))
    assert not np.array_equal(live(network, voice, 100)[:, 0], offline(network, voice))


def test_idle_frames_before_a_voice_change_nothing(short: VoiceToMouth, voice: np.ndarray) -> None:
    np.testing.assert_array_equal(live(short, voice, 100, idle=40)[:, 0], offline(short, voice))


def test_expected_rows_are_near_the_true_ones(short: VoiceToMouth, voice: np.ndarray) -> None:
    rows = live(short, voice, 100, after=2)
    np.testing.assert_array_equal(rows[:, 0], live(short, voice, 100)[:, 0])
    still = np.abs(rows[:-1, 0] - rows[1:, 0]).mean()
    assert np.abs(rows[:-1, 1] - rows[1:, 0]).mean() < 0.6 * still


def test_less_look_ahead_costs_a_little(short: VoiceToMouth, voice: np.ndarray) -> None:
    whole = offline(short, voice)
    errors = [float(np.abs(live(short, voice, ahead)[:, 0] - whole).mean()) for ahead in (0, 40, 60, 80)]
    assert errors == sorted(errors, reverse=True)
    assert errors[-1] == 0.0
    assert errors[1] < 0.1
