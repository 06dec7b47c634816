"""The tab that gives a video of a person new lips for the page's voice."""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr

from engines.spec import EngineSpec
from ui.page_context import PageContext
from ui.tab import Tab


def tabs(engines: Sequence[EngineSpec]) -> list[Tab]:
    """The one tab, if an engine can dub."""
    able = [spec.name for spec in engines if spec.dubs]
    return [dub_tab(able)] if able else []


def dub_tab(engines: Sequence[str]) -> Tab:
    """The tab for the engines that can dub; the first is chosen at the beginning."""
    from ui.api.dub_endpoint import build_dub_endpoint
    from ui.tabs.dub.layout import build_dub_tab
    from ui.tabs.dub.screen import DUB

    def draw(context: PageContext, tab: gr.Tab) -> None:
        context.dub[DUB] = build_dub_tab(engines, context)
        build_dub_endpoint(engines, context.settings, context.line)

    return Tab("Dub", draw, DUB, order=15)
