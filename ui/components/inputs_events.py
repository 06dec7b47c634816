"""Events of the inputs: examples, and what belongs to the portrait and the voice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from ui.components.inputs import Inputs
from ui.components.portrait_choice import PortraitChoice
from ui.components.portrait_events import PortraitEvents
from ui.components.portrait_preview import TabViews
from ui.components.speech_fetching import connect_speech_fetching
from ui.components.voice_events import connect_voice
from ui.event_settings import QUIET
from ui.page_context import PageContext


def connect_inputs(context: PageContext, tabs: Sequence[gr.Tab]) -> None:
    """Connect them, after all tabs were drawn, and let them follow the selected tab."""
    views = TabViews(context.views)
    first = str(tabs[0].id) if tabs else ""
    selected = gr.Textbox(first, visible="hidden", show_label=False, container=False)
    _connect_examples(context.inputs, views, selected)
    turned = PortraitEvents(context, views, selected).connect(tabs)
    connect_voice(context, views, selected, turned)
    connect_speech_fetching(context, context.inputs.text.fetching, context.inputs.text.voice)


def _connect_examples(inputs: Inputs, views: TabViews, selected: gr.Textbox) -> None:
    """One click chooses an example, and sets whether it shows an animal."""
    if inputs.portrait_examples is not None:

        def take_portrait(index: int, tab: str, choice: PortraitChoice) -> tuple[Any, ...]:
            example = inputs.portraits[index]
            choice.subject = example.animation_mode
            modes = [
                example.animation_mode if name == tab and example.animation_mode in view.modes else gr.skip()
                for name, view in views.views.items()
            ]
            return str(example.path), *modes

        inputs.portrait_examples.click(
            take_portrait,
            [inputs.portrait_examples, selected, inputs.choice],
            [inputs.portrait, *views.modes],
            **QUIET,
        )
    if inputs.voice_examples is not None:

        def take_voice(index: int) -> str:
            return str(inputs.voices[index].path)

        inputs.voice_examples.click(take_voice, inputs.voice_examples, inputs.voice, **QUIET)
