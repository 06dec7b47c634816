"""The seed of every video that the page makes."""

from __future__ import annotations

from dataclasses import dataclass

import gradio as gr

from ui.element_ids import ElementIds
from ui.event_settings import QUIET
from ui.i18n import t

SEED_LIMIT = 2**32 - 1


@dataclass(frozen=True)
class Seed:
    """The number, and the button that draws another."""

    number: gr.Number
    dice: gr.Button


def build_seed(names: ElementIds) -> Seed:
    """Draw it inside the current Blocks and connect it."""
    with gr.Group(), gr.Row(elem_classes=["beside"], equal_height=True):
        number = gr.Number(
            0,
            label=t("Seed"),
            info=t("The same seed and inputs give the same video. “Render again” keeps its seed."),
            minimum=0,
            maximum=SEED_LIMIT,
            precision=0,
            min_width=120,
            interactive=True,
            **names("seed"),
        )
        dice = gr.Button(t("Random"), size="sm", scale=0, min_width=80, **names("dice"))
    dice.click(None, None, number, js=f"() => Math.floor(Math.random() * {SEED_LIMIT})", **QUIET)
    return Seed(number, dice)
