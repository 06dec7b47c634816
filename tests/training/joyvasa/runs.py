"""Short trainings of small generators: python -m tests.training.joyvasa.runs DATA OUT KILL_AT"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from training.joyvasa.options import JoyVasaTraining
from training.joyvasa.recipe import MotionRecipe, open_recipe
from training.loop.events import Stepped, TrainingEvent
from training.loop.run import train

QUICK: dict[str, Any] = {
    "start": "generator",
    "batch_size": 2,
    "learning_rate": 3e-3,
    "save_every": 1000,
    "validate_every": 0,
    "track": False,
    "device": "cpu",
}


def recipe_of(data: Path, **changed: Any) -> MotionRecipe:
    recipe = open_recipe(data, JoyVasaTraining.model_validate({**QUICK, **changed}))
    assert isinstance(recipe, MotionRecipe)
    return recipe


def run_of(
    data: Path, out: Path, *, resume: bool = False, **changed: Any
) -> Generator[TrainingEvent, None, None]:
    recipe = recipe_of(data, **changed)
    return train(recipe, recipe.options, out, resume=resume)


def fixed_loss(recipe: MotionRecipe) -> float:
    """On samples that are always the same, as the network is used."""
    batch = recipe.collate([recipe.sample(np.random.default_rng(k)) for k in range(6)])
    with torch.no_grad():
        return float(recipe.objective.loss(recipe.generator.eval(), batch)[0])


def main(data: Path, out: Path, kill_at: int) -> None:
    for event in run_of(data, out, steps=6, save_every=2):
        if isinstance(event, Stepped) and event.step == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))
