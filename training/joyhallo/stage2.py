"""Stage 2: predicts clips of a video from its voice and the frames before them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch
from torch import Tensor, nn

from engines.joyhallo.networks.config import MOTION_FRAMES
from engines.joyhallo.pipeline.schedule import TRAIN_STEPS
from training.joyhallo.clip_step import ClipGiven, ClipStep, Kept, train_clips
from training.joyhallo.encoding import as_pictures, drawn_latents
from training.joyhallo.networks import TrainedNetworks
from training.joyhallo.options import JoyHalloTraining
from training.joyhallo.recomputing import recompute_layers
from training.joyhallo.stage import JoyHalloRecipe, require_voice
from training.joyhallo.videos import draw_clip, encoding_noise, latent_noise, least_frames

BEFORE = 1 + MOTION_FRAMES
"""Number of frames that a clip continues: the portrait and the previous frames."""
LEVELS = 4


class ClipRecipe(JoyHalloRecipe):
    """Trains the audio and motion modules of the denoising U-Net and the projection of voices."""

    name: ClassVar[str] = "joyhallo-stage2"

    def __init__(self, data: Path, options: JoyHalloTraining, networks: TrainedNetworks) -> None:
        super().__init__(data, options, networks)
        sizes = networks.sizes["audioproj"]
        require_voice(self.videos, (sizes["blocks"], sizes["channels"]))
        parts: dict[str, Any] = networks.parts
        train_clips(parts)
        if options.checkpointing:
            recompute_layers(parts["denoising_unet"])
        self.step = ClipStep(
            parts,
            tiling=options.reference_tiling,
            reference_loss=options.reference_loss,
            snr_limit=options.snr_limit,
        )

    def least_frames(self) -> int:
        return least_frames(self.options.frames)

    def networks(self) -> dict[str, nn.Module]:
        return {name: self.all.parts[name] for name in ("denoising_unet", "audioproj")}

    def sample(self, rng: np.random.Generator) -> dict[str, Tensor]:
        """frames (3 + f, 3, S, S) uint8: the portrait, two previous frames, the clip. region (1, S, S).
        embedding (512,). windows (f, 5, layers, channels). mask_0 to mask_3 (3, l). encoding (3 + f, 4, h,
        w), noise (4, f, h, w), timestep ().
        """
        video, frames = self.drawn_video(rng), self.options.frames
        portrait, start = draw_clip(rng, video.frames, frames)
        masks = video.masks(self.side // 8)
        return {
            "pictures": video.squares([portrait, *range(start - MOTION_FRAMES, start + frames)], self.side),
            "region": video.region(self.side),
            "embedding": video.embedding(),
            "windows": video.windows(start, start + frames),
            **{f"mask_{level}": mask for level, mask in enumerate(masks)},
            "encoding": encoding_noise(rng, BEFORE + frames, self.side),
            "noise": latent_noise(rng, frames, self.side, self.options.noise_offset),
            "timestep": torch.tensor(int(rng.integers(TRAIN_STEPS))),
        }

    def loss(
        self, batch: dict[str, Tensor], step_rng: np.random.Generator
    ) -> tuple[Tensor, dict[str, Tensor]]:
        dropped = step_rng.random(3) < (
            self.options.drop_portrait,
            self.options.drop_voice,
            self.options.drop_motion,
        )
        pictures = as_pictures(batch["pictures"])
        if dropped[2]:
            pictures[:, 1:BEFORE] = 0
        latents = drawn_latents(
            self.all.codec, pictures.flatten(0, 1), batch["encoding"].flatten(0, 1)
        ).unflatten(0, (len(pictures), -1))
        noisy, velocity = self.noised(batch, latents[:, BEFORE:].transpose(1, 2))
        given = self._given(batch, latents[:, :BEFORE].flatten(0, 1), noisy)
        predicted = self.step.predict(given, Kept(not dropped[0], not dropped[1]))
        return self.step.loss(predicted, velocity, batch["timestep"])

    def _given(self, batch: dict[str, Tensor], pictures: Tensor, noisy: Tensor) -> ClipGiven:
        parts: dict[str, Any] = self.all.parts
        with torch.no_grad():
            region = batch["region"].unsqueeze(2).expand(-1, 3, -1, -1, -1)
            locator = parts["face_locator"](region.to(self.dtype))
            faces = parts["imageproj"](batch["embedding"].to(self.dtype))
        frames = noisy.shape[2]
        masks = [
            batch[f"mask_{level}"].transpose(0, 1).repeat_interleave(frames, dim=1) for level in range(LEVELS)
        ]
        return ClipGiven(
            noisy, batch["timestep"], pictures.to(self.dtype), faces, locator, batch["windows"], masks
        )

    def validate(self, step: int, folder: Path) -> list[Path]:
        """A clip of the first video, by the engine's sampler, with its sound."""
        from training.joyhallo.validation import write_clip

        return write_clip(self, folder)
