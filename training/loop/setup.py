"""The objects of a run on one machine."""

from __future__ import annotations

from typing import Any

from media.errors import TrainingError
from training.loop.averaging import MovingAverage
from training.loop.machine import DTYPES, spread
from training.loop.optimizing import make_optimizer
from training.loop.options import LoopOptions
from training.loop.recipe import Recipe
from training.loop.wrapped_module import WrappedModule


class TrainingSetup:
    """Networks, loss and optimizer, on their device.

    machine: the Accelerator. whole: networks and loss. model, optimizer: as accelerate wraps them.
    names: of the trained parameters, in the optimizer's order. average: of the parameters, or None. spread:
    whether they are divided among several processes.
    """

    def __init__(self, recipe: Recipe, options: LoopOptions, machine: Any) -> None:
        """Raises TrainingError if something is not available here."""
        self.recipe, self.options, self.machine = recipe, options, machine
        recipe.place(machine.device, DTYPES[options.precision])
        self.whole = WrappedModule(recipe)
        self.names = list(self.whole.trained())
        if not self.names:
            raise ValueError(f"The recipe {recipe.name} trains nothing.")
        optimizer = make_optimizer(self.whole.trained().values(), options)
        self.model, self.optimizer = machine.prepare(self.whole, optimizer)
        self.spread = spread(machine)
        if self.spread and options.ema:
            raise TrainingError(
                "A moving average (--ema) is not available with DeepSpeed or FSDP; leave it out."
            )
        self.average = MovingAverage(self.whole.trained(), options.ema) if options.ema else None

    @property
    def samples_per_step(self) -> int:
        """Samples of a step in all processes together."""
        return self.options.batch_size * self.options.gradient_accumulation * self.machine.num_processes

    @property
    def parameters(self) -> int:
        """How many numbers are trained."""
        return sum(parameter.numel() for parameter in self.whole.trained().values())
