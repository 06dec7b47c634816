"""Opens the data and the networks of a stage."""

from __future__ import annotations

from pathlib import Path

from training.joyhallo.networks import open_networks
from training.joyhallo.options import JoyHalloTraining
from training.joyhallo.stage1 import FrameRecipe
from training.joyhallo.stage2 import ClipRecipe
from training.loop.recipe import Recipe


def open_recipe(data: Path, options: JoyHalloTraining) -> Recipe:
    """Stage 1 or 2 on a dataset. Raises DatasetError, WeightsMissing or WeightsError."""
    stage = FrameRecipe if options.stage == "1" else ClipRecipe
    return stage(data, options, open_networks(options))
