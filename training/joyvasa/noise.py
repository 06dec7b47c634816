"""Makes one training sample: two windows and all of their random numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from engines.joyvasa.motion.windows import SAMPLES_PER_FRAME

WINDOWS = 2


@dataclass(frozen=True)
class TimeMask:
    """The stretches of an audio encoder's frames that are hidden: `share` of them, each `length` frames long,
    and at least `least` stretches.
    """

    share: float
    length: int
    least: int

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> TimeMask:
        """The mask of a configuration of HuBERT or wav2vec2."""
        return cls(
            float(config["mask_time_prob"]),
            int(config["mask_time_length"]),
            int(config["mask_time_min_masks"]),
        )

    def draw(self, rng: np.random.Generator, frames: int) -> np.ndarray:
        """(frames,) bool, True where hidden. Stretches begin at different frames and may overlap."""
        hidden = np.zeros(frames, bool)
        length = min(self.length, frames)
        count = max(int(self.share * frames / length + rng.random()), self.least)
        places = frames - length + 1
        for start in rng.choice(places, min(count, places), replace=False):
            hidden[start : start + length] = True
        return hidden


@dataclass(frozen=True)
class TrainingNoise:
    """The random parts of a sample. steps: of the diffusion. drop_audio: 0..1. mask: None for none."""

    window: int
    width: int
    steps: int
    drop_audio: float
    mask: TimeMask | None

    def sample(self, rng: np.random.Generator, sound: np.ndarray, motion: np.ndarray) -> dict[str, Tensor]:
        """Tensors with two windows as their first axis.

        sound (2, w * 640), motion (2, w, 70), noise like motion, step (2,) int64 in 1..steps, end (2,) int64
        in 1..w-1: how many frames count in a step that truncates, drop (2,) bool: whether the voice is
        dropped, masked (2, 2w) bool: hidden from the audio encoder.
        """
        w = self.window
        masks = [
            np.zeros(2 * w, bool) if self.mask is None else self.mask.draw(rng, 2 * w) for _ in range(WINDOWS)
        ]
        arrays = {
            "sound": sound.reshape(WINDOWS, w * SAMPLES_PER_FRAME),
            "motion": motion.reshape(WINDOWS, w, self.width),
            "noise": rng.standard_normal((WINDOWS, w, self.width), np.float32),
            "step": rng.integers(1, self.steps + 1, WINDOWS),
            "end": rng.integers(1, w, WINDOWS),
            "drop": rng.random(WINDOWS) < self.drop_audio,
            "masked": np.stack(masks),
        }
        return {name: torch.from_numpy(value) for name, value in arrays.items()}
