"""Finds engines by name and loads each once per device."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

from engines.base import Engine, EngineOptions
from engines.plugins import Plugin, find_plugins, reason
from engines.spec import EngineSpec
from media.documents.quoting import shown
from media.errors import EngineError, OptionError
from media.messages import said

if TYPE_CHECKING:
    from engines.crop_view import CropViewer

SHIPPED = ("preview", "joyvasa", "joyhallo")
"""The engines of this project, in the order of the page. A new engine is a new package and one name here; its
spec is imported when that engine, or a list of all, is first asked for.
"""
DEFAULT_ENGINE = SHIPPED[0]
"""The engine of a job that names no engine: it needs no weights and no GPU."""


@dataclass
class _Slot:
    """One engine on one device. The lock lets one thread load while the others wait for the result."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    engine: Engine | None = None


@dataclass
class _Search:
    """The search for engines of other packages, made by the first call that needs them.

    The lock is reentrant, because a package may ask for the engines while it is imported.
    """

    lock: threading.RLock = field(default_factory=threading.RLock)
    begun: bool = False
    ended: bool = False


_SPECS: dict[str, EngineSpec] = {}
_LOADED: dict[tuple[str, str], _Slot] = {}
_LOCK = threading.Lock()
_PLUGINS: dict[str, Plugin[EngineSpec]] = {}
_SEARCH = _Search()


def names() -> list[str]:
    """The names of all engines: this project's, then those of other packages."""
    return list(_all())


def specs() -> list[EngineSpec]:
    """The specs of all engines, in the same order."""
    return list(_all().values())


def names_of(able: Callable[[EngineSpec], bool]) -> str:
    """The names of the engines with an ability, as a message offers them: "preview or joyvasa"."""
    *before, last = [spec.name for spec in specs() if able(spec)] or ["none"]
    return said("{before} or {last}", before=", ".join(before), last=last) if before else last


def spec_of(name: str) -> EngineSpec:
    """The spec of an engine. Raises OptionError if it does not exist or its package is broken."""
    if not isinstance(name, str):  # a value from JSON may be of any type
        raise OptionError(_unknown(name))
    if name in SHIPPED and not _SEARCH.begun:
        return _shipped(name)  # without the options of all the others, which take a job 10 ms
    spec = _SPECS.get(name) or _all().get(name)
    if spec is not None:
        return spec
    plugin = _PLUGINS.get(name)
    if plugin is not None and plugin.spec is None:
        raise OptionError(_broken(name, plugin.why))
    raise OptionError(_unknown(name))


def package_of(name: str) -> str | None:
    """The name in pip of an engine's package; None for an engine of this project."""
    plugin = _PLUGINS.get(name)
    return plugin.package if plugin else None


def options_of(name: str) -> type[EngineOptions]:
    """The options model of an engine. Raises OptionError."""
    return spec_of(name).options


def engine_class(name: str) -> type[Engine]:
    """The class of an engine, imported but not loaded.

    Raises OptionError if the engine does not exist, EngineError if its own package is broken or a package
    that it needs is not installed.
    """
    spec = spec_of(name)
    if isinstance(spec.engine, type):
        return spec.engine
    try:
        found: type[Engine] = _attribute(name, spec.engine)
    except ModuleNotFoundError as error:
        package = spec.packages.named_by(error)
        if package is None:
            raise
        raise EngineError(
            "This engine needs the package {package}, which is not installed. Install what it needs: "
            "{install}",
            package=package,
            install=spec.packages.install,
        ) from error
    return found


def with_weights() -> list[str]:
    """The engines that have weight files to download."""
    return [name for name, spec in _all().items() if spec.weights]


def weights_of(name: str) -> Any:
    """What an engine knows about its files, an `engines.weights.weight_set.WeightSet`. Raises OptionError."""
    spec = _all().get(name)
    if spec is None or spec.weights is None:
        raise OptionError(
            "{name} has no weights to download. Available: {with_weights}.",
            name=shown(name),
            with_weights=", ".join(with_weights()),
        )
    return _attribute(name, spec.weights.catalogue)()


def crop_viewer(name: str) -> CropViewer | None:
    """The function that finds the part of a portrait that an engine sees; None if it sees all of it.

    Raises OptionError.
    """
    place = spec_of(name).crop
    if place is None:
        return None
    viewer: CropViewer = _attribute(name, place)
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


def is_loaded(name: str, device: str = "cpu") -> bool:
    """Whether the engine is ready to animate at once."""
    with _LOCK:
        slot = _LOADED.get((name, device))
    return slot is not None and slot.engine is not None


def unload(name: str, device: str = "cpu") -> None:
    """Forget a loaded engine and release its memory. Does nothing if it is not loaded."""
    with _LOCK:
        slot = _LOADED.pop((name, device), None)
    if slot is None:
        return
    with slot.lock:
        if slot.engine is not None:
            slot.engine.unload()
            slot.engine = None


def register(spec: EngineSpec) -> None:
    """Add an engine. Raises ValueError if the name is taken."""
    taken = _all()
    with _LOCK:
        if spec.name in taken:
            raise ValueError(f"An engine called {spec.name} exists already.")
        _SPECS[spec.name] = spec


def unregister(name: str) -> None:
    """Remove an engine, loaded or not."""
    _all()
    with _LOCK:
        _SPECS.pop(name, None)
        devices = [device for known, device in _LOADED if known == name]
    for device in devices:
        unload(name, device)


def _all() -> dict[str, EngineSpec]:
    """Every engine by name. The first call searches the installed packages."""
    if _SEARCH.ended:
        return _SPECS
    with _SEARCH.lock:
        if not _SEARCH.begun:
            _SPECS.update((name, _shipped(name)) for name in SHIPPED)
            _SEARCH.begun = True
            for plugin in find_plugins(_SPECS):
                if plugin.spec is not None:
                    _SPECS[plugin.name] = plugin.spec
                if plugin.spec is not None or plugin.name not in _SPECS:
                    _PLUGINS[plugin.name] = plugin
            _SEARCH.ended = True
    return _SPECS


def _shipped(name: str) -> EngineSpec:
    """The spec of an engine of this project."""
    spec: EngineSpec = import_module(f"engines.{name}.spec").SPEC
    return spec


def _attribute(name: str, place: str) -> Any:
    """The attribute that an engine's "module:attribute" names. Raises EngineError if a package fails."""
    module, _, attribute = place.partition(":")
    try:
        return getattr(import_module(module), attribute)
    except (Exception, SystemExit) as error:
        missing = isinstance(error, ModuleNotFoundError) and _SPECS[name].packages.named_by(error)
        if missing or name not in _PLUGINS:
            raise
        raise EngineError(_broken(name, reason(error))) from error


def _broken(name: str, why: str) -> str:
    return said(
        "The engine {name} cannot be used, because its package {package} is broken ({reason}). Update or "
        "uninstall the package.",
        name=name,
        package=package_of(name),
        reason=why,
    )


def _unknown(name: object) -> str:
    return said(
        "There is no engine called {name}. Available: {names}.", name=shown(name), names=", ".join(names())
    )
