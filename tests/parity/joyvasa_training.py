"""The losses of the motion generator, as its training forms them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from tests.parity.context import Context
from tests.parity.golden import Comparison, Golden, compare_arrays
from training.joyvasa.objective import Objective, truncate_audio, truncate_motion

TOLERANCE = 1e-5
FRAMES, BEFORE, WIDTH, SAMPLES = 100, 25, 70, 64000


class Predicts:
    """A motion generator that predicts what the golden gives, for the window that the golden is about."""

    def __init__(self, predicted: Tensor) -> None:
        self.predicted = predicted
        self.start_motion_feat = torch.zeros(1, BEFORE, WIDTH)
        self.start_audio_feat = torch.zeros(1, BEFORE, 1)

    def audio_features(self, samples: Tensor, masked: Tensor) -> Tensor:
        return samples.view(len(samples), FRAMES, -1).mean(2, keepdim=True)

    def __call__(self, *_: Tensor) -> Tensor:
        return self.predicted


def training_loss(golden: Golden, context: Context) -> Iterator[Comparison]:
    """Every term for every criterion, target, window, truncation and constraint; and truncation itself."""
    end = torch.from_numpy(golden["end_idx"])
    names = [str(name) for name in golden["loss_names"]]

    def made(name: str, *shape: int) -> Tensor:
        return torch.from_numpy(context.x(name, (len(end), *shape)))

    motion, samples = made("in.gt", FRAMES, WIDTH), made("in.tr_audio", SAMPLES)
    generator = Predicts(made("in.target", BEFORE + FRAMES, WIDTH))
    batch = _batch(motion, made("in.prev", BEFORE, WIDTH), made("in.eps", FRAMES, WIDTH), samples, end)
    for key in golden.names():
        parts = key.split(".")
        if len(parts) != 5:
            continue
        criterion, target, window, cut, constraint = parts
        objective = Objective(
            criterion,  # type: ignore[arg-type]
            target,  # type: ignore[arg-type]
            constrain_previous=constraint == "prev",
        )
        second = window == "second"
        of_it = {name: value if second else value.flip(1) for name, value in batch.items()}
        terms = objective.windows(generator, of_it, (cut == "trunc",) * 2)[second]
        ours = np.array([float(terms[name]) if name in terms else np.nan for name in names])
        yield compare_arrays(key, ours, golden[key], TOLERANCE, relative=True)
    for mode in ("zero", "replicate"):
        sound = truncate_audio(samples, end, mode)
        moved = truncate_motion(motion, end, mode)
        yield golden.compare(f"trunc.{mode}.audio_around", _around(sound, end * 640, 4, 4), 0)
        yield golden.compare(f"trunc.{mode}.motion_around", _around(moved, end, 2, 1)[..., :3], 0)


def _batch(
    motion: Tensor, previous: Tensor, noise: Tensor, samples: Tensor, end: Tensor
) -> dict[str, Tensor]:
    """A training batch whose second window is the golden's, with the golden's frames before it."""
    before = torch.zeros_like(motion)
    before[:, -BEFORE:] = previous
    pairs = {
        "motion": (before, motion),
        "noise": (noise, noise),
        "sound": (samples, samples),
        "end": (end, end),
    }
    batch = {name: torch.stack(pair, dim=1) for name, pair in pairs.items()}
    rest = {"step": torch.ones_like(batch["end"]), "drop": torch.zeros_like(batch["end"], dtype=torch.bool)}
    return batch | rest | {"masked": torch.zeros(len(end), 2, 2 * FRAMES, dtype=torch.bool)}


def _around(values: Tensor, place: Tensor, before: int, after: int) -> Tensor:
    return torch.stack([row[p - before : p + after] for row, p in zip(values, place, strict=True)])


CHECKS = {"training_loss": training_loss}
