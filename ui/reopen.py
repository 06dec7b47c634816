"""Puts a finished video's settings back into its engine's tab."""

from __future__ import annotations

from typing import Any

import gradio as gr

from media.errors import OptionError
from studio.events import Result
from studio.options import make_options
from studio.presets import name_of
from ui.page_context import PageContext
from ui.tabs.animate.screen import BY_HAND, Screen


def reopen_targets(context: PageContext) -> list[Any]:
    """Every component that `reopen` may change."""
    return [context.tabs, *(part for screen in context.screens.values() for part in _parts(screen))]


def reopen(context: PageContext, result: Result) -> dict[Any, Any]:
    """Updates that open the engine's tab with a video's options and seed; no portrait and no voice.

    Options that the engine no longer has, or no longer takes, are left at their defaults. Raises OptionError
    when the page has no tab for the engine.
    """
    screen = context.screens.get(result.engine)
    if screen is None:
        raise OptionError("This page has no tab for the engine {engine}.", engine=result.engine)
    options = _options(result)
    form, settable = screen.settable.form, screen.settable
    preset = name_of(options, result.engine, context.settings.presets)
    values = dict(zip(form.components.values(), form.values(options), strict=True))
    shown = form.shown(options.animation_mode)
    return {
        context.tabs: gr.Tabs(selected=result.engine),
        **{part: gr.update(value=value, **_visible(shown, part)) for part, value in values.items()},
        settable.preset: preset or BY_HAND,
        settable.applied_preset: preset,
        settable.seed: result.seed,
    }


def _parts(screen: Screen) -> list[Any]:
    settable = screen.settable
    return [*settable.form.components.values(), settable.preset, settable.applied_preset, settable.seed]


def _visible(shown: dict[Any, Any], part: Any) -> dict[str, Any]:
    return {"visible": shown[part]["visible"]} if part in shown else {}


def _options(result: Result) -> Any:
    """The video's options as the engine takes them today."""
    known: dict[str, Any] = {}
    for name, value in result.options.items():
        try:
            make_options(result.engine, {name: value})
        except OptionError:
            continue
        known[name] = value
    return make_options(result.engine, known)
