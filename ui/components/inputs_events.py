"""Events of the inputs: examples, and what belongs to the portrait and the voice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from ui.components.examples import Example, example_of
from ui.components.inputs import Inputs
from ui.components.mark_track_events import connect_mark_track
from ui.components.portrait_choice import PortraitChoice
from ui.components.portrait_events import PortraitEvents
from ui.components.portrait_preview import TabViews
from ui.components.speech_fetching import connect_speech_fetching
from ui.components.voice_events import connect_voice
from ui.event_settings import QUIET
from ui.event_values import value_of
from ui.page_context import PageContext


def connect_inputs(context: PageContext, tabs: Sequence[gr.Tab]) -> None:
    """Connect them, after all tabs were drawn, and let them follow the selected tab."""
    views = TabViews(context.views)
    first = str(tabs[0].id) if tabs else ""
    selected = gr.Textbox(first, visible="hidden", show_label=False, container=False)
    _connect_ready_examples(context.inputs, views, selected)
    _connect_voices(context.inputs)
    turned = PortraitEvents(context, views, selected).connect(tabs)
    connect_voice(context, views, selected, turned)
    connect_mark_track(context, selected)
    connect_speech_fetching(context, context.inputs.text.fetching, context.inputs.text.voice)


def _connect_ready_examples(inputs: Inputs, views: TabViews, selected: gr.Textbox) -> None:
    """One click gives the portrait, whether it shows an animal, and its voice. A voice or a text of the
    visitor's own stays. The script chooses the preset in the open tab.
    """
    if inputs.portrait_examples is None:
        return

    def take(
        event: gr.EventData, tab: str, choice: PortraitChoice, voice: str | None, text: str | None
    ) -> tuple[Any, ...]:
        number = value_of(event, "example")
        if not isinstance(number, int) or not 0 <= number < len(inputs.portraits):
            return (gr.skip(),) * (2 + len(views.modes))
        example = inputs.portraits[number]
        choice.subject = example.animation_mode
        modes = [
            example.animation_mode if name == tab and example.animation_mode in view.modes else gr.skip()
            for name, view in views.views.items()
        ]
        return str(example.path), _voice(example, inputs.voices, voice, text), *modes

    inputs.portrait_examples.click(
        take,
        [selected, inputs.choice, inputs.voice, inputs.text.text],
        [inputs.portrait, inputs.voice, *views.modes],
        **QUIET,
    )


def _connect_voices(inputs: Inputs) -> None:
    if inputs.voice_examples is not None:

        def take_voice(index: int) -> str:
            return str(inputs.voices[index].path)

        inputs.voice_examples.click(take_voice, inputs.voice_examples, inputs.voice, **QUIET)


def _voice(example: Example, voices: Sequence[Example], given: str | None, text: str | None) -> Any:
    """The voice that goes with an example, unless the visitor has given one or typed a text."""
    own = (text or "").strip() or (given and example_of(given, voices) is None)
    path = next((voice.path for voice in voices if voice.path.stem == example.voice), None)
    return gr.skip() if own or path is None else str(path)
