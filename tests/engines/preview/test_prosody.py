from __future__ import annotations

import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.preview.prosody import Prosody
from engines.preview.voice_measures import SAMPLE_RATE, pitch_of


def hum(hertz: np.ndarray | float, seconds: float, level: float = 0.3) -> np.ndarray:
    """A voice-like sound: a pulse train's first harmonics, softer towards the top."""
    n = int(seconds * SAMPLE_RATE)
    phase = 2 * np.pi * np.cumsum(np.broadcast_to(hertz, n)) / SAMPLE_RATE
    return (level * sum(np.sin(k * phase) / k for k in range(1, 9)) / 2).astype(np.float32)


def syllables(times: list[float], seconds: float, loud: dict[float, float] | None = None) -> np.ndarray:
    """Bumps of 0.2 s of a 140 Hz voice around the given times; `loud` overrides a bump's level."""
    t = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    envelope = np.full(len(t), 0.02)
    for time in times:
        level = (loud or {}).get(time, 0.3)
        envelope += level * np.clip(1 - np.abs(t - time) / 0.1, 0, 1)
    return (hum(140.0, seconds, 1.0)[: len(t)] * envelope).astype(np.float32)


@pytest.mark.parametrize("hertz", [75, 110, 180, 240, 390])
def test_pitch_is_within_half_a_semitone(hertz: int) -> None:
    low = hum(float(hertz), 0.5)[::4]
    windows = np.lib.stride_tricks.sliding_window_view(low, 160)[100::40]
    semitones, strength = pitch_of(windows)
    assert np.abs(semitones - 12 * np.log2(hertz)).max() < 0.5
    assert strength.min() > 0.8


def test_noise_and_silence_are_not_voiced() -> None:
    rng = np.random.default_rng(0)
    noise = (0.1 * rng.standard_normal(3 * SAMPLE_RATE)).astype(np.float32)
    for sound in (noise, np.zeros(3 * SAMPLE_RATE, np.float32)):
        features = Prosody(sound, 25).read(75)
        assert np.isfinite(features).all()
        assert features[:, 2].mean() < 0.05
        assert features[:, 3].max() == 0


def test_pitch_is_relative_to_the_speaker() -> None:
    seconds = 6.0
    t = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    for base in (100.0, 210.0):
        hertz = np.where((t > 4) & (t < 5), base * 2 ** (4 / 12), base)
        pitch = Prosody(hum(hertz, seconds), 25).read(150)[:, 1]
        assert abs(np.median(pitch[25:95])) < 0.3
        assert np.median(pitch[105:120]) == pytest.approx(4, abs=0.5)


def test_loudness_does_not_depend_on_the_recording_level() -> None:
    sound = syllables([0.5, 1.0, 1.6, 2.0, 2.7, 3.2], 4.0)
    loud, soft = (Prosody(sound * gain, 25).read(100)[:, 0] for gain in (1.0, 0.1))
    assert np.abs(loud - soft).max() < 0.1
    assert loud.max() > 0.85
    assert loud.min() < 0.5


def test_a_louder_syllable_is_the_stressed_one_and_comes_a_little_early() -> None:
    times = [0.6 + 0.4 * k for k in range(12)]
    stressed = [times[4], times[9]]
    sound = syllables(times, 6.0, dict.fromkeys(times, 0.08) | dict.fromkeys(stressed, 0.6))
    stress = Prosody(sound, 50).read(300)[:, 3]
    for time in stressed:
        frame = round(time * 50)
        near = stress[frame - 8 : frame + 1]
        assert near.max() > 0.9
        assert stress[frame + 2 : frame + 10].max() == 0


def test_stresses_keep_a_quarter_of_a_second_apart() -> None:
    sound = syllables([0.3 + 0.2 * k for k in range(27)], 6.0)
    frames = np.flatnonzero(Prosody(sound, 50).read(300)[:, 3])
    assert len(frames) > 3
    assert np.diff(frames).min() >= 12


@given(st.lists(st.integers(1, 40), min_size=1, max_size=8), st.sampled_from([12, 24, 25, 30, 60]))
@settings(max_examples=25, deadline=None)
def test_the_cut_does_not_matter(cuts: list[int], fps: int) -> None:
    rng = np.random.default_rng(5)
    sound = syllables([0.4, 0.9, 1.3, 1.7, 2.5], 3.0)
    sound += (0.01 * rng.standard_normal(len(sound))).astype(np.float32)
    whole = Prosody(sound, fps).read(sum(cuts))
    reader = Prosody(sound, fps)
    pieces = np.concatenate([reader.read(k) for k in cuts])
    np.testing.assert_array_equal(whole, pieces)


def test_memory_is_constant() -> None:
    reader = Prosody(np.zeros(SAMPLE_RATE, np.float32), 25)
    sizes = []
    for _ in range(30):
        reader.read(37)
        sizes.append(len(pickle.dumps(reader)))
    assert max(sizes[15:]) < max(sizes[:15]) + 4000


def test_two_channels_are_refused() -> None:
    with pytest.raises(ValueError, match="one channel"):
        Prosody(np.zeros((100, 2), np.float32), 25)


def test_a_very_short_sound_works() -> None:
    features = Prosody(hum(150.0, 0.2), 25).read(5)
    assert features.shape == (5, 4)
    assert features.dtype == np.float32
    assert features[2, 2] == 1
