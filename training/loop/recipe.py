"""The interface of a kind of training; the loop does everything else."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn


class Recipe(ABC):
    """The networks, samples and loss of a training.

    Every random number comes from the generators that are passed in, or from torch's own, which the loop
    seeds before every batch. State that a recipe keeps from step to step is not resumed.
    """

    name: ClassVar[str]
    """The name of the training, as in `train NAME`."""
    some_unused: ClassVar[bool] = False
    """Whether some batches leave some trained parameters without a gradient."""
    notes: tuple[str, ...] = ()
    """Sentences for the user about data and networks."""

    @abstractmethod
    def networks(self) -> dict[str, nn.Module]:
        """The networks that are trained, by name; the same objects every time.

        Parameters that do not require a gradient are not trained and not saved. The loop moves the networks
        to the device, switches between train() and eval(), and saves them.
        """

    @abstractmethod
    def sample(self, rng: np.random.Generator) -> dict[str, Tensor]:
        """Draw one training sample, including its noise, on the CPU.

        It may run in a different process from the networks, so it must not touch them or the GPU.
        Raises DatasetError for a sample that cannot be used.
        """

    @abstractmethod
    def loss(
        self, batch: dict[str, Tensor], step_rng: np.random.Generator
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss to minimise, a scalar mean over the batch, and parts of it for the logs.

        batch: as `collate` made it, on the device. step_rng: for decisions about a whole step.
        """

    @abstractmethod
    def export(self, folder: Path) -> list[Path]:
        """Write the result of the training into an existing folder, each file complete or not at all."""

    def collate(self, samples: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
        """Make a batch of samples: every tensor gets a first axis."""
        return {name: torch.stack([sample[name] for sample in samples]) for name in samples[0]}

    def place(self, device: torch.device, dtype: torch.dtype) -> None:
        """Move networks that are not trained to the device. dtype: the loop's."""

    def validate(self, step: int, folder: Path) -> list[Path]:
        """Write images, videos or figures of the networks' progress into an existing folder."""
        return []
