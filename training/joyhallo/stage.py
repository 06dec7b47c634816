"""The parts that both stages of the training share."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from engines.joyhallo.weights.model_registry import codec_dtype
from media.errors import DatasetError
from training.dataset.index import read_dataset
from training.joyhallo.export import export_net
from training.joyhallo.losses import noised
from training.joyhallo.networks import TrainedNetworks
from training.joyhallo.options import JoyHalloTraining
from training.joyhallo.videos import Video, open_videos
from training.loop.recipe import Recipe

KIND = "joyhallo"
_EXPORT = {"fp16": torch.float16, "fp32": torch.float32}


class JoyHalloRecipe(Recipe):
    """The base of both stages."""

    some_unused: ClassVar[bool] = True

    def __init__(self, data: Path, options: JoyHalloTraining, networks: TrainedNetworks) -> None:
        self.options, self.all = options, networks
        self.side = networks.side(options.resolution)
        dataset = read_dataset(data, KIND, "train")
        self.videos, short = open_videos(dataset, self.least_frames())
        random_weights = (
            "The dataset was prepared with random weights; use what you train on it for tests only."
        )
        notes = (*networks.notes, short, random_weights if dataset.random_weights else "")
        self.notes = tuple(filter(None, notes))
        self.device = torch.device("cpu")
        self.dtype = torch.float32

    @abstractmethod
    def least_frames(self) -> int:
        """The least number of frames that a video needs."""

    def place(self, device: torch.device, dtype: torch.dtype) -> None:
        """See `Recipe.place`. Networks that are not trained compute in `dtype`."""
        self.device, self.dtype = device, dtype
        trained = self.networks()
        for name, part in self.all.parts.items():
            if name not in trained:
                part.to(device, dtype)
        # The codec's own `to` warns about a change of dtype, which is intended here.
        nn.Module.to(self.all.codec.vae, device, codec_dtype(dtype, device))

    def export(self, folder: Path) -> list[Path]:
        """Write `net.safetensors`, and `net.pth` if wanted."""
        return export_net(
            self.all, folder, _EXPORT[self.options.export_precision], public=self.options.public_file
        )

    def drawn_video(self, rng: np.random.Generator) -> Video:
        """Any of the videos."""
        return self.videos[int(rng.integers(len(self.videos)))]

    def noised(self, batch: dict[str, Tensor], latents: Tensor) -> tuple[Tensor, Tensor]:
        """Noisy latents and velocity of clean ones (b, 4, f, h, w)."""
        return noised(latents, batch["noise"], batch["timestep"])


def require_voice(videos: list[Video], expected: tuple[int, int]) -> None:
    """Raises DatasetError if the voices were encoded by a different encoder than the networks need."""
    found = videos[0].voice_shape()
    if found != expected:
        raise DatasetError(
            "The dataset's voices have {layers} layers of {width} numbers, the networks need "
            "{expected_layers} of {expected_width}; prepare the videos with the weights that you train.",
            layers=found[0],
            width=found[1],
            expected_layers=expected[0],
            expected_width=expected[1],
        )
