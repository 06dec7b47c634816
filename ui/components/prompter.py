"""Shows a text in large letters, to be read aloud into the microphone."""

from __future__ import annotations

from typing import Any

import gradio as gr

from media.errors import TextError
from speech.text import checked_text
from studio.settings import Settings
from ui.components.filled import filled
from ui.element_ids import ElementIds
from ui.event_settings import QUIET
from ui.i18n import t

READ = "Record your voice above and read the text aloud."


def hint_html(*sentences: str, problem: bool = False) -> str:
    """The line below the box."""
    return filled("hint.html", sentences=sentences, problem=problem, picture="")


def connect_prompter(
    settings: Settings, names: ElementIds, text: gr.Textbox, button: gr.Button, hint: gr.HTML
) -> None:
    """Draw the place for the text, and let the button show and hide it."""
    prompter = gr.HTML("", visible=False, padding=False, **names("text-prompter"))
    is_shown = gr.State(False)

    def toggle(text: str, is_shown: bool) -> tuple[Any, ...]:
        if is_shown:
            return gr.HTML("", visible=False), gr.Button(t("Read it yourself")), gr.skip(), False
        try:
            lines = checked_text(text or "", settings.text_characters).splitlines()
        except TextError as error:
            return gr.skip(), gr.skip(), hint_html(str(error), problem=True), False
        html = filled("prompter.html", lines=lines)
        return gr.HTML(html, visible=True), gr.Button(t("Hide the text")), hint_html(READ), True

    button.click(toggle, [text, is_shown], [prompter, button, hint, is_shown], **QUIET)
