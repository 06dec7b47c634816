"""The tab that gives a video of a person new lips for the page's voice."""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr

from engines.spec import EngineSpec
from ui.page_context import PageContext
from ui.tab import Tab


def tabs(engines: Sequence[EngineSpec]) -> list[Tab]:
    """The one tab, if an engine can dub."""
    return [dub_tab(spec.name) for spec in engines if spec.dubs][:1]


def dub_tab(engine: str) -> Tab:
    """The tab for an engine that can dub."""
    from ui.api.dub_endpoint import build_dub_endpoint
    from ui.tabs.dub.layout import build_dub_tab
    from ui.tabs.dub.screen import DUB

    def draw(context: PageContext, tab: gr.Tab) -> None:
        context.dub[DUB] = build_dub_tab(engine, context)
        build_dub_endpoint(engine, context.settings, context.line)

    return Tab("Dub", draw, DUB, order=15)
