"""The losses of the motion generator, over two consecutive windows."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import torch
import torch.nn.functional as F  # noqa: N812
from torch import Tensor

Criterion = Literal["l2", "l1"]
Target = Literal["sample", "noise"]

EXPRESSION = slice(0, 63)
HEAD = slice(63, None)
WEIGHTS = {
    "noise": 1.0,
    "exp": 0.1,
    "exp_vel": 1e-4,
    "exp_smooth": 1e-4,
    "head_angle": 1e-2,
    "head_vel": 1e-2,
    "head_smooth": 1e-2,
    "head_trans": 1e-2,
}
"""The weight of each term in the sum; the names are the original's."""
BORDER = 3
"""Frames on either side of the border between windows that the transition term looks at."""


def window_losses(
    predicted: Tensor,
    motion: Tensor,
    previous: Tensor,
    noise: Tensor,
    *,
    second: bool,
    end: Tensor | None = None,
    criterion: Criterion = "l2",
    target: Target = "sample",
    constrain_previous: bool = True,
) -> dict[str, Tensor]:
    """The terms of one window, unweighted scalars by name; those that are not defined are left out.

    predicted (B, 125, 70): all outputs of the denoiser. motion (B, 100, 70) and previous (B, 25, 70): ground
    truth, normalised. noise (B, 100, 70): what was added. second: the window has real frames before it, so
    they are compared too, unless `constrain_previous` is off, and the border between them is. end (B,) int64:
    frames of the window that count, for truncated ones. Every term is the mean over the frames that count.
    Head terms and those of the expression need the motion itself as `target`.
    """
    before = previous.shape[1]
    frames = motion.shape[1]
    valid = torch.ones(motion.shape[:2], dtype=motion.dtype, device=motion.device)
    if end is not None:
        valid = (torch.arange(frames, device=motion.device) < end[:, None]).to(motion.dtype)
    ours = predicted[:, before:]
    if target == "noise":
        return {"noise": _mean(_error(ours, noise, criterion), valid)}
    mask, truth, border = valid, motion, ours[:, :BORDER]
    if second:
        truth = torch.cat([previous, motion], dim=1)
        if constrain_previous:
            ours, counted = predicted, torch.ones_like(valid[:, :1])
        else:  # the true frames replace them, so that the step into the window still counts
            ours, counted = torch.cat([previous, ours], dim=1), torch.zeros_like(valid[:, :1])
        mask = torch.cat([counted.expand(-1, before), valid], dim=1)
    terms = {"noise": _mean(_error(ours, truth, criterion), mask)}
    for part, place, speed, smooth in (
        (EXPRESSION, "exp", "exp_vel", "exp_smooth"),
        (HEAD, "head_angle", "head_vel", "head_smooth"),
    ):
        mine, right = ours[..., part], truth[..., part]
        terms[place] = _mean(_error(mine, right, criterion), mask)
        terms[speed] = _mean(_error(mine.diff(dim=1), right.diff(dim=1), criterion), mask[:, 1:])
        bend = mine.diff(n=2, dim=1)
        terms[smooth] = _mean(_error(bend, torch.zeros_like(bend), criterion), mask[:, 2:])
    if second:
        terms["head_trans"] = _transition(previous[..., HEAD], border[..., HEAD], valid, criterion)
    return terms


def total_loss(
    first: Mapping[str, Tensor],
    second: Mapping[str, Tensor],
    *,
    weights: Mapping[str, float] = MappingProxyType(WEIGHTS),
    reference_loss: bool = False,
) -> Tensor:
    """The weighted sum over both windows: the mean of each term, and the transition as it is.

    reference_loss: sum the three expression terms as the original does: the first window's are lost and the
    second's count one and a half times.
    """
    total = torch.zeros((), device=second["noise"].device)
    for name, weight in weights.items():
        if name not in second:
            continue
        if name == "head_trans":
            value = second[name]
        elif reference_loss and name.startswith("exp"):
            value = 1.5 * second[name]
        else:
            value = (first[name] + second[name]) / 2
        total = total + weight * value
    return total


def _error(ours: Tensor, truth: Tensor, criterion: Criterion) -> Tensor:
    """Per frame (B, k): mean over the numbers of the squared or absolute difference."""
    if criterion == "l1":
        return F.l1_loss(ours, truth, reduction="none").mean(-1)
    if criterion == "l2":
        return F.mse_loss(ours, truth, reduction="none").mean(-1)
    raise ValueError(f"unknown criterion {criterion!r}; known: l2, l1")


def _mean(errors: Tensor, mask: Tensor) -> Tensor:
    return (errors * mask).sum() / mask.sum().clamp(min=1)  # 0 where every clip ends before that frame


def _transition(previous: Tensor, ours: Tensor, valid: Tensor, criterion: Criterion) -> Tensor:
    """The jump of speed and acceleration from the true frames before to the predicted ones."""
    speed = torch.cat([previous[:, -BORDER:], ours], dim=1).diff(dim=1)
    acceleration = speed.diff(dim=1)
    jump = _mean(_error(speed[:, 2:4], speed[:, 1:3], criterion), valid[:, :2])
    jerk = _mean(_error(acceleration[:, 1:], acceleration[:, :-1], criterion), valid[:, :BORDER])
    return jump + jerk
