"""Disables the button that starts a dub, with the reason and the next step, while its engine cannot work."""

from __future__ import annotations

from typing import Any

import gradio as gr

from engines.registry import DEFAULT_ENGINE
from media.messages import said
from studio.weights_report import report_weights
from ui.components.filled import filled
from ui.components.weights_fetching import engine_name
from ui.components.weights_panel import RANDOM_NOTE
from ui.event_settings import QUIET
from ui.event_values import value_of
from ui.page_context import PageContext
from ui.tabs.dub.screen import DubScreen


def is_ready(engine: str) -> bool:
    """Whether the engine can dub at this moment."""
    report = report_weights(engine)
    return report is None or report.ready


def why_html(engine: str, tab: bool = False) -> str:
    """The reason why the button is off, and two ways on; empty while it is on.

    tab: whether the page has a tab of the engine, where its files can be got.
    """
    report = report_weights(engine)
    if report is None or (report.ready and not report.random_weights):
        return ""
    if report.ready:
        return filled("dub_why.html", words=RANDOM_NOTE, engine="", get="", quick="", use="")
    name, quick = engine_name(engine), DEFAULT_ENGINE if engine != DEFAULT_ENGINE else ""
    return filled(
        "dub_why.html",
        words=said("“Dub” is off until you get {engine}.", engine=name),
        engine=engine if tab else "",
        get=f"Get {name}",
        quick=quick,
        use=said("Use {engine}", engine=engine_name(DEFAULT_ENGINE)),
    )


def connect_ready(context: PageContext, screen: DubScreen) -> None:
    """Update it whenever the page is opened, the engine changes, or files of an engine arrive or go."""
    output, offered = screen.output, list(screen.folds)
    if all(report_weights(name) is None for name in offered):
        return

    def look(engine: str, busy: bool) -> list[Any]:
        ready = gr.Button(interactive=is_ready(engine) and not busy)
        return [ready, why_html(engine, engine in context.screens)]

    given, shown = [screen.engine, output.busy], [output.start, output.why]
    context.page.load(look, given, shown, **QUIET)
    screen.engine.change(look, given, shown, **QUIET)
    for name in offered:
        tab = context.screens.get(name)
        if tab is not None and tab.weights is not None:
            tab.weights.change(look, given, shown, **QUIET)

    def go_on(event: gr.EventData) -> list[Any]:
        choice = str(value_of(event, "choice"))
        if choice == DEFAULT_ENGINE and DEFAULT_ENGINE in offered:
            return [gr.skip(), DEFAULT_ENGINE]
        return [gr.Tabs(selected=choice) if choice in context.screens else gr.skip(), gr.skip()]

    output.why.click(go_on, None, [context.tabs, screen.engine], **QUIET)
