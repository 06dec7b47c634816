"""The page's three steps: a heading for each and, on a phone, a bar at the bottom that leads to them."""

from __future__ import annotations

import gradio as gr

from ui.components.filled import filled
from ui.element_ids import PAGE, ElementIds
from ui.theme import script

STEPS = {"portrait": "Portrait", "voice": "Voice", "video": "Video"}
"""What a video takes, in order; each has a part of the page."""
BEGUN = "() => { window.dispatchEvent(new Event('jobbegun')); }"
"""JavaScript that tells the bar that a job has begun: on a phone, the page then shows the video."""


def build_steps_bar() -> gr.HTML:
    """Draw the bar inside the current Blocks. Wide screens, which show all steps at once, hide it."""
    return gr.HTML(
        filled("steps_bar.html", steps=STEPS),
        js_on_load=script("steps.js"),
        padding=False,
        **ElementIds(PAGE)("steps", "steps-bar"),
    )


def build_step(name: str) -> gr.HTML:
    """Draw the heading of one of STEPS above its part. Wide screens show it to screen readers only."""
    number = list(STEPS).index(name) + 1
    return gr.HTML(
        filled("step.html", step=name, number=number, title=STEPS[name]),
        padding=False,
        elem_classes=["step"],
    )
