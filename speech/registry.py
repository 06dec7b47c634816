"""Finds speech engines by name and loads each once.

Other packages offer theirs through entry points of the group `joystudio.speech`, whose values are
`SpeechSpec`s; the rest is as for engines.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from importlib import import_module

from engines.plugins import Plugin, find_specs, reason
from media.documents.quoting import shown
from media.errors import EngineError, OptionError
from speech.base import SpeechEngine
from speech.espeak.spec import SPEC as ESPEAK
from speech.kokoro.spec import SPEC as KOKORO
from speech.spec import SpeechSpec

GROUP = "joystudio.speech"
SHIPPED = (ESPEAK, KOKORO)
"""The speech engines of this project, in the order in which they are offered."""
DEFAULT_SPEECH = ESPEAK.name
"""The default speech engine: it needs no download and no GPU."""


@dataclass
class _Known:
    """The known speech engines. The first call searches for those of other packages.

    loading: held while one loads, which takes seconds, so that queries for names need not wait.
    """

    lock: threading.RLock = field(default_factory=threading.RLock)
    loading: threading.Lock = field(default_factory=threading.Lock)
    specs: dict[str, SpeechSpec] = field(default_factory=lambda: {spec.name: spec for spec in SHIPPED})
    plugins: dict[str, Plugin[SpeechSpec]] = field(default_factory=dict)
    loaded: dict[str, SpeechEngine] = field(default_factory=dict)
    searched: bool = False


_KNOWN = _Known()


def names() -> list[str]:
    """The names of all speech engines: this project's, then those of other packages."""
    return list(_all())


def specs() -> list[SpeechSpec]:
    """The specs of all speech engines, in the same order."""
    return list(_all().values())


def spec_of(name: str) -> SpeechSpec:
    """The spec of a speech engine. Raises OptionError."""
    spec = _all().get(name) if isinstance(name, str) else None
    if spec is None:
        raise OptionError(
            "There is no speech engine called {name}. Available: {names}.",
            name=shown(name),
            names=", ".join(names()),
        )
    return spec


def load(name: str) -> SpeechEngine:
    """The speech engine, ready to speak. Loaded once, however many threads ask at once.

    Raises OptionError for an unknown name, EngineError if a required package is missing or the engine's own
    package is broken, and the errors of its `load`; after these, the next call tries again.
    """
    spec = spec_of(name)
    with _KNOWN.loading:
        if name not in _KNOWN.loaded:
            engine = _class_of(spec)()
            engine.load()
            _KNOWN.loaded[name] = engine
        return _KNOWN.loaded[name]


def unload(name: str) -> None:
    """Remove a loaded speech engine from memory."""
    with _KNOWN.loading:
        engine = _KNOWN.loaded.pop(name, None)
    if engine is not None:
        engine.unload()


def register(spec: SpeechSpec) -> None:
    """Add your own speech engine. Raises ValueError if the name is taken."""
    taken = _all()
    with _KNOWN.lock:
        if spec.name in taken:
            raise ValueError(f"A speech engine called {spec.name} exists already.")
        _KNOWN.specs[spec.name] = spec


def unregister(name: str) -> None:
    """Remove a speech engine, loaded or not."""
    with _KNOWN.lock:
        _KNOWN.specs.pop(name, None)
    unload(name)


def _all() -> dict[str, SpeechSpec]:
    with _KNOWN.lock:
        if not _KNOWN.searched:
            _KNOWN.searched = True
            for plugin in find_specs(GROUP, SpeechSpec, _KNOWN.specs, lambda spec, others: None):
                if plugin.spec is not None:
                    _KNOWN.specs[plugin.name] = plugin.spec
                    _KNOWN.plugins[plugin.name] = plugin
        return _KNOWN.specs


def _class_of(spec: SpeechSpec) -> type[SpeechEngine]:
    missing = spec.packages.missing()
    if missing:
        raise EngineError(
            "The speech engine {name} needs the package {package}, which is not installed. Install what it "
            "needs: {install}",
            name=spec.name,
            package=missing[0],
            install=spec.packages.install,
        )
    if isinstance(spec.engine, type):
        return spec.engine
    module, _, attribute = spec.engine.partition(":")
    try:
        found: type[SpeechEngine] = getattr(import_module(module), attribute)
    except (Exception, SystemExit) as error:
        plugin = _KNOWN.plugins.get(spec.name)
        if plugin is None:
            raise
        raise EngineError(
            "The speech engine {name} cannot be used, because its package {package} is broken ({why}). "
            "Update or uninstall the package.",
            name=spec.name,
            package=plugin.package,
            why=reason(error),
        ) from error
    return found
