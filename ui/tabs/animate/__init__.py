"""A tab for each engine, which makes a video of one portrait and one voice."""

from __future__ import annotations

from collections.abc import Sequence

import gradio as gr

from engines.spec import EngineSpec
from ui.page_context import PageContext
from ui.tab import Tab


def tabs(engines: Sequence[EngineSpec]) -> list[Tab]:
    """The tabs of the engines that have one."""
    return [animate_tab(spec) for spec in engines if spec.tab]


def animate_tab(spec: EngineSpec) -> Tab:
    """The tab of one engine. Programs can use the engine, too, by its name."""
    from ui.api.endpoint import build_endpoint
    from ui.tabs.animate.layout import build_animate_tab

    def draw(context: PageContext, tab: gr.Tab) -> None:
        context.screens[spec.name] = build_animate_tab(spec.name, context, about=spec.about)
        build_endpoint(spec.name, context.settings, context.line)

    return Tab(spec.title, draw, spec.name, order=10)
