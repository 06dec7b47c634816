"""Finds engines in installed packages of other authors.

A package offers an engine through an entry point of the group `joystudio.engines`: its name is the engine's,
and its value is the engine's `EngineSpec`. Speech engines have a group of their own. The search reads the
metadata of the installed packages, which takes a few milliseconds, and imports the modules with the specs.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from typing import Generic, Protocol, TypeVar

from engines.reserved import check_shared_flags
from engines.spec import EngineSpec
from media.documents.quoting import quoted

GROUP = "joystudio.engines"
_LONGEST = 300
"""Characters of another package's error that are repeated."""
_log = logging.getLogger("joystudio.plugins")


class NamedSpec(Protocol):
    """What an entry point gives: a spec with a name."""

    @property
    def name(self) -> str: ...


SpecT = TypeVar("SpecT", bound=NamedSpec)
Check = Callable[[SpecT, Mapping[str, SpecT]], None]
"""Raises ValueError for a spec that conflicts with the existing ones."""


def check_beside(spec: EngineSpec, specs: Mapping[str, EngineSpec]) -> None:
    """Raises ValueError if the engine's flags conflict with those of the other engines."""
    for other in specs.values():
        check_shared_flags(spec.options, other.options)


@dataclass(frozen=True)
class Plugin(Generic[SpecT]):
    """One engine that a package offers.

    name: the engine's. package: the package's name in pip. spec: None for an engine that cannot be used;
    `why` then gives the reason in one line.
    """

    name: str
    package: str
    spec: SpecT | None
    why: str = ""


def find_plugins(known: Mapping[str, EngineSpec]) -> list[Plugin[EngineSpec]]:
    """Every engine that the installed packages offer, as `find_specs` finds them. known: the existing
    engines.
    """
    return find_specs(GROUP, EngineSpec, known, check_beside)


def find_specs(
    group: str, kind: type[SpecT], known: Mapping[str, SpecT], check: Check[SpecT]
) -> list[Plugin[SpecT]]:
    """Every spec that the installed packages offer in a group of entry points, in the order of their names.

    kind: the class of a spec. known: the existing specs. check: raises ValueError for a spec that conflicts
    with them. If a package fails in any way, only its engine is left out, and its error is logged.
    """
    specs, found = dict(known), []
    for point in sorted(entry_points(group=group), key=lambda point: (point.name, package_of(point))):
        plugin = _open(point, kind, specs, check)
        found.append(plugin)
        if plugin.spec is None:
            _log.warning(
                "The engine %s of the package %s was left out: %s", plugin.name, plugin.package, plugin.why
            )
        else:
            specs[plugin.name] = plugin.spec
    return found


def package_of(point: EntryPoint) -> str:
    """The name in pip of the package that has the entry point."""
    return quoted(point.dist.name) if point.dist is not None else "?"


def reason(error: BaseException) -> str:
    """The message of an error in another package's code, in one line."""
    return quoted(f"{type(error).__name__}: {' '.join(str(error).split())}".rstrip(": "), _LONGEST)


def _open(
    point: EntryPoint, kind: type[SpecT], specs: Mapping[str, SpecT], check: Check[SpecT]
) -> Plugin[SpecT]:
    name, package = quoted(point.name), package_of(point)
    try:
        return Plugin(name, package, _checked(point.name, point.load(), kind, specs, check))
    except (Exception, SystemExit) as error:  # a module may do anything while it is imported
        return Plugin(name, package, None, reason(error))


def _checked(
    name: str, spec: object, kind: type[SpecT], specs: Mapping[str, SpecT], check: Check[SpecT]
) -> SpecT:
    """Return the spec. Raises TypeError or ValueError if it cannot be used together with the others."""
    if not isinstance(spec, kind):
        wanted = f"{'an' if kind.__name__[0] in 'AEIOU' else 'a'} {kind.__name__}"
        raise TypeError(f"The entry point {name} is of the type {type(spec).__name__}, not {wanted}.")
    if spec.name != name:
        raise ValueError(f"The entry point is called {name}, but the engine {spec.name}. Give both one name.")
    if name in specs:
        raise ValueError(f"There is another engine called {name}.")
    check(spec, specs)
    return spec
