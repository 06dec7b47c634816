"""Takes a preset or settings file that a visitor drops on the page or chooses, for `ui.reopen`."""

from __future__ import annotations

import json

import gradio as gr

from studio.settings_files import LARGEST, SUFFIXES
from ui.components.filled import filled
from ui.components.pair_list_job import LISTS
from ui.element_ids import PAGE, ElementIds
from ui.theme import script


def build_settings_file() -> gr.HTML:
    """Draw the button inside the current Blocks. Its event "upload" has the name and the content of a file.

    The browser reads the file, so that it is not stored as an upload.
    """
    constants = {"LARGEST": LARGEST, "SUFFIXES": SUFFIXES, "LISTS": LISTS}
    lines = [f"const {name} = {json.dumps(value)};" for name, value in constants.items()]
    return gr.HTML(
        filled("settings_file.html", accept=",".join(SUFFIXES)),
        js_on_load="\n".join((*lines, script("file_content.js"), script("settings_file.js"))),
        padding=False,
        **ElementIds(PAGE)("settings-file"),
    )
