"""A made example, which plays in the place of a visitor's first video and is named as an example."""

from __future__ import annotations

from urllib.parse import quote

from ui.components.examples import FOLDER
from ui.components.filled import filled

CLIP = FOLDER / "clips" / "example.mp4"


def made_example_html() -> str:
    """The example; empty if the file is not there, as in a copy of the program without the examples."""
    if not CLIP.is_file():
        return ""
    return filled("made_example.html", address=f"gradio_api/file={quote(str(CLIP))}")
