"""The components of the tab that goes live."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr

from ui.components.inputs import Inputs

LIVE = "live"
MICROPHONE, FILE, EXAMPLE = "microphone", "file", "example:"
"""Where the voice comes from. EXAMPLE is followed by the name of the voice's file, without suffix."""


@dataclass(frozen=True)
class LiveScreen:
    """The tab's components.

    inputs: the page's own. engine: the engine's name. folds: the folds with the options, by engine.
    options: what may change in flight, by the names of engine and option. stage: the picture, the buttons,
    and what the script says. ticket: what the script gets for a session.
    """

    inputs: Inputs
    source: gr.Radio
    engine: gr.Radio
    look_ahead: gr.Radio
    folds: Mapping[str, gr.Accordion]
    options: Mapping[tuple[str, str], Any]
    stage: gr.HTML
    ticket: gr.Textbox
