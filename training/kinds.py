"""The kinds of training by name; a kind's modules are imported when it is first used."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from training.loop.options import LoopOptions
    from training.loop.recipe import Recipe


@dataclass(frozen=True)
class Kind:
    """options, recipe: as `module:name`; a subclass of LoopOptions, and a function (data, options) -> Recipe
    that takes options of this subclass.

    data: the meaning of `--data`; None for a kind that needs none.
    """

    options: str
    recipe: str
    help: str
    data: str | None = "A dataset created by `prepare`."


KINDS: dict[str, Kind] = {
    "joyhallo": Kind(
        "training.joyhallo.options:JoyHalloTraining",
        "training.joyhallo.recipe:open_recipe",
        "Train JoyHallo's networks: stage 1 on single frames, stage 2 on voice and motion.",
    ),
    "joyvasa": Kind(
        "training.joyvasa.options:JoyVasaTraining",
        "training.joyvasa.recipe:open_recipe",
        "Train JoyVASA's motion generator, which turns a voice into head and face motion.",
    ),
    "visemes": Kind(
        "training.visemes.options:VisemesTraining",
        "training.visemes.recipe:open_recipe",
        "Train the mouth network of the preview engine on speech of synthesisers and people.",
        data=None,
    ),
}


def options_of(kind: str) -> type[LoopOptions]:
    """The options of a kind. Raises KeyError for one that does not exist."""
    return _found(KINDS[kind].options)


def open_recipe(kind: str, data: Path | None, options: LoopOptions) -> Recipe:
    """Read networks and data. Raises what the kind raises: DatasetError, WeightsMissing, WeightsError."""
    return _found(KINDS[kind].recipe)(data, options)


def _found(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)
