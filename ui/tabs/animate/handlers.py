"""Events of the animate tab: every click and change."""

from __future__ import annotations

import json
from typing import Any

import gradio as gr

from media.errors import JoyStudioError
from studio.options import make_options
from studio.presets import load_preset
from studio.settings import Settings
from ui.components.mark_track import tell_after
from ui.errors import as_toast
from ui.event_settings import QUIET, SPOKEN
from ui.tabs.animate.render import connect_rendering
from ui.tabs.animate.screen import BY_HAND, AnimateScreen, Settable


def connect(screen: AnimateScreen) -> None:
    """Connect every component of the tab."""
    connect_options(screen.engine, screen.settings, screen.settable)
    connect_rendering(screen)


def connect_options(engine: str, settings: Settings, settable: Settable) -> None:
    """Connect the presets and the reset button, and hide options without effect in the chosen mode."""
    form = settable.form
    components = list(form.components.values())
    limited = [form.components[name] for name in form.modes]

    def apply(name: str | None) -> list[Any]:
        if name == BY_HAND or not name:
            return [gr.skip()] * (len(components) + 1)
        try:
            preset = load_preset(engine, name, settings.presets)
        except JoyStudioError as error:
            raise as_toast(error) from None
        values = dict(zip(form.components, form.values(preset.options), strict=True))
        if "animation_mode" not in preset.values:
            # The mode belongs to the portrait; only a preset made for one mode changes it.
            values["animation_mode"] = gr.skip()
        return [name, *values.values()]

    def defaults() -> list[Any]:
        return [settable.initial_preset, None, *form.values(make_options(engine))]

    outputs = [settable.preset, settable.applied_preset, *components]
    applied = settable.preset.input(apply, settable.preset, outputs[1:], **SPOKEN)
    reset = form.defaults.click(defaults, None, outputs, **QUIET)
    for event in (applied, reset):
        tell_after(event, engine, form.components)
    # An option moved by hand ends the preset. In the browser, so that dragging costs nothing.
    settable.moved.input(None, None, settable.preset, js=f"() => {json.dumps(BY_HAND)}", **QUIET)
    if limited:
        mode = form.components["animation_mode"]
        mode.change(form.shown, mode, limited, trigger_mode="always_last", **QUIET)
