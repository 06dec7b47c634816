"""What a script of the page gave with an event."""

from __future__ import annotations

import base64
from typing import Any

import gradio as gr


def value_of(event: gr.EventData, name: str) -> Any:
    """A value that a script passed to `trigger`; None if there is none, or the event comes from elsewhere."""
    try:
        return getattr(event, name, None)
    except TypeError:  # Gradio's own events have no values at all
        return None


def content_of(event: gr.EventData) -> bytes | None:
    """The bytes of the file that a script passed to `trigger` as `content`, in base64; None without one."""
    content = value_of(event, "content")
    if not isinstance(content, str):
        return None
    try:
        return base64.b64decode(content, validate=True)
    except ValueError:
        return None
