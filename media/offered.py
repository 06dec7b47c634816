"""Folders in which every module adds one thing to the program, such as a metric or a tab."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any


def offered(package: ModuleType, name: str) -> list[Any]:
    """The objects that each module and package directly in a package defines under a name, by the modules'
    names.

    Raises AttributeError with the module's name if one has no such object: helper modules belong elsewhere.
    """
    found = []
    for part in iter_modules(package.__path__, f"{package.__name__}."):
        module = import_module(part.name)
        if not hasattr(module, name):
            raise AttributeError(
                f"{part.name} offers no {name}. Give it one, or move it out of {package.__name__}."
            )
        found.append(getattr(module, name))
    return found
