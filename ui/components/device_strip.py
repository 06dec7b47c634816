"""One line below the heading: device, memory, and how many jobs run and wait."""

from __future__ import annotations

import gradio as gr

from media.messages import said
from studio.admission import Line
from studio.machine import look_at_machine
from studio.settings import Settings
from ui.event_settings import QUIET
from ui.i18n import say

SECONDS_BETWEEN_LOOKS = 10


def build_device_strip(settings: Settings, page: gr.Blocks, line: Line) -> None:
    """Draw the line; it updates while the page is open."""
    strip = gr.HTML(
        strip_html(settings), padding=False, elem_id="device-strip", elem_classes=["device-strip"]
    )
    timer = gr.Timer(SECONDS_BETWEEN_LOOKS)

    def look() -> str:
        return strip_html(settings, line.working, line.waiting)

    page.load(look, None, strip, **QUIET)
    timer.tick(look, None, strip, **QUIET)


def strip_html(settings: Settings, running: int = 0, waiting: int = 0) -> str:
    """The line as HTML. running, waiting: numbers of jobs."""
    machine = look_at_machine(settings.device)
    parts = [machine.device]
    if machine.used is not None and machine.total is not None:
        parts.append(said("memory {used:.1f} of {total:.1f} GB", used=machine.used, total=machine.total))
    if running or waiting:
        jobs = said("jobs: {running} running, {waiting} waiting", running=running, waiting=waiting)
        parts.append(jobs)
    else:
        parts.append("no jobs running")
    return "".join(f"<span>{say(part)}</span>" for part in parts)
