"""Puts the settings of a live session's recording back into the tab that goes live."""

from __future__ import annotations

from typing import Any

import gradio as gr

from engines.base import EngineOptions
from studio.events import Result
from studio.live.recording import SPEECH
from ui.page_context import PageContext
from ui.tabs.live.screen import LIVE, LiveScreen


def live_targets(screen: LiveScreen) -> list[Any]:
    """Every component that `set_live` may change, besides the tabs."""
    return [screen.engine, screen.look_ahead, *screen.options.values()]


def live_screen_of(context: PageContext, result: Result) -> LiveScreen | None:
    """The tab that can go on with a recording; None for any other video, and if the page has no such tab."""
    screen = context.live.get(LIVE)
    if screen is None or result.speech != SPEECH or result.engine not in screen.folds:
        return None
    return screen


def set_live(
    context: PageContext, screen: LiveScreen, engine: str, options: EngineOptions, look_ahead_ms: int | None
) -> dict[Any, Any]:
    """Updates that open the tab with these options. look_ahead_ms: None, or one that the tab does not offer,
    leaves its choice.
    """
    values = options.model_dump(mode="json")
    updates: dict[Any, Any] = {context.tabs: gr.Tabs(selected=LIVE), screen.engine: engine}
    updates |= {part: values[name] for (of, name), part in screen.options.items() if of == engine}
    if look_ahead_ms in [value for _, value in screen.look_ahead.choices]:
        updates[screen.look_ahead] = look_ahead_ms
    return updates
