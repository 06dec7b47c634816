"""Finds engines by name and loads each once per device."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

from engines.base import Engine, EngineOptions
from engines.joyhallo.spec import SPEC as JOYHALLO
from engines.joyvasa.spec import SPEC as JOYVASA
from engines.preview.spec import SPEC as PREVIEW
from engines.spec import EngineSpec
from media.documents.quoting import shown
from media.errors import EngineError, OptionError

if TYPE_CHECKING:
    from engines.crop_view import CropViewer

SHIPPED = (PREVIEW, JOYVASA, JOYHALLO)
"""The engines of this project, as they are offered. A new one is a new package and one name here."""


@dataclass
class _Slot:
    """One engine on one device. The lock lets one thread load while the others wait for the result."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    engine: Engine | None = None


_SPECS: dict[str, EngineSpec] = {spec.name: spec for spec in SHIPPED}
_LOADED: dict[tuple[str, str], _Slot] = {}
_LOCK = threading.Lock()


def names() -> list[str]:
    """The engines there are, in the order they are offered."""
    return list(_SPECS)


def specs() -> list[EngineSpec]:
    """What is known about every engine, in the same order."""
    return list(_SPECS.values())


def spec_of(name: str) -> EngineSpec:
    """What is known about an engine. Raises OptionError."""
    try:
        return _SPECS[name]
    except (KeyError, TypeError):  # a value from JSON need not be a text
        raise OptionError(
            f"There is no engine called {shown(name)}; there is {', '.join(names())}."
        ) from None


def options_of(name: str) -> type[EngineOptions]:
    """The options model of an engine. Raises OptionError."""
    return spec_of(name).options


def engine_class(name: str) -> type[Engine]:
    """The class of an engine, imported but not loaded.

    Raises OptionError for an engine that does not exist, EngineError when a package that it needs is not
    installed.
    """
    spec = spec_of(name)
    if isinstance(spec.engine, type):
        return spec.engine
    try:
        found: type[Engine] = _attribute(spec.engine)
    except ModuleNotFoundError as error:
        package = spec.packages.named_by(error)
        if package is None:
            raise
        raise EngineError(
            f"This engine needs the package {package}, which is not installed. "
            f"Install what it needs: {spec.packages.install}"
        ) from error
    return found


def with_weights() -> list[str]:
    """The engines that have files to fetch."""
    return [name for name, spec in _SPECS.items() if spec.weights]


def weights_of(name: str) -> Any:
    """What an engine knows about its files, an `engines.weights.weight_set.WeightSet`. Raises OptionError."""
    spec = _SPECS.get(name)
    if spec is None or spec.weights is None:
        raise OptionError(f"{shown(name)} has no weights to fetch; {', '.join(with_weights())} has.")
    return _attribute(spec.weights.catalogue)()


def crop_viewer(name: str) -> CropViewer | None:
    """The function that finds the part of a portrait an engine sees; None for one that sees all.

    Raises OptionError.
    """
    place = spec_of(name).crop
    if place is None:
        return None
    viewer: CropViewer = _attribute(place)
    return viewer


def load(name: str, device: str = "cpu") -> Engine:
    """The engine, ready to animate. Loaded once per name and device, however many threads ask at once.

    An engine that fails to load is not remembered: the next call tries again.
    """
    spec_of(name)
    with _LOCK:
        slot = _LOADED.setdefault((name, device), _Slot())
    with slot.lock:
        if slot.engine is None:
            engine = engine_class(name)()
            engine.load(device)
            slot.engine = engine
        return slot.engine


def unload(name: str, device: str = "cpu") -> None:
    """Forget a loaded engine and give its memory back; nothing happens when it is not loaded."""
    with _LOCK:
        slot = _LOADED.pop((name, device), None)
    if slot is None:
        return
    with slot.lock:
        if slot.engine is not None:
            slot.engine.unload()
            slot.engine = None


def register(spec: EngineSpec) -> None:
    """Add an engine of your own. Raises ValueError when the name is taken."""
    with _LOCK:
        if spec.name in _SPECS:
            raise ValueError(f"An engine called {spec.name} exists already.")
        _SPECS[spec.name] = spec


def unregister(name: str) -> None:
    """Take out an engine, loaded or not."""
    with _LOCK:
        _SPECS.pop(name, None)
        devices = [device for known, device in _LOADED if known == name]
    for device in devices:
        unload(name, device)


@contextmanager
def registered(spec: EngineSpec) -> Iterator[None]:
    """`register` for the length of a `with` block."""
    register(spec)
    try:
        yield
    finally:
        unregister(spec.name)


def _attribute(place: str) -> Any:
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)
