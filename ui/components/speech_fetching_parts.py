"""The button that downloads a speech engine's weights, as it is drawn."""

from __future__ import annotations

from dataclasses import dataclass

import gradio as gr

from ui.element_ids import ElementIds
from ui.i18n import t


@dataclass(frozen=True)
class SpeechFetching:
    """The button, one that cancels, and the bar."""

    button: gr.Button
    cancel: gr.Button
    bar: gr.HTML
    installed: gr.State


def build_speech_fetching(names: ElementIds) -> SpeechFetching:
    """Draw the button inside the current Blocks, hidden."""
    with gr.Row(elem_classes=["text-row"]):
        button = gr.Button("", size="sm", visible=False, min_width=190, **names("text-fetch"))
        cancel = gr.Button(t("Cancel"), size="sm", min_width=80, visible=False, **names("text-fetch-cancel"))
    bar = gr.HTML("", visible=False, padding=False, **names("text-fetch-progress"))
    return SpeechFetching(button, cancel, bar, gr.State(False))
