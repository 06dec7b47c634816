"""Which options of the engines act in a dub."""

from __future__ import annotations

from engines import registry

ALWAYS_UNUSED = frozenset({"animation_mode", "fps"})
"""A video shows a person, and has a rate of its own."""


def unused_in_dubs(engine: str) -> frozenset[str]:
    """The names of an engine's options without an effect on a dub, as its options model says.

    Raises OptionError for an unknown engine.
    """
    return ALWAYS_UNUSED | set(registry.options_of(engine).unused_in_dubs)
