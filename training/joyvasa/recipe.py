"""The recipe for the motion generator: its data, networks and loss, for the training loop."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from media.errors import DatasetError
from training.dataset.index import Item, read_dataset
from training.joyvasa.clips import Clips, motion_template
from training.joyvasa.export import export_generator
from training.joyvasa.initialization import Initialization, initialize
from training.joyvasa.noise import TimeMask, TrainingNoise
from training.joyvasa.objective import Objective
from training.joyvasa.options import JoyVasaTraining
from training.joyvasa.validation import validate
from training.loop.recipe import Recipe

KIND = "joyvasa"
RANDOM_DATA = "The dataset was prepared with random weights; use what you train on it for tests only."
NO_TEST = (
    "The dataset has no video for testing, so a validation judges those that are trained on; "
    "prepare more videos for a fair one."
)


def open_recipe(data: Path, options: JoyVasaTraining) -> Recipe:
    """Open the training on a dataset of kind joyvasa. Raises DatasetError, WeightsMissing or WeightsError."""
    return MotionRecipe(data, options, initialize(options))


class MotionRecipe(Recipe):
    """Trains on two consecutive windows of a voice and its motion."""

    name: ClassVar[str] = KIND
    some_unused: ClassVar[bool] = True  # dropped layers and unused hidden frames have no gradient

    def __init__(self, data: Path, options: JoyVasaTraining, beginning: Initialization) -> None:
        self.options, self.beginning = options, beginning
        self.generator = beginning.generator
        config = self.generator.config
        dataset = read_dataset(data, KIND)
        self.template = motion_template(dataset)
        self.random_weights = dataset.random_weights or beginning.random_weights
        self.tested, alone = _tested(dataset.items, options.validation_voices)
        self.clips = Clips(
            [item for item in dataset.items if item.split == "train"], self.template, config.n_motions
        )
        if not self.clips.items:
            raise DatasetError(
                "{data} has 0 training videos of {count}; prepare more videos.",
                data=data,
                count=len(dataset.items),
            )
        spoken = (RANDOM_DATA if dataset.random_weights else "", NO_TEST if alone else "")
        self.notes = (*beginning.notes, *filter(None, spoken))
        mask = None
        if options.mask_time and options.train_encoder:
            mask = TimeMask.of(vars(self.generator.audio_encoder.config))
        self.draws = TrainingNoise(
            config.n_motions, config.motion_feat_dim, config.n_diff_steps, options.drop_audio, mask
        )
        self.objective = Objective(
            options.criterion,
            options.target,
            options.constrain_previous,
            options.reference_loss,
            options.pad_mode,
            options.weights(),
        )
        self.device = torch.device("cpu")

    def networks(self) -> dict[str, nn.Module]:
        """The motion generator, including its audio encoder."""
        return {"motion_generator": self.generator}

    def place(self, device: torch.device, dtype: torch.dtype) -> None:
        """There are no untrained networks to move; the device is kept for validations."""
        self.device = device

    def sample(self, rng: np.random.Generator) -> dict[str, Tensor]:
        """See `TrainingNoise.sample`."""
        return self.draws.sample(rng, *self.clips.draw(rng))

    def loss(
        self, batch: dict[str, Tensor], step_rng: np.random.Generator
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """See `objective.Objective.loss`. Whether voices end early is decided for a whole step."""
        if not self.options.train_encoder:
            self.generator.audio_encoder.eval()  # the loop has just called train() for everything
        draws = step_rng.random(2)
        truncated = (draws[0] < self.options.truncate_first, draws[1] < self.options.truncate_second)
        return self.objective.loss(self.generator, batch, truncated)

    def validate(self, step: int, folder: Path) -> list[Path]:
        """Losses on the test voices, the motion of one of them, and a video of it if possible."""
        return validate(self, step, folder)

    def export(self, folder: Path) -> list[Path]:
        """See `export.export_generator`."""
        return export_generator(
            self.beginning, self.template, self.options, folder, random_weights=self.random_weights
        )


def _tested(items: Sequence[Item], count: int) -> tuple[tuple[Item, ...], bool]:
    """The items of a validation, and whether they are training items for lack of others."""
    test = [item for item in items if item.split == "test"]
    return tuple((test or list(items))[:count]), not test
