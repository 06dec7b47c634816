"""Complete rounds: from a dataset to a generator that the engine renders with."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from engines.joyvasa.engine import JoyVasaEngine
from engines.joyvasa.networks.motion_generator import MotionGenerator
from engines.joyvasa.options import JoyVasaOptions
from engines.joyvasa.weights.catalogue import MOTION_GENERATOR, folder
from engines.joyvasa.weights.checkpoints import load_network, load_template, open_file
from engines.joyvasa.weights.model_registry import JoyVasaNetworks
from engines.saved_motion import load_motion
from engines.weights.reading import read_checkpoint
from media.errors import DatasetError, WeightsError, WeightsMissing
from media.portrait import open_portrait
from media.video import VideoReader
from media.voice import open_voice
from tests.training.joyvasa.conftest import make_dataset
from tests.training.joyvasa.runs import fixed_loss, recipe_of
from training.joyvasa.recipe import NO_TEST, RANDOM_DATA
from training.joyvasa.validation import ABOUT, LOSSES, RANDOM_NOTE
from training.loop.events import Exported, TrainingEvent, Validated
from training.loop.run import train

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"


@pytest.fixture(scope="module")
def trained(
    dataset: Path, tiny_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, float, float, list[TrainingEvent]]:
    """A run of twenty steps with its validation: its folder, the loss before and after, and its events."""
    out = tmp_path_factory.mktemp("run")
    portrait = EXAMPLES / "portraits" / "astronaut.png"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JOYSTUDIO_WEIGHTS", str(tiny_root))
        recipe = recipe_of(dataset, steps=20, validate_every=20, portrait=str(portrait))
        before = fixed_loss(recipe)
        events = list(train(recipe, recipe.options, out))
        after = fixed_loss(recipe)
    return out, before, after, events


def test_the_loss_falls_on_a_fixed_batch(trained) -> None:
    _, before, after, _ = trained
    assert after < 0.5 * before


def test_a_validation_reports_losses_and_shows_a_video(trained) -> None:
    out, _, _, events = trained
    (validated,) = (event for event in events if isinstance(event, Validated))
    told = json.loads((out / "validation" / "step-000020" / LOSSES).read_text())
    assert told["voices"] == 1
    assert 0 < told["noise"] < told["loss"]
    _, motion, video = validated.files
    assert load_motion(motion).frames == 30
    assert len(list(VideoReader(video))) == 30
    with av.open(str(video)) as container:
        assert container.metadata["comment"] == f"{ABOUT} {RANDOM_NOTE}"


def test_the_export_is_what_the_engine_renders_with(
    trained, tiny_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, _, _, events = trained
    assert isinstance(events[-1], Exported)
    public, converted, template = events[-1].files
    mine = folder(tmp_path)
    shutil.copytree(folder(tiny_root).base, mine.base)
    shutil.copytree(out / "export" / "JoyVASA", mine.base / "JoyVASA", dirs_exist_ok=True)
    monkeypatch.setenv("JOYSTUDIO_WEIGHTS", str(tmp_path))
    assert mine.find(MOTION_GENERATOR) == mine.base / converted.relative_to(out / "export")
    assert template.name == "motion_template.pkl"

    one, two = (read_checkpoint(path) for path in (public, converted))
    assert one.facts == two.facts
    assert one.facts["args"]["n_motions"] == 100
    assert one.facts["iter"] == 20
    assert one.random_weights == two.random_weights != None  # noqa: E711
    assert all(torch.equal(value, two.tensors[name]) for name, value in one.tensors.items())
    read, _ = load_network("motion_generator_hubert", mine)
    assert isinstance(read, MotionGenerator)
    assert read.denoising_net.positional_encoding == "pe_fixed"
    saved = load_file(out / "checkpoints" / "step-000020" / "motion_generator.safetensors")
    assert all(torch.equal(value, read.state_dict()[name]) for name, value in saved.items())
    assert load_template(mine).greatest.tolist() == load_template(folder(tiny_root)).greatest.tolist()

    engine = JoyVasaEngine(JoyVasaNetworks("cpu"))
    assert engine.random_weights
    speech = open_voice((16_000, open_voice(EXAMPLES / "voices" / "english-woman.wav").samples[8000:12_000]))
    options = JoyVasaOptions(inference_steps=2, precision="fp32")
    portrait = open_portrait(EXAMPLES / "portraits" / "astronaut.png")
    pieces = [work for work in engine.animate(portrait, speech, options, 0) if isinstance(work, np.ndarray)]
    assert np.concatenate(pieces).shape == (6, portrait.height, portrait.width, 3)


def test_the_encoders_convolutions_are_not_trained(dataset: Path, weights: Path, tmp_path: Path) -> None:
    convolution, layer = (
        "feature_extractor.conv_layers.0.conv.weight",
        "encoder.layers.0.attention.k_proj.weight",
    )
    for train_encoder in (True, False):
        recipe = recipe_of(dataset, steps=2, train_encoder=train_encoder, layerdrop=0.0)
        before = {name: value.clone() for name, value in recipe.generator.state_dict().items()}
        list(train(recipe, recipe.options, tmp_path / str(train_encoder)))
        after = recipe.generator.state_dict()

        def moved(name: str, before=before, after=after) -> bool:
            return not torch.equal(before[name], after[name])

        assert not moved(f"audio_encoder.{convolution}")
        assert moved(f"audio_encoder.{layer}") == train_encoder
        assert moved("audio_feature_map.weight")
        assert moved("start_motion_feat")
        assert moved("null_audio_feat") or not recipe.options.drop_audio


def test_a_frozen_encoder_hears_the_same_every_time(dataset: Path, weights: Path) -> None:
    recipe = recipe_of(dataset, train_encoder=False)
    assert recipe.draws.mask is None
    batch = recipe.collate([recipe.sample(np.random.default_rng(0))])
    recipe.generator.train()
    recipe.loss(batch, np.random.default_rng(0))
    assert not recipe.generator.audio_encoder.training
    assert recipe.generator.denoising_net.training


@pytest.mark.parametrize("audio_model", ["hubert", "wav2vec2"])
def test_a_generator_from_nothing(dataset: Path, tmp_path: Path, audio_model: str) -> None:
    given: dict[str, Any] = {
        "start": "random",
        "size": "tiny",
        "audio_model": audio_model,
        "positional_encoding": "pe_old",
        "target": "noise",
        "criterion": "l1",
        "steps": 1,
    }
    recipe, again = recipe_of(dataset, **given), recipe_of(dataset, **given)
    pairs = zip(recipe.generator.parameters(), again.generator.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)
    assert float(recipe.generator.start_motion_feat.detach().std()) == pytest.approx(1, abs=0.1)
    *_, last = train(recipe, recipe.options, tmp_path)
    assert isinstance(last, Exported)
    for path in last.files[:2]:
        opened = open_file(path, "motion_generator_hubert")
        assert opened.name == f"motion_generator_{audio_model}"
        assert opened.random_weights is None
        assert opened.config["target"] == "noise"
        assert "positional_encoding" not in opened.config  # the usual one
        assert opened.facts["args"]["audio_model"] == audio_model


def test_a_training_can_continue_from_an_export(dataset: Path, trained, weights: Path) -> None:
    _, _, after, events = trained
    recipe = recipe_of(dataset, generator=str(events[-1].files[0]))
    assert recipe.notes == ()
    assert recipe.random_weights
    assert fixed_loss(recipe) == pytest.approx(after, rel=1e-5)


def test_missing_inputs_are_reported(dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOYSTUDIO_WEIGHTS", str(tmp_path))
    for audio_model, file in (("hubert_zh", "chinese-hubert-base"), ("wav2vec2", "wav2vec2-base-960h")):
        with pytest.raises(WeightsMissing, match=rf"{file}.*--only training"):
            recipe_of(dataset, start="new", audio_model=audio_model)
    with pytest.raises(WeightsMissing, match="motion_generator"):
        recipe_of(dataset)
    with pytest.raises(WeightsError, match=r"no motion generator .*mine\.pt"):
        recipe_of(dataset, generator=str(tmp_path / "mine.pt"))


def test_notes_about_the_data(weights: Path, tmp_path: Path) -> None:
    root = make_dataset(tmp_path, (210,), random_weights=True)
    recipe = recipe_of(root, positional_encoding="pe_old")
    assert recipe.notes == (RANDOM_DATA, NO_TEST)
    assert recipe.random_weights
    recipe = recipe_of(root)
    assert any("pe_old and now learns pe_fixed" in note for note in recipe.notes)


def test_a_dataset_without_videos_to_train_on(weights: Path, tmp_path: Path) -> None:
    from training.dataset.index import write_index

    root = make_dataset(tmp_path, (210,))
    write_index(root, test={"video-0"})
    with pytest.raises(DatasetError, match="0 training videos of 1"):
        recipe_of(root)
