"""Events of the presets: a choice sets the options, and an option moved by hand ends it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from media.errors import JoyStudioError
from studio.presets import load_preset
from studio.settings import Settings
from ui.errors import as_toast
from ui.event_settings import QUIET, SPOKEN
from ui.tabs.dub.screen import BY_HAND, DubScreen

# In the browser, so that dragging costs nothing.
MOVED = "(engine, ...chosen) => {names}.map((name, place) => name === engine ? {by_hand} : chosen[place])"


def connect_presets(screen: DubScreen, settings: Settings) -> None:
    """Connect the presets of every engine."""
    for engine, choice in screen.presets.items():
        parts = {name: part for (of, name), part in screen.options.items() if of == engine}
        apply = _applying(engine, [*parts], settings)
        choice.radio.input(apply, choice.radio, [*parts.values()], **SPOKEN)
    radios = [choice.radio for choice in screen.presets.values()]
    by_hand = MOVED.format(names=json.dumps([*screen.presets]), by_hand=json.dumps(BY_HAND))
    screen.moved.input(None, [screen.engine, *radios], radios, js=by_hand, **QUIET)


def _applying(engine: str, names: Sequence[str], settings: Settings) -> Callable[[str | None], list[Any]]:
    """The function that sets the options of these names to those of a preset."""

    def apply(preset: str | None) -> list[Any]:
        if preset == BY_HAND or not preset:
            return [gr.skip()] * len(names)
        try:
            options = load_preset(engine, preset, settings.presets).options
        except JoyStudioError as error:
            raise as_toast(error) from None
        return [getattr(options, name) for name in names]

    return apply
