"""Finds engines by name. A new engine is a new package and one new line here."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar

from engines.base import Engine, EngineOptions
from media.documents.quoting import shown
from media.errors import EngineError, OptionError

if TYPE_CHECKING:
    from engines.crop_view import CropViewer

T = TypeVar("T")

NEURAL_PACKAGES = ("torch", "diffusers", "transformers", "onnxruntime")
"""What the page and the preview engine do without; requirements-neural.txt installs it."""


@dataclass(frozen=True)
class Entry:
    """Where an engine lives: "module:Class", or the class itself. Options are imported without the engine.

    weights: its `WeightSet`, for an engine that has files to fetch. crop: its `CropViewer`, for one that sees
    only a part of the portrait.
    """

    options: str | type[EngineOptions]
    engine: str | type[Engine]
    weights: str | None = None
    crop: str | None = None


@dataclass
class _Slot:
    """One engine on one device. The lock lets one thread load while the others wait for the result."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    engine: Engine | None = None


_ENTRIES: dict[str, Entry] = {
    "preview": Entry("engines.preview.options:PreviewOptions", "engines.preview.engine:PreviewEngine"),
    "joyvasa": Entry(
        "engines.joyvasa.options:JoyVasaOptions",
        "engines.joyvasa.engine:JoyVasaEngine",
        "engines.joyvasa.inspection:JoyVasaWeights",
        "engines.joyvasa.crop_view:view_crop",
    ),
    "joyhallo": Entry(
        "engines.joyhallo.options:JoyHalloOptions",
        "engines.joyhallo.engine:JoyHalloEngine",
        "engines.joyhallo.inspection:JoyHalloWeights",
        "engines.joyhallo.crop_view:view_crop",
    ),
}
_LOADED: dict[tuple[str, str], _Slot] = {}
_LOCK = threading.Lock()


def names() -> list[str]:
    """The engines there are, in the order they are offered."""
    return list(_ENTRIES)


def options_of(name: str) -> type[EngineOptions]:
    """The options model of an engine; imports nothing but the model. Raises OptionError."""
    return _import(_entry(name).options)


def engine_class(name: str) -> type[Engine]:
    """The class of an engine, imported but not loaded. Raises OptionError."""
    return _import(_entry(name).engine)


def with_weights() -> list[str]:
    """The engines that have files to fetch."""
    return [name for name, entry in _ENTRIES.items() if entry.weights]


def weights_of(name: str) -> Any:
    """What an engine knows about its files, an `engines.weights.weight_set.WeightSet`. Raises OptionError."""
    entry = _ENTRIES.get(name)
    if entry is None or entry.weights is None:
        raise OptionError(f"{shown(name)} has no weights to fetch; {', '.join(with_weights())} has.")
    module, _, attribute = entry.weights.partition(":")
    return getattr(import_module(module), attribute)()


def crop_viewer(name: str) -> CropViewer | None:
    """What tells which part of a portrait an engine sees; None for one that sees all. Raises OptionError."""
    place = _entry(name).crop
    if place is None:
        return None
    module, _, attribute = place.partition(":")
    viewer: CropViewer = getattr(import_module(module), attribute)
    return viewer


def load(name: str, device: str = "cpu") -> Engine:
    """The engine, ready to animate. Loaded once per name and device, however many threads ask at once.

    An engine that fails to load is not remembered: the next call tries again.
    """
    entry = _entry(name)
    with _LOCK:
        slot = _LOADED.setdefault((name, device), _Slot())
    with slot.lock:
        if slot.engine is None:
            engine: Engine = _import(entry.engine)()
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


def register(name: str, options: str | type[EngineOptions], engine: str | type[Engine]) -> None:
    """Add an engine of your own. Raises ValueError when the name is taken."""
    with _LOCK:
        if name in _ENTRIES:
            raise ValueError(f"An engine called {name} exists already.")
        _ENTRIES[name] = Entry(options, engine)


def unregister(name: str) -> None:
    """Take out an engine, loaded or not."""
    with _LOCK:
        _ENTRIES.pop(name, None)
        devices = [device for known, device in _LOADED if known == name]
    for device in devices:
        unload(name, device)


@contextmanager
def registered(name: str, options: str | type[EngineOptions], engine: str | type[Engine]) -> Iterator[None]:
    """`register` for the length of a `with` block."""
    register(name, options, engine)
    try:
        yield
    finally:
        unregister(name)


def _entry(name: str) -> Entry:
    try:
        return _ENTRIES[name]
    except (KeyError, TypeError):  # a value from JSON need not be a text
        raise OptionError(
            f"There is no engine called {shown(name)}; there is {', '.join(names())}."
        ) from None


def _import(place: str | type[T]) -> type[T]:
    if isinstance(place, type):
        return place
    module, _, attribute = place.partition(":")
    try:
        found: type[T] = getattr(import_module(module), attribute)
    except ModuleNotFoundError as error:
        if error.name not in NEURAL_PACKAGES:
            raise
        raise EngineError(
            f"This engine needs the package {error.name}, which is not installed. "
            "Install what neural engines need: pip install -r requirements-neural.txt"
        ) from error
    return found
