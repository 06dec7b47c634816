"""Stage 1: predicts one frame of a video from another one, without voice and motion."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from engines.joyhallo.pipeline.schedule import TRAIN_STEPS
from training.joyhallo.clip_step import TRAINED_MODULES
from training.joyhallo.encoding import as_pictures, drawn_latents
from training.joyhallo.losses import weighed_loss
from training.joyhallo.networks import TrainedNetworks
from training.joyhallo.options import JoyHalloTraining
from training.joyhallo.recomputing import recompute_layers
from training.joyhallo.spatial import picture_conditions, picture_prediction
from training.joyhallo.stage import JoyHalloRecipe
from training.joyhallo.videos import draw_pair, encoding_noise, latent_noise

_TRAINED = ("reference_unet", "denoising_unet", "face_locator", "imageproj")


class FrameRecipe(JoyHalloRecipe):
    """Trains both U-Nets without audio and motion modules, the face locator and the projection of faces."""

    name: ClassVar[str] = "joyhallo-stage1"

    def __init__(self, data: Path, options: JoyHalloTraining, networks: TrainedNetworks) -> None:
        super().__init__(data, options, networks)
        parts: dict[str, Any] = networks.parts
        for name in _TRAINED:
            for key, parameter in parts[name].named_parameters():
                parameter.requires_grad_(not any(part in f".{key}" for part in TRAINED_MODULES))
        if options.checkpointing:
            recompute_layers(parts["reference_unet"])
            recompute_layers(parts["denoising_unet"])

    def least_frames(self) -> int:
        return 2

    def networks(self) -> dict[str, nn.Module]:
        return {name: self.all.parts[name] for name in _TRAINED}

    def sample(self, rng: np.random.Generator) -> dict[str, Tensor]:
        """frames (2, 3, S, S) uint8: portrait, target. region (1, S, S). embedding (512,).
        encoding (2, 4, h, w), noise (4, 1, h, w), timestep ().
        """
        video = self.drawn_video(rng)
        return {
            "pictures": video.squares(draw_pair(rng, video.frames), self.side),
            "region": video.region(self.side),
            "embedding": video.embedding(),
            "encoding": encoding_noise(rng, 2, self.side),
            "noise": latent_noise(rng, 1, self.side, self.options.noise_offset),
            "timestep": torch.tensor(int(rng.integers(TRAIN_STEPS))),
        }

    def loss(
        self, batch: dict[str, Tensor], step_rng: np.random.Generator
    ) -> tuple[Tensor, dict[str, Tensor]]:
        parts: dict[str, Any] = self.all.parts
        seen = step_rng.random() >= self.options.drop_portrait
        latents = drawn_latents(
            self.all.codec, as_pictures(batch["pictures"].flatten(0, 1)), batch["encoding"].flatten(0, 1)
        ).unflatten(0, (-1, 2))
        portrait, target = latents[:, 0], latents[:, 1].unsqueeze(2)
        noisy, velocity = self.noised(batch, target)
        embedding = batch["embedding"] if seen else torch.zeros_like(batch["embedding"])
        conditions = picture_conditions(
            parts["reference_unet"],
            portrait if seen else None,
            parts["imageproj"](embedding),
            parts["face_locator"](batch["region"].unsqueeze(2).expand(-1, 3, -1, -1, -1)),
        )
        predicted = picture_prediction(parts["denoising_unet"], noisy, batch["timestep"], conditions)
        return weighed_loss(predicted, velocity, batch["timestep"], snr_limit=self.options.snr_limit)

    def validate(self, step: int, folder: Path) -> list[Path]:
        """A strip for the first videos: portrait | region | prediction."""
        from training.joyhallo.validation import write_strips

        return write_strips(self, folder)
