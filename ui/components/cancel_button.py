"""The button that cancels a job.

Until a cancelled job has ended, Gradio silently drops every click that would start it again. So the buttons
that start it stay disabled until then: the job's `failure` event enables them, and a click on this button
changes only the button itself, which then reads "Cancelling".
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import gradio as gr

from ui.element_ids import ElementIds
from ui.event_settings import QUIET
from ui.i18n import t
from ui.i18n.catalogue import chinese

CANCELLING = "Cancelling"


def build_cancel_button(names: ElementIds, name: str = "cancel") -> gr.Button:
    """Draw the button, disabled. name: of its element."""
    return gr.Button(t("Cancel"), interactive=False, scale=1, min_width=80, **names(name))


def cancel_update(*, running: bool) -> gr.Button:
    """The button during a job, or before and after one."""
    return gr.Button(t("Cancel"), interactive=running)


def was_cancelled(words: str) -> bool:
    """Whether a finished job was cancelled. words: the button's label at that time, in either language."""
    return words in (CANCELLING, chinese(CANCELLING))


def connect_cancel(
    button: gr.Button, events: list[Any] | None = None, end: Callable[[gr.Request], None] | None = None
) -> None:
    """Let a click end these events, whose `failure` reports that they have ended, or call a function."""
    pressed = json.dumps({"__type__": "update", "value": str(t(CANCELLING)), "interactive": False})
    # In the browser: the server's answer could arrive after the job's end.
    button.click(None, None, button, js=f"() => ({pressed})", cancels=events, **QUIET)
    if end is not None:
        button.click(end, None, None, **QUIET)
