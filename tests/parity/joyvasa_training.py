"""The losses of the motion generator."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch

from tests.parity.context import Context
from tests.parity.golden import Comparison, Golden, compare_arrays
from training.joyvasa.losses import window_losses
from training.joyvasa.truncation import truncate_audio, truncate_motion

TOLERANCE = 1e-5
FRAMES, BEFORE, WIDTH, SAMPLES = 100, 25, 70, 64000


def training_loss(golden: Golden, context: Context) -> Iterator[Comparison]:
    """Every term for every criterion, target, window, truncation and constraint; and truncation itself."""
    end = torch.from_numpy(golden["end_idx"])
    names = [str(name) for name in golden["loss_names"]]

    def made(name: str, *shape: int) -> torch.Tensor:
        return torch.from_numpy(context.x(name, (len(end), *shape)))

    motion, previous = made("in.gt", FRAMES, WIDTH), made("in.prev", BEFORE, WIDTH)
    predicted, noise = made("in.target", BEFORE + FRAMES, WIDTH), made("in.eps", FRAMES, WIDTH)
    for key in golden.names():
        parts = key.split(".")
        if len(parts) != 5:
            continue
        criterion, target, window, cut, constraint = parts
        terms = window_losses(
            predicted,
            motion,
            previous,
            noise,
            second=window == "second",
            end=end if cut == "trunc" else None,
            criterion=criterion,  # type: ignore[arg-type]
            target=target,  # type: ignore[arg-type]
            constrain_previous=constraint == "prev",
        )
        ours = np.array([float(terms[name]) if name in terms else np.nan for name in names])
        yield compare_arrays(key, ours, golden[key], TOLERANCE, relative=True)
    samples = made("in.tr_audio", SAMPLES)
    for mode in ("zero", "replicate"):
        sound = truncate_audio(samples, end, mode)
        moved = truncate_motion(motion, end, mode)
        yield golden.compare(f"trunc.{mode}.audio_around", _around(sound, end * 640, 4, 4), 0)
        yield golden.compare(f"trunc.{mode}.motion_around", _around(moved, end, 2, 1)[..., :3], 0)


def _around(values: torch.Tensor, place: torch.Tensor, before: int, after: int) -> torch.Tensor:
    return torch.stack([row[p - before : p + after] for row, p in zip(values, place, strict=True)])


CHECKS = {"training_loss": training_loss}
