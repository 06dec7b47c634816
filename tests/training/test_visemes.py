from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.preview.engine import PreviewEngine
from engines.preview.features import BANDS
from engines.preview.mouth import CHANNELS, FRAME_RATE, VoiceToMouth
from engines.preview.network import LONG, Network, span
from engines.preview.options import PreviewOptions
from media.errors import OptionError
from media.portrait import open_portrait
from media.voice import open_voice
from tests.conftest import ASTRONAUT
from tests.training.mouth_runs import SPEECH, options_of, trained
from training.visemes import __main__ as command
from training.visemes.augment import augment
from training.visemes.background import background
from training.visemes.corpus import Corpus, build
from training.visemes.network import MouthNetwork, values
from training.visemes.recipe import MouthRecipe, open_recipe

ROOT = Path(__file__).resolve().parents[2]
BEHIND, AHEAD = span(LONG)
WEIGHTS = ROOT / "engines" / "preview" / "visemes.safetensors"


def in_numpy(network: MouthNetwork) -> Network:
    return Network({name: tensor.numpy() for name, tensor in network.state_dict().items()})


@settings(max_examples=10, deadline=None)
@given(frames=st.integers(1, 60), width=st.sampled_from([4, 17, 32]), seed=st.integers(0, 1000))
def test_torch_and_numpy_agree(frames: int, width: int, seed: int) -> None:
    torch.manual_seed(seed)
    network = MouthNetwork(width).eval()
    features = torch.randn(1, BEHIND + frames + AHEAD, BANDS)
    with torch.no_grad():
        expected = values(network(features))[0].numpy()
    assert expected.shape == (frames, len(CHANNELS))
    np.testing.assert_allclose(in_numpy(network)(features[0].numpy()), expected, atol=2e-5)


def test_torch_and_numpy_agree_on_the_weights_that_ship() -> None:
    from safetensors.torch import load_file

    tensors = load_file(WEIGHTS)
    network = MouthNetwork(tensors["entry.bias"].shape[0])
    network.load_state_dict(tensors)
    features = torch.randn(1, 300, BANDS)
    with torch.no_grad():
        expected = values(network(features))[0].numpy()
    np.testing.assert_allclose(Network.read(WEIGHTS)(features[0].numpy()), expected, atol=2e-5)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return build(SPEECH)


def test_a_corpus_is_made_again_from_its_seed(corpus: Corpus) -> None:
    again = build(SPEECH)
    np.testing.assert_array_equal(again.decibels, corpus.decibels)
    np.testing.assert_array_equal(again.targets, corpus.targets)
    np.testing.assert_array_equal(again.background, corpus.background)
    other = build(replace(SPEECH, seed=5))
    assert other.decibels.shape != corpus.decibels.shape or (other.decibels != corpus.decibels).any()


def weights_in(out: Path, step: int) -> bytes:
    return (out / "checkpoints" / f"step-{step:06}" / "mouth.safetensors").read_bytes()


def test_two_trainings_from_one_seed_give_the_same_weights(corpus: Corpus, tmp_path: Path) -> None:
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        trained(corpus, tmp_path / name, steps=2, seed=seed)
    assert weights_in(tmp_path / "a", 2) == weights_in(tmp_path / "b", 2)
    assert weights_in(tmp_path / "a", 2) != weights_in(tmp_path / "c", 2)


