"""One step: the forward and backward passes of its batches, their checks, and the update of the weights."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Iterator

import torch
from torch import Tensor

from media.errors import TrainingError
from training.loop.checkpoints import Checkpoints
from training.loop.events import Stepped
from training.loop.optimizing import learning_rate
from training.loop.randomness import slots, step_generator, torch_seed
from training.loop.setup import TrainingSetup

_WINDOW = 20


class StepTimer:
    """Measures the time of steps, without what happens between them, such as saving."""

    def __init__(self, samples_per_step: int) -> None:
        self._samples = samples_per_step
        self._seconds: deque[float] = deque(maxlen=_WINDOW)
        self._began = 0.0

    def begin(self) -> None:
        """Note that a step begins."""
        self._began = time.monotonic()

    def end(self) -> None:
        """Note that it ends."""
        self._seconds.append(time.monotonic() - self._began)

    @property
    def seconds_per_step(self) -> float:
        """Mean over the last steps, without the first one, which warms up, unless it is the only one."""
        counted = list(self._seconds)[1:] if 1 < len(self._seconds) < _WINDOW else list(self._seconds)
        return sum(counted) / max(1, len(counted))

    @property
    def samples_per_second(self) -> float:
        """Of all processes together."""
        return self._samples / max(self.seconds_per_step, 1e-9)


class TrainingStep:
    """Runs the steps of one run."""

    def __init__(self, built: TrainingSetup, checkpoints: Checkpoints) -> None:
        self.options, self.machine = built.options, built.machine
        self.model, self.optimizer, self.average = built.model, built.optimizer, built.average
        self.checkpoints = checkpoints
        self.timer = StepTimer(built.samples_per_step)

    def step(self, step: int, read: Iterator[dict[str, Tensor]]) -> Stepped:
        """Do step `step`, counted from 1. read: this process's batches, in order.

        Raises TrainingError if the loss or the gradient is not finite; the weights are then unchanged.
        """
        self.timer.begin()
        rate = learning_rate(self.options, step)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        sums: dict[str, Tensor] = {}
        for part in range(self.options.gradient_accumulation):
            batch = {name: value.to(self.machine.device) for name, value in next(read).items()}
            for name, value in self._forward_and_back(step, part, batch).items():
                sums[name] = sums.get(name, 0) + value / self.options.gradient_accumulation
        means = self._over_processes(sums)
        self._check(step, means["loss"], "loss")
        norm = self._norm(step)
        self.optimizer.step()
        self.optimizer.zero_grad()
        if self.average is not None and not self.machine.optimizer_step_was_skipped:
            self.average.update(step)
        self.timer.end()
        left = (self.options.steps - step) * self.timer.seconds_per_step
        loss = means.pop("loss")
        return Stepped(step, loss, means, rate, norm, self.timer.samples_per_second, left)

    def _forward_and_back(self, step: int, part: int, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        machine, options = self.machine, self.options
        first = slots(options.batch_size, machine.num_processes, machine.process_index, part).start
        torch.manual_seed(torch_seed(options.seed, step, first))
        with machine.accumulate(self.model):
            loss, terms = self.model(batch, step_generator(options.seed, step))
            if not torch.isfinite(loss.detach()).all():
                self._blame(step, batch)
            machine.backward(loss)
        return {"loss": loss.detach().float(), **{name: term.float() for name, term in terms.items()}}

    def _over_processes(self, values: dict[str, Tensor]) -> dict[str, float]:
        if not values:
            return {}
        stacked = torch.stack([value.reshape(()) for value in values.values()])
        return dict(zip(values, self.machine.reduce(stacked, "mean").tolist(), strict=True))

    def _norm(self, step: int) -> float:
        """Clip the gradients and return their norm before clipping."""
        limit = self.options.clip_norm or math.inf
        norm = self.machine.clip_grad_norm_(self.model.parameters(), limit)
        if norm is None:  # DeepSpeed clips by itself
            return math.nan
        if self.machine.scaler is None:  # otherwise the scaler skips such steps
            self._check(step, float(norm), "gradient")
        return float(norm)

    def _blame(self, step: int, batch: dict[str, Tensor]) -> None:
        """Raise TrainingError if the data make the loss NaN or infinite."""
        for name, value in batch.items():
            if value.is_floating_point() and not torch.isfinite(value).all():
                raise TrainingError(
                    "The data of step {step} contain values in '{name}' that are not numbers; prepare the "
                    "dataset again, or leave out the video that they come from.",
                    step=step,
                    name=name,
                )

    def _check(self, step: int, value: float, what: str) -> None:
        if math.isfinite(value):
            return
        saved = self.checkpoints.steps()
        last = f"the last checkpoint is of step {saved[-1]}" if saved else "there is no checkpoint yet"
        raise TrainingError(
            "The {what} is {value} at step {step} with a learning rate of {learning_rate:g}; lower "
            "--learning-rate, or use --precision fp32 ({last}).",
            what=what,
            value=value,
            step=step,
            learning_rate=learning_rate(self.options, step),
            last=last,
        )
