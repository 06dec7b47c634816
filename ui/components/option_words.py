"""A finished video's engine and options, with the labels of the page."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engines import registry
from media.documents.quoting import quoted
from media.errors import OptionError
from studio.dubbing.presets import acting_values, dub_preset_of
from studio.events import Result
from studio.options import Option, list_options, make_options
from studio.presets import name_of
from ui.components.options_form import in_words


def option_words(engine: str, values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(title, value) of every value that the engine still has an option for, as the form shows them."""
    try:
        options = {option.name: option for option in list_options(engine)}
    except OptionError:  # the engine is no longer installed
        return []
    known = {name: value for name, value in values.items() if name in options}
    return [(options[name].title, words_of(options[name], value)) for name, value in known.items()]


def engine_words(engine: str) -> str:
    """The engine as the page's tabs call it; its name if it is no longer installed."""
    try:
        return registry.spec_of(engine).short_title
    except OptionError:
        return engine


def preset_words(result: Result, presets: Path) -> str:
    """The preset with exactly the video's options, as its label."""
    try:
        options = make_options(result.engine, result.options)
        if result.dub is not None:
            name = dub_preset_of(acting_values(options), result.engine, presets)
        else:
            name = name_of(options, result.engine, presets)
    except OptionError:  # the engine's options have changed since
        name = result.preset
    return in_words(name or "set by hand")


def words_of(option: Option, value: object) -> str:
    """A value of an option, as the form shows it."""
    if isinstance(value, bool):
        return "On" if value else "Off"
    if isinstance(value, float):
        return f"{value:g}"
    if option.written:
        return quoted(str(value), 40)
    if option.kind == "text":
        return option.suggestions.get(str(value), str(value))
    return option.label(str(value)) if option.kind == "choice" else str(value)
