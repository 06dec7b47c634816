"""The tab in which a portrait speaks while its voice is still being spoken."""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr

from engines.spec import EngineSpec
from studio.settings import Settings
from ui.page_context import PageContext
from ui.tab import Tab


def tabs(engines: Sequence[EngineSpec]) -> list[Tab]:
    """The one tab, for the engines that can follow a voice; none without such an engine."""
    able = [spec.name for spec in engines if spec.live]
    return [live_tab(able)] if able else []


def live_tab(engines: Sequence[str]) -> Tab:
    """The tab for some engines, given by name. A page whose settings allow no live session leaves it out."""
    from ui.tabs.live.layout import build_live_tab
    from ui.tabs.live.screen import LIVE

    def draw(context: PageContext, tab: gr.Tab) -> None:
        context.live[LIVE] = build_live_tab(context, engines)

    def offered(settings: Settings) -> bool:
        return settings.live_sessions > 0

    return Tab("Live", draw, LIVE, order=15, offered=offered)
