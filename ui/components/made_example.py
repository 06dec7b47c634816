"""A made example, which plays in the place of a visitor's first video and is named as an example."""

from __future__ import annotations

from ui.components.examples import CLIP
from ui.components.filled import filled
from ui.server.addresses import EXAMPLES


def made_example_html() -> str:
    """The example; empty if the file is not there, as in a copy of the program without the examples."""
    if not CLIP.is_file():
        return ""
    return filled("made_example.html", address=f"{EXAMPLES}/{CLIP.name}")
