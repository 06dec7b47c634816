"""The objective: the generator predicts two consecutive windows, the second after the true first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
from torch import Tensor

from engines.joyvasa.motion.windows import SAMPLES_PER_FRAME
from training.joyvasa.losses import WEIGHTS, Criterion, Target, total_loss, window_losses

PadMode = Literal["zero", "replicate"]


@dataclass(frozen=True)
class Objective:
    """How predictions are scored; see the options of the same names."""

    criterion: Criterion = "l2"
    target: Target = "sample"
    constrain_previous: bool = True
    reference_loss: bool = False
    pad_mode: PadMode = "zero"
    weights: Mapping[str, float] = field(default_factory=lambda: dict(WEIGHTS))

    def loss(
        self, generator: Any, batch: Mapping[str, Tensor], truncated: Sequence[bool] = (False, False)
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The weighted sum, and its terms: the mean over the windows, unweighed.

        generator: a MotionGenerator. batch: as `TrainingNoise.sample` makes it, with a batch axis in front.
        truncated: whether the voices end in the first and in the second window.
        """
        first, second = self.windows(generator, batch, truncated)
        total = total_loss(first, second, weights=self.weights, reference_loss=self.reference_loss)
        means = {name: (first[name] + second[name]) / 2 for name in first}
        return total, means | {name: second[name] for name in second.keys() - first.keys()}

    def windows(
        self, generator: Any, batch: Mapping[str, Tensor], truncated: Sequence[bool]
    ) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        """The terms of the first and of the second window."""
        count = len(batch["motion"])
        previous_motion = generator.start_motion_feat.expand(count, -1, -1)
        previous_audio = generator.start_audio_feat.expand(count, -1, -1)
        found: list[dict[str, Tensor]] = []
        for window, cut in enumerate(truncated):
            of = {name: value[:, window] for name, value in batch.items()}
            sound, motion = of["sound"], of["motion"]
            if cut:
                sound = truncate_audio(sound, of["end"], self.pad_mode)
                motion = truncate_motion(motion, of["end"], self.pad_mode)
            audio = generator.audio_features(sound, masked=of["masked"])
            predicted = generator(
                motion, audio, previous_motion, previous_audio, of["step"], of["noise"], of["drop"]
            )
            found.append(
                window_losses(
                    predicted.float(),
                    motion,
                    previous_motion.float(),
                    of["noise"],
                    second=window > 0,
                    end=of["end"] if cut else None,
                    criterion=self.criterion,
                    target=self.target,
                    constrain_previous=self.constrain_previous,
                )
            )
            if window == 0:
                previous_motion = of["motion"][:, -previous_motion.shape[1] :]
                previous_audio = self._before(generator, of, audio, previous_audio.shape[1], cut=cut)
        return found[0], found[1]

    def _before(
        self, generator: Any, of: Mapping[str, Tensor], audio: Tensor, frames: int, *, cut: bool
    ) -> Tensor:
        """The audio of the first window for the second: all of it, even if the first was truncated."""
        if cut:
            with torch.no_grad():
                audio = generator.audio_features(of["sound"], masked=of["masked"])
        return audio[:, -frames:].detach()


def truncate_audio(samples: Tensor, end: Tensor, pad_mode: PadMode = "zero") -> Tensor:
    """Samples (B, n) with silence, or the last sample held, from frame `end` (B,) int64, 1.. on."""
    return _truncate(samples.unsqueeze(-1), end * SAMPLES_PER_FRAME, pad_mode).squeeze(-1)


def truncate_motion(motion: Tensor, end: Tensor, pad_mode: PadMode = "zero") -> Tensor:
    """Motion (B, k, d) with zeros, or the last frame held, from frame `end` (B,) int64, 1.. on."""
    return _truncate(motion, end, pad_mode)


def _truncate(values: Tensor, end: Tensor, pad_mode: PadMode) -> Tensor:
    gone = (torch.arange(values.shape[1], device=values.device) >= end[:, None]).unsqueeze(-1)
    if pad_mode == "zero":
        return values.masked_fill(gone, 0)
    if pad_mode == "replicate":
        last = values[torch.arange(len(values), device=values.device), end - 1].unsqueeze(1)
        return torch.where(gone, last, values)
    raise ValueError(f"unknown pad_mode {pad_mode!r}; known: zero, replicate")
