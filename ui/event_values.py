"""What a script of the page gave with an event."""

from __future__ import annotations

from typing import Any

import gradio as gr


def value_of(event: gr.EventData, name: str) -> Any:
    """A value that a script passed to `trigger`; None if there is none, or the event comes from elsewhere."""
    try:
        return getattr(event, name, None)
    except TypeError:  # Gradio's own events have no values at all
        return None
