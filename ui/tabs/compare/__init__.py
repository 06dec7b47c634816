"""The tab that makes one video in several ways, with a choice of engines."""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr

from engines.spec import EngineSpec
from ui.page_context import PageContext
from ui.tab import Tab


def tabs(engines: Sequence[EngineSpec]) -> list[Tab]:
    """The one tab, with all engines."""
    return [compare_tab([spec.name for spec in engines])]


def compare_tab(engines: Sequence[str]) -> Tab:
    """The tab for some engines, given by name."""
    from ui.tabs.compare.layout import build_compare_tab
    from ui.tabs.compare.screen import COMPARE

    def draw(context: PageContext, tab: gr.Tab) -> None:
        build_compare_tab(context, tab, engines)

    return Tab("Compare", draw, COMPARE, order=20)