def test_killed_in_the_middle_a_training_ends_as_it_would_have(corpus: Corpus, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.training.mouth_runs", str(tmp_path / "one"), "5"]
    environment = os.environ | {"OMP_NUM_THREADS": str(torch.get_num_threads())}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert sorted(path.name[-1] for path in (tmp_path / "one" / "checkpoints").iterdir()) == ["2", "4"]
    trained(corpus, tmp_path / "one", steps=6, save_every=2, resume=True)
    trained(corpus, tmp_path / "two", steps=6, save_every=2)
    assert weights_in(tmp_path / "one", 6) == weights_in(tmp_path / "two", 6)


def test_training_lowers_the_loss_on_a_fixed_batch(corpus: Corpus, tmp_path: Path) -> None:
    def loss(recipe: MouthRecipe) -> float:
        batch = recipe.collate([recipe.sample(np.random.default_rng(k)) for k in range(8)])
        with torch.no_grad():
            return float(recipe.loss(batch, np.random.default_rng(0))[0])

    before = loss(MouthRecipe(corpus, options_of()))
    after = loss(trained(corpus, tmp_path, steps=20, learning_rate=1e-2))
    assert after < 0.75 * before


def test_a_sample_is_a_crop_with_what_is_heard_around_it(corpus: Corpus) -> None:
    sample = MouthRecipe(corpus, options_of()).sample(np.random.default_rng(0))
    assert sample["features"].shape == (BEHIND + 100 + AHEAD, BANDS)
    assert sample["curves"].shape == (100, len(CHANNELS))


def test_samples_longer_than_the_speech_are_refused(corpus: Corpus) -> None:
    with pytest.raises(OptionError, match="more --minutes"):
        MouthRecipe(corpus, options_of(frames=10_000))


def test_the_speech_is_made_and_reported(tmp_path: Path) -> None:
    given = {"minutes": 0.1, "flite": False, "festival": False, "cache": str(tmp_path)}
    recipe = open_recipe(None, options_of(**given))
    assert recipe.notes == ("0.00 hours of speech by espeak-ng.",)
    assert len(list(tmp_path.glob("corpus-*.npz"))) == 1


def test_the_command_writes_weights_and_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, voice_file: Path
) -> None:
    out = tmp_path / "visemes.safetensors"
    arguments = ["--minutes", "0.1", "--epochs", "20", "--width", "16", "--without-flite"]
    command.main([*arguments, "--out", str(out), "--cache", str(tmp_path / "cache")])
    assert Network.read(out)(np.zeros((BEHIND + AHEAD + 5, BANDS), np.float32)).shape == (5, 7)
    record = json.loads(out.with_suffix(".json").read_text())
    assert set(record["figures"]["clean"]) == {"english", "mandarin"}
    assert record["look_ahead_ms"] == 222.5
    assert record["steps"] == 2  # twenty passes of 600 frames, 24 times 300 of them in a step
    told = capsys.readouterr().out
    assert "closure_recall" in told
    assert "step 2/2" in told
    assert [path.name for path in (tmp_path / "cache").iterdir() if path.is_dir()] == []
    portrait, speech = open_portrait(ASTRONAUT, max_side=160), open_voice(voice_file)
    monkeypatch.setattr("engines.preview.engine.VoiceToMouth", partial(VoiceToMouth, out))
    frames = np.concatenate(list(PreviewEngine().animate(portrait, speech, PreviewOptions(), 0)))
    assert frames.shape == (speech.frames(25), portrait.height, portrait.width, 3)
    monkeypatch.undo()
    usual = np.concatenate(list(PreviewEngine().animate(portrait, speech, PreviewOptions(), 0)))
    assert not np.array_equal(frames, usual)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_a_degraded_crop_keeps_its_bounds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    frames = 400
    speech = rng.uniform(-100.0, 0.0, (frames, BANDS)).astype(np.float16)
    curves = np.zeros((frames, 7), np.uint8)
    curves[100:200, 5] = 255
    curves[:90, 1] = curves[215:, 1] = 255
    untouched = curves.copy()
    features, wanted, hidden = augment(rng, speech, curves, speech[::-1], distance=10.0)
    assert features.shape == (frames, BANDS)
    assert features.dtype == wanted.dtype == np.float32
    assert np.isfinite(features).all()
    assert features.min() >= -1.0
    assert features.max() <= 3.0
    assert wanted.min() >= 0.0
    assert wanted.max() <= 1.0
    assert 0.0 <= hidden <= 1.0
    np.testing.assert_array_equal(curves, untouched)


def test_louder_noise_hides_more_of_a_voice(corpus: Corpus) -> None:
    frames = slice(0, 400)

    def hidden(seed: int, distance: float) -> float:
        crop = corpus.decibels[frames], corpus.targets[frames], corpus.background[frames]
        return augment(np.random.default_rng(seed), *crop, distance)[2]

    for seed in range(8):
        loud, usual, soft = (hidden(seed, distance) for distance in (0.0, 10.0, 60.0))
        assert loud >= usual >= soft
    assert np.mean([hidden(seed, 0.0) - hidden(seed, 60.0) for seed in range(8)]) > 0.2


def test_contacts_under_noise_are_learned_with_higher_odds(corpus: Corpus) -> None:
    recipe = MouthRecipe(corpus, options_of())
    with torch.no_grad():
        for weights in recipe.network.parameters():
            weights.zero_()
        recipe.network.exit.bias[1] = 1.0
        batch = recipe.collate([recipe.sample(np.random.default_rng(k)) for k in range(4)])
        batch["eager"] = torch.ones(4)
        under_noise = recipe.loss(batch, np.random.default_rng(0))[1]["contacts"]
        recipe.network.exit.bias[:] = torch.tensor([0.0, 0, 0, 0, -1, 0, 0])
        batch["eager"] = torch.zeros(4)
        clean = recipe.loss(batch, np.random.default_rng(0))[1]["contacts"]
    torch.testing.assert_close(under_noise, clean)


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
