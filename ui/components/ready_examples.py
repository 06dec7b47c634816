"""Ready examples, each a portrait with its voice and its preset, as pictures to click on."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from pathlib import Path

import gradio as gr

from media.thumbnail import file_as_jpeg
from ui.components.examples import Example
from ui.components.filled import filled
from ui.element_ids import ElementIds
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
