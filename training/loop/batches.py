"""Makes batches of samples in the order of the steps, optionally read ahead by other processes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from torch import Tensor
from torch.utils.data import DataLoader, Dataset, Sampler

from media.errors import JoyStudioError
from training.loop.options import LoopOptions
from training.loop.randomness import sample_generator, slots
from training.loop.recipe import Recipe

Place = tuple[int, int]
"""A sample's step, from 1, and its slot in the step, from 0."""


def batches(
    recipe: Recipe, options: LoopOptions, first: int, processes: int, process: int
) -> Iterator[dict[str, Tensor]]:
    """This process's batches from step `first` to the last; `gradient_accumulation` of them for each.

    Raises what `Recipe.sample` raises.
    """
    loader: DataLoader[Any] = DataLoader(
        _Samples(recipe, options.seed),
        batch_sampler=_Places(options, first, processes, process),
        num_workers=options.workers,
        collate_fn=_Collate(recipe),
    )
    for batch in loader:
        if isinstance(batch, JoyStudioError):
            raise batch
        yield batch


class _Places(Sampler[list[Place]]):
    def __init__(self, options: LoopOptions, first: int, processes: int, process: int) -> None:
        self._options, self._first = options, first
        self._processes, self._process = processes, process

    def __iter__(self) -> Iterator[list[Place]]:
        for step in range(self._first, self._options.steps + 1):
            for part in range(self._options.gradient_accumulation):
                taken = slots(self._options.batch_size, self._processes, self._process, part)
                yield [(step, slot) for slot in taken]


class _Samples(Dataset[Any]):
    def __init__(self, recipe: Recipe, seed: int) -> None:
        self._recipe, self._seed = recipe, seed

    def __getitem__(self, place: Place) -> dict[str, Tensor] | JoyStudioError:
        try:
            return self._recipe.sample(sample_generator(self._seed, *place))
        except JoyStudioError as error:
            # A worker's exception would arrive with its traceback as its message.
            return error


class _Collate:
    def __init__(self, recipe: Recipe) -> None:
        self._recipe = recipe

    def __call__(self, samples: list[Any]) -> dict[str, Tensor] | JoyStudioError:
        wrong = next((sample for sample in samples if isinstance(sample, JoyStudioError)), None)
        return self._recipe.collate(samples) if wrong is None else wrong
