"""The trained parameters, inputs and dropped conditions of each stage."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from media.errors import DatasetError, WeightsError
from tests.training.joyhallo.conftest import make_dataset
from tests.training.joyhallo.runs import opened
from training.joyhallo.clip_step import TRAINED_MODULES, ClipGiven, ClipStep, Kept
from training.joyhallo.encoding import drawn_latents
from training.joyhallo.networks import fill_from_stable_diffusion
from training.joyhallo.recomputing import recompute_layers
from training.joyhallo.stage import JoyHalloRecipe
from training.joyhallo.stage2 import ClipRecipe
from training.joyhallo.validation import _sound


class Dice(np.random.Generator):
    """Throws the given numbers."""

    def __init__(self, *numbers: float) -> None:
        super().__init__(np.random.PCG64(0))
        self.numbers = numbers

    def random(self, *size: Any, **named: Any) -> Any:
        return np.array(self.numbers) if size else self.numbers[0]


@pytest.fixture(scope="module")
def recipes(dataset: Path, tiny_root: Path) -> Iterator[dict[str, JoyHalloRecipe]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JOYSTUDIO_WEIGHTS", str(tiny_root))
        made: dict[str, Any] = {}
        for stage in ("1", "2"):
            made[stage] = opened(dataset, stage, start="random", size="tiny")[0]
        torch.manual_seed(0)
        for name, parameter in made["2"].all.parts["denoising_unet"].named_parameters():
            if name.endswith("proj_out.weight") and any(part in name for part in TRAINED_MODULES):
                parameter.data.normal_(std=0.1)
        yield made


def batch_of(recipe: JoyHalloRecipe, count: int = 2) -> dict[str, Tensor]:
    return recipe.collate([recipe.sample(np.random.default_rng(k)) for k in range(count)])


def names_with_gradient(recipe: JoyHalloRecipe, dice: Dice) -> set[str]:
    for network in recipe.networks().values():
        network.zero_grad()
    recipe.loss(batch_of(recipe), dice)[0].backward()
    return {
        f"{part}.{name}"
        for part, network in recipe.networks().items()
        for name, parameter in network.named_parameters()
        if parameter.grad is not None and parameter.grad.abs().max() > 0
    }


def test_stage_1_trains_what_paints_pictures(recipes: dict[str, JoyHalloRecipe]) -> None:
    moved = names_with_gradient(recipes["1"], Dice(1.0))
    assert {name.partition(".")[0] for name in moved} == {
        "reference_unet",
        "denoising_unet",
        "face_locator",
        "imageproj",
    }
    assert not [name for name in moved if "audio_modules" in name or "motion_modules" in name]
    assert "denoising_unet.conv_in.weight" in moved
    assert "reference_unet.up_blocks.3.attentions.2.transformer_blocks.0.norm1.weight" in moved


def test_stage_1_drops_the_portrait_and_its_face_together(recipes: dict[str, JoyHalloRecipe]) -> None:
    moved = names_with_gradient(recipes["1"], Dice(0.0))
    assert not [name for name in moved if name.startswith("reference_unet.")]
    assert "imageproj.norm.bias" in moved
    weight = dict(recipes["1"].networks()["imageproj"].named_parameters())["proj.weight"]
    assert weight.grad is not None
    assert weight.grad.abs().max() == 0  # the face was zeros
    assert any(name.startswith("face_locator.") for name in moved)  # the region stays


def test_stage_2_trains_what_hears_and_moves(recipes: dict[str, JoyHalloRecipe]) -> None:
    moved = names_with_gradient(recipes["2"], Dice(1.0, 1.0, 1.0))
    assert {name.partition(".")[0] for name in moved} == {"denoising_unet", "audioproj"}
    unet = [name for name in moved if name.startswith("denoising_unet.")]
    assert all("audio_modules" in name or "motion_modules" in name for name in unet)
    assert len([name for name in unet if "audio_modules" in name]) > 450
    silent = names_with_gradient(recipes["2"], Dice(1.0, 0.0, 1.0))
    assert not [name for name in silent if name.startswith("audioproj.")]
    assert len([name for name in silent if "audio_modules" in name]) > 350


def test_stage_2_drops_each_condition_on_its_own(recipes: dict[str, JoyHalloRecipe]) -> None:
    recipe = recipes["2"]
    batch = batch_of(recipe)
    with torch.no_grad():
        losses = [
            float(recipe.loss(batch, Dice(*dice))[0])
            for dice in ((1, 1, 1), (0, 1, 1), (1, 0, 1), (1, 1, 0), (0, 0, 0))
        ]
    assert len(set(losses)) == len(losses)


def given_of(recipe: JoyHalloRecipe, seeds: list[int]) -> tuple[ClipGiven, Tensor]:
    """What the step of stage 2 gets for samples of such seeds."""
    assert isinstance(recipe, ClipRecipe)
    batch = recipe.collate([recipe.sample(np.random.default_rng(k)) for k in seeds])
    clean = torch.stack([latents(k) for k in seeds])
    noisy, velocity = recipe.noised(batch, clean)
    pictures = torch.cat([latents(k + 10).transpose(0, 1).repeat(2, 1, 1, 1)[:3] for k in seeds])
    return recipe._given(batch, pictures, noisy), velocity


def latents(seed: int) -> Tensor:
    return torch.randn(4, 2, 8, 8, generator=torch.Generator().manual_seed(seed))


@torch.no_grad()
def test_samples_of_a_batch_do_not_see_each_other(recipes: dict[str, JoyHalloRecipe]) -> None:
    recipe = recipes["2"]
    step, tiled = ClipStep(recipe.all.parts), ClipStep(recipe.all.parts, tiling=True)
    both = step.predict(given_of(recipe, [1, 2])[0], Kept())
    alone = torch.cat([step.predict(given_of(recipe, [seed])[0], Kept()) for seed in (1, 2)])
    torch.testing.assert_close(both, alone, atol=1e-4, rtol=1e-4)
    mixed = tiled.predict(given_of(recipe, [1, 2])[0], Kept())
    assert (mixed - alone).abs().max() > 1e-3
    one = tiled.predict(given_of(recipe, [1])[0], Kept())
    torch.testing.assert_close(one, alone[:1], atol=1e-4, rtol=1e-4)


def test_layers_computed_twice_give_every_gradient(dataset: Path, weights: Path) -> None:
    """Without voice too, where the kind of recomputing that re-enters the graph gives hardly any."""

    def gradients(checkpointing: bool) -> dict[str, Tensor]:
        recipe, _ = opened(dataset, "2", start="random", size="tiny")
        assert isinstance(recipe, ClipRecipe)
        if checkpointing:
            recompute_layers(recipe.networks()["denoising_unet"])
        given, velocity = given_of(recipe, [1])
        predicted = recipe.step.predict(given, Kept(voice=False))
        recipe.step.loss(predicted, velocity, given.timesteps)[0].backward()
        network = recipe.networks()["denoising_unet"]
        return {name: p.grad for name, p in network.named_parameters() if p.grad is not None}

    plain, recomputed = gradients(False), gradients(True)
    assert plain.keys() == recomputed.keys()
    assert len(plain) > 500
    for name, gradient in plain.items():
        torch.testing.assert_close(recomputed[name], gradient, atol=1e-6, rtol=1e-4)


def test_latents_are_drawn_around_the_mean(recipes: dict[str, JoyHalloRecipe]) -> None:
    codec = recipes["1"].all.codec
    pictures = torch.rand(3, 3, 64, 64, generator=torch.Generator().manual_seed(0)) * 2 - 1
    mean = codec.encode(pictures)
    torch.testing.assert_close(drawn_latents(codec, pictures, torch.zeros(3, 4, 8, 8)), mean)
    above = drawn_latents(codec, pictures, torch.ones(3, 4, 8, 8)) - mean
    assert above.min() > 0


def test_half_precision_trains_both_stages(recipes: dict[str, JoyHalloRecipe]) -> None:
    for stage, dice in (("1", Dice(1.0)), ("2", Dice(1.0, 1.0, 1.0))):
        recipe = recipes[stage]
        batch = batch_of(recipe, 1)
        with torch.no_grad():
            exact = float(recipe.loss(batch, dice)[0])
            recipe.place(torch.device("cpu"), torch.bfloat16)
            with torch.autocast("cpu", torch.bfloat16):
                rounded = float(recipe.loss(batch, dice)[0])
            recipe.place(torch.device("cpu"), torch.float32)
        assert rounded == pytest.approx(exact, rel=0.05)


def test_a_clip_has_the_sound_of_its_frames_where_there_is_any(dataset: Path) -> None:
    voice = next(dataset.rglob("voice.wav"))
    sound = _sound(voice, 16)
    assert sound is not None
    assert sound.duration == 16 / 25
    assert _sound(voice, 2) is None  # too short for a voice


def test_stable_diffusion_begins_both_unets(dataset: Path, weights: Path) -> None:
    parts = opened(dataset, "1", start="random", size="tiny")[0].all.parts  # type: ignore[attr-defined]
    drawn = torch.Generator().manual_seed(0)
    state = parts["denoising_unet"].state_dict()
    made = {key: torch.randn(value.shape, generator=drawn) for key, value in state.items()}
    base = {key: value for key, value in made.items() if "_modules." not in key}
    moving = {key: value for key, value in made.items() if "motion_modules." in key}
    deep = next(key for key in moving if key.startswith("mid_block."))
    moving[deep.replace("mid_block", "up_blocks.0")] = moving[deep]  # never run
    fill_from_stable_diffusion(parts, base, moving)
    unet, reference = parts["denoising_unet"].state_dict(), parts["reference_unet"].state_dict()
    assert all(torch.equal(unet[key], value) for key, value in base.items())
    assert all(torch.equal(reference[key], base[key]) for key in reference)
    assert all(
        torch.equal(unet[key], state[key] if key.endswith(".pe") else made[key])
        for key in unet
        if "motion_modules." in key
    )
    with pytest.raises(WeightsError, match=r"1 of \d+ tensors have no place, other\.weight among them"):
        fill_from_stable_diffusion(parts, {**base, "other.weight": base["conv_in.weight"]}, moving)


def test_another_encoders_voices_are_refused(tmp_path: Path, weights: Path) -> None:
    data = make_dataset(tmp_path, (24,), voice=(12, 16))
    with pytest.raises(DatasetError, match=r"12 layers of 16 numbers, the networks need 3 of 24"):
        opened(data, "2", start="random", size="tiny")


def test_a_net_file_that_is_not_there_is_named(dataset: Path, weights: Path) -> None:
    with pytest.raises(WeightsError, match=r"There is no net file nowhere/net\.pth"):
        opened(dataset, "2", net="nowhere/net.pth")
