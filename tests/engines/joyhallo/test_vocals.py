"""Separating a voice. Functions and a small ONNX graph answer in place of the public file, which is not
available.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from engines.joyhallo.audio.vocals import (
    EDGE,
    FILE,
    FREQUENCIES,
    MOMENTS,
    SEGMENT,
    open_separator,
    separate,
    separated,
    spectrum,
    waves,
)
from media.voice import Voice, open_voice
from tests.engines.faces import small_models


def tone(hertz: float, samples: int, rate: int = 44100) -> np.ndarray:
    """Amplitude 1, swelling and fading: a click has frequencies that the network is not shown."""
    swell = np.minimum(1, np.minimum(np.arange(samples), np.arange(samples)[::-1]) / (0.1 * rate))
    return (np.sin(np.pi / 2 * swell) ** 2 * np.sin(2 * np.pi * hertz * np.arange(samples) / rate)).astype(
        np.float32
    )


def same(shown: np.ndarray) -> list[np.ndarray]:
    """A network to which everything is voice."""
    return [shown]


def low(shown: np.ndarray) -> list[np.ndarray]:
    """A network to which everything below 1000 Hz is voice."""
    painted = shown.copy()
    painted[:, :, round(1000 / 44100 * 7680) :] = 0
    return [painted]


def in_pieces(sound: np.ndarray, size: int) -> Iterator[np.ndarray]:
    for start in range(0, sound.shape[1], size):
        yield sound[:, start : start + size]


def finished(job: Generator[float, None, np.ndarray]) -> tuple[np.ndarray, list[float]]:
    shares = []
    while True:
        try:
            shares.append(next(job))
        except StopIteration as end:
            return end.value, shares


def test_the_spectrum_has_the_networks_form_and_a_way_back() -> None:
    left, right = tone(440, SEGMENT), 0.5 * tone(3000, SEGMENT)
    shown = spectrum(torch.from_numpy(np.stack([left, right])))
    assert shown.shape == (1, 4, FREQUENCIES, MOMENTS)
    energy = shown.square().sum(dim=3)[0]
    assert int((energy[0] + energy[1]).argmax()) == round(440 / 44100 * 7680)
    assert int((energy[2] + energy[3]).argmax()) == round(3000 / 44100 * 7680)
    assert energy[:, :3].max() == 0
    back = waves(shown).numpy()
    assert np.abs(back - np.stack([left, right]))[:, EDGE:-EDGE].max() < 2e-3


@pytest.mark.parametrize("seconds", [0.2, 5.8, 5.9, 6.1, 13.0])
@pytest.mark.parametrize("piece", [5000, 400_000])
def test_a_sound_that_is_all_voice_comes_back_with_its_length(seconds: float, piece: int) -> None:
    count = round(seconds * 44100)
    sound = np.stack([tone(440, count), tone(700, count)])
    back = np.concatenate(list(separated(in_pieces(sound, piece), same)), axis=1)
    assert back.shape == sound.shape
    assert back.dtype == np.float32
    assert np.abs(back - sound).max() < 5e-3


def test_the_first_piece_leaves_before_the_last_is_heard() -> None:
    heard = []

    def sound() -> Iterator[np.ndarray]:
        for i in range(20):
            heard.append(i)
            yield np.zeros((2, 44100), np.float32)

    next(separated(sound(), same))
    assert len(heard) == 6


def test_the_shown_spectrum_is_not_the_painted_one() -> None:
    """Tones on both sides of what a network keeps: one stays, one goes, in both channels."""
    kept, lost = tone(440, 300_000), tone(2500, 300_000)
    back = np.concatenate(list(separated(iter([np.stack([kept + lost, lost])]), low)), axis=1)
    inside = slice(5000, -5000)
    assert np.abs(back[0] - kept)[inside].max() < 0.01
    assert np.abs(back[1])[inside].max() < 0.01


@pytest.mark.parametrize(("rate", "channels"), [(16000, 1), (48000, 2), (44100, 3)])
def test_a_voice_is_separated_at_its_own_rate_and_returned_at_16_khz(rate: int, channels: int) -> None:
    count = 7 * rate
    voice, music = 0.3 * tone(300, count, rate), 0.3 * tone(3000, count, rate)
    speech = open_voice((rate, np.stack([voice + music] * channels, axis=1)))
    alone, shares = finished(separate(speech, low))
    assert alone.shape == speech.samples.shape
    assert alone.dtype == np.float32
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1, abs=0.01)
    inside = slice(3000, -3000)
    assert np.abs(alone - 0.3 * tone(300, len(alone), 16000))[inside].max() < 0.01


def test_a_loud_voice_keeps_its_level_and_the_network_hears_it_lower() -> None:
    loudest = []

    def model(shown: np.ndarray) -> list[np.ndarray]:
        loudest.append(np.abs(waves(torch.from_numpy(shown)).numpy()).max())
        return [shown]

    speech = open_voice((44100, tone(300, 100_000)))
    alone, _ = finished(separate(speech, model))
    assert max(loudest) == pytest.approx(0.9, abs=0.02)
    assert np.abs(alone).max() == pytest.approx(1, abs=0.02)


def test_closing_stops_the_work() -> None:
    speech = open_voice((44100, tone(300, 20 * 44100)))
    asked = []

    def model(shown: np.ndarray) -> list[np.ndarray]:
        asked.append(1)
        return [shown]

    job = separate(speech, model)
    next(job)
    job.close()
    assert len(asked) == 1


def test_the_model_of_the_public_layout_is_opened(tmp_path: Path) -> None:
    assert open_separator(tmp_path) is None
    small_models.same(tmp_path / FILE)
    model = open_separator(tmp_path)
    assert model is not None
    speech: Voice = open_voice((44100, 0.5 * tone(300, 44100)))
    alone, _ = finished(separate(speech, model))
    assert np.abs(alone - speech.samples)[2000:-2000].max() < 0.01


def test_another_models_answer_is_refused() -> None:
    sound = iter([np.zeros((2, 1000), np.float32)])
    with pytest.raises(ValueError, match="The separator gives spectra of"):
        list(separated(sound, lambda shown: [shown[:, :2]]))
