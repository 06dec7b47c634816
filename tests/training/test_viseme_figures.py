from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from engines.preview.features import BANDS, HOP, MEMORY, SAMPLE_RATE, mel_power, normalise
from engines.preview.mouth import _WEIGHTS as WEIGHTS
from engines.preview.network import CLOSURE, LIP_TEETH, LONG, SHORT, Network, layout, span
from media.errors import OptionError
from training.visemes import spoken
from training.visemes.conditions import CONDITIONS, heard
from training.visemes.network import MouthNetwork, begin_with, values
from training.visemes.phoneme import Phoneme
from training.visemes.running_speech import RunningSpeech, area
from training.visemes.spoken import Spoken
from training.visemes.strip import strip
from training.visemes.strips import strips
from training.visemes.targets import targets
from training.visemes.tuning import RECALL, tuned


def line(text: str, length: float = 0.1, pause: float = 0.5) -> list[Phoneme]:
    """Sounds of `length` each, with a pause before and after them."""
    return [Phoneme(c, pause + i * length, pause + (i + 1) * length) for i, c in enumerate(text)]


SAID = line("anapatamiful" * 6)
SECONDS = SAID[-1].end + 0.5


def figures_of(curves: np.ndarray) -> dict[str, float]:
    counted = RunningSpeech()
    counted.add(curves, SAID)
    return counted.figures()


def test_a_perfect_mouth_has_perfect_figures() -> None:
    figures = figures_of(targets(SAID, SECONDS))
    assert figures["closed at p b m"] == figures["f v: lip at teeth"] == figures["silence closed"] == 1.0
    assert figures["AUC closure"] == figures["AUC rounding"] == figures["AUC tongue"] == 1.0
    assert figures["false closure, tongue"] == figures["false closure, vowels"] == 0.0
    assert figures["correlation of opening"] > 0.9
    assert figures["lag_ms"] == 0.0


def test_a_mouth_that_stays_shut_is_seen() -> None:
    curves = targets(SAID, SECONDS)
    curves[:, CLOSURE] = 1.0
    figures = figures_of(curves)
    assert figures["closed at p b m"] == 1.0
    assert figures["false closure, n"] == figures["false closure, vowels"] == 1.0
    assert figures["AUC closure"] == 0.5


@pytest.mark.parametrize("late", [5, -3])
def test_a_mouth_that_comes_late_is_seen(late: int) -> None:
    curves = np.roll(targets(SAID, SECONDS), late, axis=0)
    assert figures_of(curves)["lag_ms"] == pytest.approx(10 * late, abs=10)


def test_the_area_is_the_share_of_pairs_in_order() -> None:
    assert area([1, 2, 3, 4, 5], [0, 0.5, 0.1, 0.2, 0.3]) == 1.0
    assert np.isnan(area([1.0], [0.0]))


@pytest.mark.parametrize("condition", CONDITIONS)
def test_conditions_keep_the_length_and_do_what_they_say(condition: str) -> None:
    rng = np.random.default_rng(0)
    voice = np.sin(2 * np.pi * 1000 * np.arange(SAMPLE_RATE) / SAMPLE_RATE).astype(np.float32)
    voice += np.sin(2 * np.pi * 6000 * np.arange(SAMPLE_RATE) / SAMPLE_RATE).astype(np.float32)
    sound = heard(voice, condition, rng)  # type: ignore[arg-type]
    assert sound.shape == voice.shape
    assert sound.dtype == np.float32
    if condition == "telephone":
        spectrum = np.abs(np.fft.rfft(sound))
        assert spectrum[1000] > 100 * spectrum[6000]
    elif condition != "clean":
        under = sound - voice
        distance = 10 * np.log10(np.mean(voice**2) / np.mean(under**2))
        assert distance == pytest.approx(10.0, abs=1.0)


def sentence(text: str, seed: int, voice: str = "x") -> Spoken:
    said = line(text)
    noise = np.random.default_rng(seed).standard_normal(int((said[-1].end + 0.5) * SAMPLE_RATE))
    loud = np.zeros(len(noise))
    for _, start, end in said:
        loud[int(start * SAMPLE_RATE) : int(end * SAMPLE_RATE)] = 0.1
    return Spoken((noise * loud).astype(np.float32), said, voice)


