"""The optimizer and its learning rate at each step."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

from media.errors import TrainingError
from training.loop.options import LoopOptions

_RISE = 0.1  # onecycle: the share of the steps in which the rate rises,
_FIRST, _LAST = 1 / 25, 1 / 250_000  # and its first and last share of the highest rate


def make_optimizer(parameters: Iterable[nn.Parameter], options: LoopOptions) -> torch.optim.Optimizer:
    """The optimizer that the options name. Raises TrainingError if it is not available here."""
    given: dict[str, Any] = {
        "lr": options.learning_rate,
        "betas": (options.beta1, options.beta2),
        "eps": options.epsilon,
    }
    if options.optimizer == "adam":
        return torch.optim.Adam(parameters, **given)
    given["weight_decay"] = options.weight_decay
    if options.optimizer == "adamw":
        return torch.optim.AdamW(parameters, **given)
    try:
        import bitsandbytes
    except ImportError as error:
        raise TrainingError(
            "The optimizer adamw8bit needs the package bitsandbytes, which is not installed: pip "
            "install bitsandbytes, or use --optimizer adamw, whose state needs 4 times the memory."
        ) from error
    if not torch.cuda.is_available():
        raise TrainingError("The optimizer adamw8bit needs a GPU and there is none; use --optimizer adamw.")
    return bitsandbytes.optim.AdamW8bit(parameters, **given)


def learning_rate(options: LoopOptions, step: int) -> float:
    """The learning rate of a step, counted from 1.

    It depends only on the step, so there is nothing to resume. The first of `warmup` steps has the rate 0, as
    usual for a warm-up.
    """
    done = step - 1
    if done < options.warmup:
        return options.learning_rate * done / options.warmup
    end = options.schedule_end or options.steps
    factor = _factor(options.schedule, done - options.warmup, max(1, end - options.warmup))
    if options.schedule in ("linear", "cosine"):
        factor = options.lowest_rate + (1 - options.lowest_rate) * factor
    return options.learning_rate * factor


def _factor(schedule: str, done: int, steps: int) -> float:
    """The rate as a fraction of its highest value after `done` of the `steps` that follow the warm-up."""
    share = min(1.0, done / steps)
    if schedule == "linear":
        return 1 - share
    if schedule == "cosine":
        return _cosine(1.0, 0.0, share)
    if schedule == "onecycle":
        top, end = _RISE * steps - 1, steps - 1
        done = min(done, end)
        if done < top:
            return _cosine(_FIRST, 1.0, done / top)
        return _cosine(1.0, _LAST, (done - top) / (end - top))
    return 1.0


def _cosine(first: float, last: float, share: float) -> float:
    return last + (first - last) * (1 + math.cos(math.pi * share)) / 2


def optimizer_tensors(
    optimizer: torch.optim.Optimizer, names: list[str]
) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The optimizer's state: named tensors, and plain numbers.

    names: of the parameters, in the optimizer's order. A tensor's name is `KEY/PARAMETER`.
    """
    tensors: dict[str, Tensor] = {}
    numbers: dict[str, Any] = {}
    for index, entries in optimizer.state_dict()["state"].items():
        for key, value in entries.items():
            if isinstance(value, Tensor):
                tensors[f"{key}/{names[index]}"] = value.detach().cpu().contiguous()
            else:
                numbers[f"{key}/{names[index]}"] = value
    return tensors, numbers


def fill_optimizer(
    optimizer: torch.optim.Optimizer, names: list[str], tensors: dict[str, Tensor], numbers: dict[str, Any]
) -> None:
    """The reverse of `optimizer_tensors`. Raises KeyError if the optimizer has other parameters."""
    places = {name: index for index, name in enumerate(names)}
    state: dict[int, dict[str, Any]] = {}
    for name, value in (tensors | numbers).items():
        key, _, parameter = name.partition("/")
        state.setdefault(places[parameter], {})[key] = value
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
