"""Validates a motion generator: its losses on test voices, and the motion of one of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from engines.base import Note, Step
from engines.joyvasa.engine import JoyVasaEngine
from engines.joyvasa.motion.audio_to_motion import AudioToMotion, only_motion
from engines.joyvasa.motion.driving import to_saved_motion
from engines.joyvasa.motion.sampler import SamplerSettings
from engines.joyvasa.motion.template import MotionTemplate
from engines.joyvasa.networks.motion_generator import MotionGenerator
from engines.joyvasa.options import JoyVasaOptions
from engines.joyvasa.spec import SPEC as JOYVASA
from engines.joyvasa.weights.model_registry import JoyVasaNetworks
from engines.saved_motion import SavedMotion
from media.documents.paths import given_path
from media.errors import VoiceError, WeightsMissing
from media.portrait import open_portrait
from media.video import VideoWriter
from media.voice import SAMPLE_RATE, open_voice
from training.dataset.index import FPS, Item
from training.joyvasa.clips import Clips, read_voice
from training.joyvasa.noise import TrainingNoise
from training.joyvasa.objective import Objective
from training.joyvasa.options import JoyVasaTraining

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "portraits" / "astronaut.png"
SECONDS = 6
"""Seconds of the voice whose motion is shown; reaches into the second window."""
SEED = 42
LOSSES = "losses.json"
ABOUT = "AI generated: a portrait that a training made to move."
RANDOM_NOTE = "It was rendered with random weights."


class ValidatedRecipe(Protocol):
    """The parts of a recipe that a validation reads."""

    options: JoyVasaTraining
    generator: MotionGenerator
    template: MotionTemplate
    tested: tuple[Item, ...]
    clips: Clips
    draws: TrainingNoise
    objective: Objective
    device: torch.device

    def collate(self, samples: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
        """One batch of samples."""


def validate(recipe: ValidatedRecipe, step: int, folder: Path) -> list[Path]:
    """Write `losses.json`, the motion of the first test voice, and a video of it if the engine's rendering
    weights exist. The same voices, noise and steps of diffusion every time.
    """
    written = [_write_losses(recipe, step, folder)]
    item = recipe.tested[0]
    frames = min(item.frames, SECONDS * FPS)
    samples = read_voice(item, 0, frames)
    settings = SamplerSettings(cfg_scale=JoyVasaOptions().cfg_scale, target=recipe.options.target)
    sequence = AudioToMotion(recipe.generator, recipe.template).sequence(samples, frames, settings, seed=SEED)
    motion = to_saved_motion(list(only_motion(sequence)))
    path = folder / f"{item.name}.motion.safetensors"
    SavedMotion(motion.arrays, {"engine": JOYVASA.name, "step": step}).save(path)
    return [*written, path, *_write_video(recipe, item, motion, samples, folder)]


def _write_losses(recipe: ValidatedRecipe, step: int, folder: Path) -> Path:
    losses = held_out_losses(recipe)
    path = folder / LOSSES
    path.write_text(json.dumps({"step": step, "voices": len(recipe.tested), **losses}, indent=1) + "\n")
    return path


def held_out_losses(recipe: ValidatedRecipe) -> dict[str, float]:
    """The mean loss and its terms, of windows that are not truncated and keep their voices."""
    sums: dict[str, float] = {}
    for number, item in enumerate(recipe.tested):
        rng = np.random.default_rng([SEED, number])
        start = int(rng.integers(recipe.clips.starts(item)))
        sample = recipe.draws.sample(rng, *recipe.clips.read(item, start))
        sample["drop"] = torch.zeros_like(sample["drop"])
        sample["masked"] = torch.zeros_like(sample["masked"])
        batch = {name: value.to(recipe.device) for name, value in recipe.collate([sample]).items()}
        loss, terms = recipe.objective.loss(recipe.generator, batch)
        for name, value in {"loss": loss, **terms}.items():
            sums[name] = sums.get(name, 0.0) + float(value) / len(recipe.tested)
    return sums


def _write_video(
    recipe: ValidatedRecipe, item: Item, motion: SavedMotion, samples: np.ndarray, folder: Path
) -> list[Path]:
    """Write a video of a portrait with this motion; none without rendering weights or sound."""
    try:
        networks = JoyVasaNetworks(str(recipe.device), generator=recipe.generator, template=recipe.template)
        engine = JoyVasaEngine(networks)
        engine.prepare()
        speech = open_voice((SAMPLE_RATE, samples))
    except (WeightsMissing, VoiceError):
        return []
    portrait = open_portrait(given_path(recipe.options.portrait) if recipe.options.portrait else EXAMPLE)
    options = JoyVasaOptions()
    path = folder / f"{item.name}.mp4"
    said = f"{ABOUT} {RANDOM_NOTE}" if engine.random_weights else ABOUT
    size = engine.picture_size(portrait, options)
    with VideoWriter(path, size, FPS, sound=speech, metadata={"comment": said}) as writer:
        for work in engine.animate(portrait, speech, options, SEED, motion):
            if not isinstance(work, Note | Step | SavedMotion):
                writer.write(work)
    return [path]