def test_sentences_are_kept_as_they_were(tmp_path: Path) -> None:
    given = [sentence("mama", 0), sentence("fata", 1, "y")]
    spoken.write(tmp_path / "a" / "said.npz", given, offsets={"x": -60})
    for one, kept in zip(given, spoken.read(tmp_path / "a" / "said.npz"), strict=True):
        np.testing.assert_allclose(kept.samples, one.samples, atol=1e-4)
        assert [p.name for p in kept.phonemes] == [p.name for p in one.phonemes]
        assert kept.phonemes[1].start == pytest.approx(one.phonemes[1].start, abs=1e-4)
        assert kept.voice == one.voice
    assert spoken.about(tmp_path / "a" / "said.npz") == {"offsets": {"x": -60}}


def test_sounds_stay_at_their_places_in_a_recording_of_many_sentences() -> None:
    said = [sentence("mapasa", seed) for seed in range(8)]
    for samples, phonemes in strips(said, 20.0, np.random.default_rng(0)):
        for name, start, end in phonemes:
            assert name
            inside = samples[int((start + 0.02) * SAMPLE_RATE) : int((end - 0.02) * SAMPLE_RATE)]
            assert np.sqrt(np.mean(inside**2)) > 0.02
        between = samples[: int((phonemes[0].start - 0.02) * SAMPLE_RATE)]
        assert np.abs(between).max() < 0.01


def test_a_strip_holds_every_sentence_with_its_targets() -> None:
    said = [sentence("mapasa", seed) for seed in range(3)]
    made = strip(said, 1.0, np.random.default_rng(0))
    assert made.decibels.shape == (len(made.targets), BANDS)
    assert made.minutes > sum(len(one.samples) for one in said) / SAMPLE_RATE / 60
    loud = made.decibels.astype(np.float32).max(axis=1)
    spoken_frames = made.targets[:, 5] == 255
    assert np.median(loud[spoken_frames]) > np.median(loud[~spoken_frames]) + 20


@pytest.mark.parametrize("layers", [LONG, SHORT])
def test_contacts_exclude_each_other_and_the_file_says_how_far_it_looks(layers: tuple) -> None:
    torch.manual_seed(0)
    network = MouthNetwork(16, layers)
    in_numpy = Network({name: tensor.numpy() for name, tensor in network.state_dict().items()})
    assert (in_numpy.behind, in_numpy.ahead) == span(layers)
    features = 3 * torch.randn(1, in_numpy.behind + in_numpy.ahead + 50, BANDS)
    with torch.no_grad():
        expected = values(network(features))[0].numpy()
    given = in_numpy(features[0].numpy())
    np.testing.assert_allclose(given, expected, atol=2e-5)
    assert (given[:, CLOSURE] + given[:, LIP_TEETH]).max() <= 1.0


def test_a_layout_that_is_impossible_is_refused() -> None:
    with pytest.raises(ValueError, match="7 layers"):
        layout((1, 2))
    with pytest.raises(ValueError, match="cannot look 9 ahead"):
        layout((9, 0, 0, 0, 0, 0, 0))


def test_a_training_begins_with_the_network_that_ships() -> None:
    network = MouthNetwork(128)
    begin_with(network, WEIGHTS)
    from safetensors.numpy import load_file

    shipped = load_file(WEIGHTS)
    np.testing.assert_array_equal(network.entry.weight.detach().numpy(), shipped["entry.weight"])
    known = len(shipped["exit.bias"])
    np.testing.assert_array_equal(network.exit.weight.detach().numpy()[:known], shipped["exit.weight"])
    with pytest.raises(OptionError, match="--width"):
        begin_with(MouthNetwork(16), WEIGHTS)
    with pytest.raises(OptionError, match=r"nothing\.safetensors"):
        begin_with(network, Path("nothing.safetensors"))


def test_the_operating_point_reaches_its_recall() -> None:
    torch.manual_seed(0)
    weights = {name: tensor.numpy().copy() for name, tensor in MouthNetwork(8).state_dict().items()}
    # Far from any contact: nothing would ever be found closed.
    weights["exit.bias"][[CLOSURE, LIP_TEETH]] = -1.5
    voices = {"x": [sentence("anapatamifula" * 2, seed) for seed in range(6)]}
    moved = tuned(weights, voices)
    network, rng = Network(moved), np.random.default_rng(5)
    counted = RunningSpeech()
    for samples, phonemes in strips(voices["x"], 60.0, np.random.default_rng(3)):
        for condition in CONDITIONS:
            sound = heard(samples, condition, rng)
            power = mel_power(sound, -network.behind - MEMORY, len(sound) // HOP + network.ahead)
            counted.add(network(normalise(power)[MEMORY:]), phonemes)
    assert counted.figures()["closed at p b m"] >= RECALL[CLOSURE]
    assert weights["exit.bias"][CLOSURE] == np.float32(-1.5)
