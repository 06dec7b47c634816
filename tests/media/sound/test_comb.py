"""A voice that reaches two channels at different times, or with opposite phase at some frequencies only."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from media.voice import open_voice

VOICES = Path(__file__).resolve().parents[3] / "examples" / "voices"


def voice(name: str = "english-woman.wav") -> tuple[np.ndarray, int]:
    samples, rate = soundfile.read(VOICES / name)
    return 0.5 * samples[: 5 * rate], rate


def late(samples: np.ndarray, count: int) -> np.ndarray:
    return np.concatenate([np.zeros(count), samples[: len(samples) - count]])


def heard(folder: Path, left: np.ndarray, right: np.ndarray, rate: int) -> tuple[np.ndarray, tuple[str, ...]]:
    soundfile.write(folder / "voice.wav", np.column_stack([left, right]), rate, subtype="FLOAT")
    speech = open_voice(folder / "voice.wav")
    return speech.samples.astype(np.float64), speech.notes


def loudness(samples: np.ndarray, rate: int, low: float, high: float) -> float:
    """dB of a band."""
    spectrum = np.fft.rfft(samples)
    frequencies = np.fft.rfftfreq(len(samples), 1 / rate)
    return float(10 * np.log10((np.abs(spectrum[(frequencies > low) & (frequencies < high)]) ** 2).sum()))


def assert_is_the_voice(samples: np.ndarray, expected: np.ndarray, rate: int) -> None:
    count = min(len(samples), len(expected))
    assert abs(len(samples) - len(expected)) <= 1
    for low, high in ((80, 300), (300, 800), (800, 2000), (2000, 4000), (4000, 7000)):
        apart = loudness(samples[:count], rate, low, high) - loudness(expected[:count], rate, low, high)
        assert abs(apart) < 1, (low, high)


@pytest.mark.parametrize("milliseconds", [0.3, 0.6, 1, 2, 5, 10])
@pytest.mark.parametrize("sign", [1, -1])
def test_two_microphones_at_a_distance(tmp_path: Path, milliseconds: float, sign: int) -> None:
    near, rate = voice()
    far = 0.9 * sign * late(near, round(milliseconds * rate / 1000))
    samples, notes = heard(tmp_path, near, far, rate)
    assert_is_the_voice(samples, near, rate)
    assert any(
        "cancel each other for 5.0 of 5.0 s. The mouth follows only channel 1" in note for note in notes
    )


@pytest.mark.parametrize("split", [300, 1000, 2000])
def test_high_frequencies_of_opposite_phase(tmp_path: Path, split: float) -> None:
    left, rate = voice()
    spectrum, frequencies = np.fft.rfft(left), np.fft.rfftfreq(len(left), 1 / rate)
    right = np.fft.irfft(np.where(frequencies < split, spectrum, -spectrum), len(left))
    samples, notes = heard(tmp_path, left, right, rate)
    assert_is_the_voice(samples, left, rate)
    assert any("cancel each other" in note for note in notes)


def test_two_speakers_and_a_room_are_mixed(tmp_path: Path) -> None:
    woman, rate = voice()
    man, _ = voice("english-man-with-pauses.wav")
    man *= woman.std() / man.std()
    rooms = [np.random.default_rng(seed).standard_normal(rate // 4) for seed in (1, 2)]
    rooms = [room * np.exp(-np.arange(len(room)) / (0.05 * rate)) for room in rooms]
    wet = [woman + 0.8 * np.convolve(woman, room / np.linalg.norm(room))[: len(woman)] for room in rooms]
    for left, right in ((woman, man), (woman + 0.2 * late(man, 40), man + 0.2 * late(woman, 40)), wet):
        samples, notes = heard(tmp_path, left, right, rate)
        assert not any("cancel" in note for note in notes)
        mixed = np.abs(samples - (left + right) / 2) < 1e-3
        alone = np.abs(samples - left) < 1e-3  # while the man pauses, the woman is as loud as by herself
        assert mixed.mean() > (0.85 if right is man else 0.999)
        assert (mixed | alone).mean() > 0.99
