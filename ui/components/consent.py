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
"""JavaScript that scrolls to the box and focuses it, for a click without consent."""


def build_consent(names: ElementIds) -> gr.Checkbox:
    """Draw the box inside the current Blocks; it applies to every tab, as long as the page is open."""
    return gr.Checkbox(label=t(STATEMENT), value=False, interactive=True, container=False, **names("consent"))


def ask_consent(given: bool) -> None:
    """Raise an error for the page if the box is not ticked."""
    try:
        check_consent(given)
    except ConsentMissing as error:
        raise as_toast(error) from None
