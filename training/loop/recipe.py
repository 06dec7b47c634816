"""What a kind of training brings along; everything else is the loop's."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn


class Recipe(ABC):
    """The networks, where samples come from, and what is minimised.

    Every random number comes from the generators that are handed in, or from torch's own, which the loop
    seeds before every batch. What a recipe remembers from step to step is not resumed.
    """

    name: ClassVar[str]
    """The name of the training, as in `train NAME`."""
    some_unused: ClassVar[bool] = False
    """True when some batches leave some trained parameters without a gradient."""
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
        """Draw ONE training sample, on the CPU, its noise and the like included.

        It may run in another process than the networks, so it must not touch them or the GPU.
        Raises DatasetError for a sample that cannot be used.
        """

    @abstractmethod
    def loss(
        self, batch: dict[str, Tensor], step_rng: np.random.Generator
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """What is minimised, a scalar that is the mean over the batch, and parts of it to be logged.

        batch: as `collate` made it, on the device. step_rng: for what is decided for a whole step at once.
        """

    @abstractmethod
    def export(self, folder: Path) -> list[Path]:
        """Write what is of use after the training, atomically, into a folder that exists."""

    def collate(self, samples: Sequence[dict[str, Tensor]]) -> dict[str, Tensor]:
        """Samples to a batch: every tensor gets a first axis."""
        return {name: torch.stack([sample[name] for sample in samples]) for name in samples[0]}

    def place(self, device: torch.device, dtype: torch.dtype) -> None:
        """Bring networks that are not trained to the device. dtype: what the loop calculates in."""

    def validate(self, step: int, folder: Path) -> list[Path]:
        """Write pictures, videos or figures of how the networks do into a folder that exists."""
        return []
