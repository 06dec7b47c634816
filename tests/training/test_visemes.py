from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.preview.features import BANDS
from engines.preview.mouth import CHANNELS, FRAME_RATE
from engines.preview.network import AHEAD, BEHIND, Network
from training.visemes import __main__ as command
from training.visemes.augment import augment
from training.visemes.background import background
from training.visemes.corpus import Corpus, Recipe, build
from training.visemes.network import MouthNetwork
from training.visemes.train import save, train

WEIGHTS = Path(__file__).parents[2] / "engines" / "preview" / "visemes.safetensors"


def in_numpy(network: MouthNetwork) -> Network:
    return Network({name: tensor.numpy() for name, tensor in network.state_dict().items()})


@settings(max_examples=10, deadline=None)
@given(frames=st.integers(1, 60), width=st.sampled_from([4, 17, 32]), seed=st.integers(0, 1000))
def test_torch_and_numpy_agree(frames: int, width: int, seed: int) -> None:
    torch.manual_seed(seed)
    network = MouthNetwork(width).eval()
    features = torch.randn(1, BEHIND + frames + AHEAD, BANDS)
    with torch.no_grad():
        expected = torch.sigmoid(network(features))[0].numpy()
    assert expected.shape == (frames, len(CHANNELS))
    np.testing.assert_allclose(in_numpy(network)(features[0].numpy()), expected, atol=2e-5)


def test_torch_and_numpy_agree_on_the_weights_that_ship() -> None:
    from safetensors.torch import load_file

    tensors = load_file(WEIGHTS)
    network = MouthNetwork(tensors["entry.bias"].shape[0])
    network.load_state_dict(tensors)
    features = torch.randn(1, 300, BANDS)
    with torch.no_grad():
        expected = torch.sigmoid(network(features))[0].numpy()
    np.testing.assert_allclose(Network.read(WEIGHTS)(features[0].numpy()), expected, atol=2e-5)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return build(Recipe(minutes=0.5, seed=4, flite_share=0.0, festival_share=0.0))


def test_a_corpus_is_made_again_from_its_seed(corpus: Corpus) -> None:
    again = build(Recipe(minutes=0.5, seed=4, flite_share=0.0, festival_share=0.0))
    np.testing.assert_array_equal(again.decibels, corpus.decibels)
    np.testing.assert_array_equal(again.targets, corpus.targets)
    np.testing.assert_array_equal(again.background, corpus.background)
    other = build(Recipe(minutes=0.5, seed=5, flite_share=0.0, festival_share=0.0))
    assert other.decibels.shape != corpus.decibels.shape or (other.decibels != corpus.decibels).any()


def test_two_trainings_from_one_seed_give_the_same_weights(corpus: Corpus, tmp_path: Path) -> None:
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        network = train(corpus, steps=3, seed=seed, width=16, report=lambda line: None)
        save(network, tmp_path / name, note="test")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert (tmp_path / "a").read_bytes() != (tmp_path / "c").read_bytes()


def test_training_lowers_the_loss(corpus: Corpus) -> None:
    lines: list[str] = []
    train(corpus, steps=1, seed=0, width=16, report=lines.append)
    train(corpus, steps=40, seed=0, width=16, learning_rate=5e-3, report=lines.append)
    losses = [float(line.split("loss")[1].split()[0]) for line in lines]
    assert losses[-1] < 0.85 * losses[0]


def test_the_command_writes_weights_and_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "visemes.safetensors"
    arguments = ["--minutes", "0.4", "--epochs", "1", "--width", "16", "--without-flite"]
    command.main([*arguments, "--out", str(out), "--cache", str(tmp_path / "cache")])
    assert Network.read(out)(np.zeros((BEHIND + AHEAD + 5, BANDS), np.float32)).shape == (5, 6)
    record = json.loads(out.with_suffix(".json").read_text())
    assert set(record["figures"]["clean"]) == {"english", "mandarin"}
    assert record["look_ahead_ms"] <= 120
    assert "closure_recall" in capsys.readouterr().out


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_a_degraded_crop_keeps_its_bounds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frames = 400
    speech = rng.uniform(-100.0, 0.0, (frames, BANDS)).astype(np.float16)
    curves = np.zeros((frames, 6), np.uint8)
    curves[100:200, 5] = 255
    curves[:90, 1] = curves[215:, 1] = 255
    untouched = curves.copy()
    features, wanted = augment(rng, speech, curves, speech[::-1])
    assert features.shape == (frames, BANDS)
    assert features.dtype == wanted.dtype == np.float32
    assert np.isfinite(features).all()
    assert features.min() >= -1.0
    assert features.max() <= 3.0
    assert wanted.min() >= 0.0
    assert wanted.max() <= 1.0
    np.testing.assert_array_equal(curves, untouched)


@pytest.mark.parametrize("seed", range(12))
def test_backgrounds_are_finite_and_level(seed: int) -> None:
    sound = background(np.random.default_rng(seed), 2.0)
    assert len(sound) == 32000
    assert np.isfinite(sound).all()
    assert np.sqrt(np.mean(sound**2)) == pytest.approx(0.1, rel=1e-3)


def test_half_a_minute_of_corpus_lines_up(corpus: Corpus) -> None:
    assert len(corpus.decibels) == len(corpus.targets) >= 30 * FRAME_RATE
    # Where the targets say that somebody speaks, there is sound; where they rest, there is none.
    loud = corpus.decibels.astype(np.float32).max(axis=1)
    spoken = corpus.targets[:, 5] == 255
    resting = (corpus.targets[:, 1] == 255) & (corpus.targets[:, 5] == 0)
    assert np.median(loud[spoken]) > -40
    assert np.median(loud[resting]) < -60
