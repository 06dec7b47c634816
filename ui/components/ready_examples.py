"""The page's examples: portraits with their voices and presets to click on, and a finished video."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from pathlib import Path

import gradio as gr

from media.thumbnail import file_as_jpeg
from ui.components.examples import CLIP, Example
from ui.components.filled import filled
from ui.element_ids import ElementIds
from ui.server.addresses import EXAMPLES
from ui.theme import script

SIDE = 160
"""Longest side of a picture in pixels: twice what is shown, for screens with a high resolution."""


def build_ready_examples(
    portraits: Sequence[Example], voices: Sequence[Example], names: ElementIds
) -> gr.HTML | None:
    """Draw them inside the current Blocks; None if there are none."""
    if not portraits:
        return None
    labels = {voice.path.stem: voice.label for voice in voices}
    rows = [
        {
            "label": portrait.label,
            "voice": labels.get(portrait.voice, ""),
            "presets": json.dumps(dict(portrait.presets)),
            "picture": _picture(portrait.path),
        }
        for portrait in portraits
    ]
    return gr.HTML(
        filled("ready_examples.html", rows=rows),
        js_on_load=script("examples.js"),
        padding=False,
        **names("portrait-examples", "ready-examples"),
    )


def _picture(path: Path) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(file_as_jpeg(path, SIDE)).decode("ascii")


def made_example_html() -> str:
    """The example; empty if the file is not there, as in a copy of the program without the examples."""
    if not CLIP.is_file():
        return ""
    return filled("made_example.html", address=f"{EXAMPLES}/{CLIP.name}")
