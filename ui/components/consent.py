"""The consent box: without it, the page makes no video."""

from __future__ import annotations

import gradio as gr

from media.errors import ConsentMissing
from studio.consent import STATEMENT, check_consent
from ui.element_ids import ElementIds
from ui.errors import as_toast
from ui.i18n import t

SHOW = """() => {
  const box = document.querySelector(".consent input");
  box.scrollIntoView({ block: "center" });
  box.focus();
}"""
"""For the browser: brings the box into view, where a video was asked for without it."""


def build_consent(names: ElementIds) -> gr.Checkbox:
    """Draw the box inside the current Blocks; it holds in every tab, as long as the page is open."""
    return gr.Checkbox(label=t(STATEMENT), value=False, interactive=True, container=False, **names("consent"))


def ask_consent(given: bool) -> None:
    """Raise a message for the page unless the box was ticked."""
    try:
        check_consent(given)
    except ConsentMissing as error:
        raise as_toast(error) from None
