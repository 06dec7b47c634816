"""A finished video's settings as a short list to read."""

from __future__ import annotations

from pathlib import Path

from media.errors import OptionError
from studio.events import Result
from studio.options import list_options, make_options
from studio.presets import name_of
from ui.components.options_form import in_words
from ui.i18n import say


def settings_table(result: Result, presets: Path) -> str:
    """Engine, preset, seed and every option of a video, with the labels of the options form."""
    try:
        titles = {option.name: option.title for option in list_options(result.engine)}
    except OptionError:  # the engine is no longer installed
        titles = {}
    rows = [("Engine", result.engine), ("Preset", preset_words(result, presets))]
    rows += [("Seed", str(result.seed))]
    rows += [(titles[name], _words(value)) for name, value in result.options.items() if name in titles]
    cells = "".join(f"<dt>{say(name)}</dt><dd>{say(value)}</dd>" for name, value in rows)
    return f'<dl class="settings-table">{cells}</dl>'


def preset_words(result: Result, presets: Path) -> str:
    """The preset with exactly the video's options, as its label."""
    try:
        name = name_of(make_options(result.engine, result.options), result.engine, presets)
    except OptionError:  # the engine's options have changed since
        name = result.preset
    return in_words(name or "set by hand")


def _words(value: object) -> str:
    if isinstance(value, bool):
        return "On" if value else "Off"
    return f"{value:g}" if isinstance(value, float) else in_words(str(value))
