"""The consent box: without it, the page makes no video."""

from __future__ import annotations

import gradio as gr

from media.errors import ConsentMissing
from studio.consent import STATEMENT, check_consent
from ui.element_ids import ElementIds
from ui.errors import as_toast
from ui.i18n import t
from ui.page_context import PageContext


def build_consent(context: PageContext, names: ElementIds) -> gr.Checkbox:
    """Draw the box inside the current Blocks; `connect_consent` makes every tab's box the same one."""
    box = gr.Checkbox(label=t(STATEMENT), value=False, interactive=True, container=False, **names("consent"))
    context.consent.append(box)
    return box


def connect_consent(context: PageContext) -> None:
    """Let what is stated in one tab hold in all of them, as long as the page is open."""
    for box in context.consent:
        others = [other for other in context.consent if other is not box]
        if others:
            box.input(
                None,
                box,
                others,
                js=f"(given) => Array({len(others)}).fill(given)",
                api_visibility="private",
                show_progress="hidden",
                queue=False,
            )


def ask_consent(given: bool) -> None:
    """Raise a message for the page unless the box was ticked."""
    try:
        check_consent(given)
    except ConsentMissing as error:
        raise as_toast(error) from None
