"""Disables Generate, with the reason, while files that every video needs are missing."""

from __future__ import annotations

from typing import Any

import gradio as gr

from media.messages import said
from studio.weights_report import report_weights
from ui.components.weights_fetching import engine_name
from ui.event_settings import QUIET
from ui.i18n import say


def is_ready(engine: str) -> bool:
    """Whether the engine can make videos at this moment."""
    report = report_weights(engine)
    return report is None or report.ready


def why_html(engine: str) -> str:
    """The reason why Generate is off; empty while it is on."""
    if is_ready(engine):
        return ""
    words = said(
        "Generate is off until you get {engine}: see the top of this tab.", engine=engine_name(engine)
    )
    return f'<p class="hint">{say(words)}</p>'


def connect_ready(
    engine: str, page: gr.Blocks, generate: gr.Button, why: gr.HTML, weights: gr.HTML | None
) -> None:
    """Update it whenever the page is opened, and whenever its weights panel changes."""
    if weights is None:
        return

    def look() -> tuple[Any, str]:
        return gr.Button(interactive=is_ready(engine)), why_html(engine)

    page.load(look, None, [generate, why], **QUIET)
    weights.change(look, None, [generate, why], **QUIET)
