"""Which options of the engines act in a dub."""

from __future__ import annotations

from engines import registry
from engines.base import EngineOptions

ALWAYS_UNUSED = frozenset({"animation_mode", "fps"})
"""A video shows a person, and has a rate of its own."""


def unused_in_dubs(engine: str) -> frozenset[str]:
    """The names of an engine's options without an effect on a dub, as its options model says.

    Raises OptionError for an unknown engine.
    """
    return unused_of(registry.options_of(engine))


def unused_of(options: EngineOptions | type[EngineOptions]) -> frozenset[str]:
    """The same for options of a known engine, or their model."""
    return ALWAYS_UNUSED | set(options.unused_in_dubs)
