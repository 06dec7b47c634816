"""The weight files of engines and speech engines."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from engines import registry
from speech import registry as speakers

if TYPE_CHECKING:
    from engines.weights.catalogue import WeightFile


def weight_set_of(name: str) -> Any:
    """The weight files of an engine or a speech engine, as an `engines.weights.weight_set.WeightSet`.

    Raises OptionError.
    """
    for spec in speakers.specs():
        if spec.name == name and spec.weights is not None:
            module, _, attribute = spec.weights.catalogue.partition(":")
            return getattr(import_module(module), attribute)()
    return registry.weights_of(name)


def lacking(name: str) -> dict[str, list[WeightFile]]:
    """The incomplete usual groups of a speech engine, each with its missing or random files."""
    spec = speakers.spec_of(name)
    if spec.weights is None:
        return {}
    known = weight_set_of(name)
    folder = known.catalogue.folder()
    found: dict[str, list[WeightFile]] = {}
    for file in known.catalogue.files:
        path = folder.find(file)
        group = next((group for group in known.catalogue.usual_groups if group in file.groups), None)
        if group is not None and (path is None or known.is_random(file, path)):
            found.setdefault(group, []).append(file)
    return found
