"""One line below the heading: device, memory and queue."""

from __future__ import annotations

import gradio as gr

from media.messages import said
from studio.admission import Line
from studio.machine import look_at_machine
from studio.settings import Settings
from ui.components.share_row import QUIET
from ui.i18n import say

SECONDS_BETWEEN_LOOKS = 10


def build_device_strip(settings: Settings, page: gr.Blocks, line: Line) -> None:
    """Draw the line; it updates while the page is open."""
    strip = gr.HTML(
        strip_html(settings, 0), padding=False, elem_id="device-strip", elem_classes=["device-strip"]
    )
    timer = gr.Timer(SECONDS_BETWEEN_LOOKS)

    def look() -> str:
        return strip_html(settings, line.waiting)

    page.load(look, None, strip, **QUIET)
    timer.tick(look, None, strip, **QUIET)


def strip_html(settings: Settings, queue: int) -> str:
    """The line: device, memory, queue."""
    machine = look_at_machine(settings.device)
    parts = [machine.device]
    if machine.used is not None and machine.total is not None:
        parts.append(said("memory {used:.1f} of {total:.1f} GB", used=machine.used, total=machine.total))
    parts.append("queue empty" if not queue else said("{queue} in the queue", queue=queue))
    return "".join(f"<span>{say(part)}</span>" for part in parts)
