"""What is shown of a choice on the portrait: the marks, the hint and the buttons beside it."""

from __future__ import annotations

from typing import Any

import gradio as gr

from ui.components.inputs import Inputs
from ui.components.portrait_choice import PortraitChoice, PortraitExamination
from ui.components.portrait_desk import desk_html
from ui.components.portrait_picker import Picked, hint_html, overlay_html


def marked(inputs: Inputs) -> list[Any]:
    """The components that `show` updates, in its order."""
    return [
        inputs.overlay,
        inputs.hint,
        inputs.accept_points,
        inputs.another_proposal,
        inputs.is_animal,
        inputs.reset_picks,
        inputs.desk,
    ]


def show(picked: Picked | None) -> tuple[Any, ...]:
    """Updates of the marks on the portrait, the hint, the buttons beside it, and the desk."""
    seen = (False,) * 4
    if picked is not None:
        seen = (
            bool(picked.proposed_points) and picked.needs_points,
            picked.takes_another and not picked.problem,
            picked.may_be_animal and picked.subject == "human",
            bool(picked.set_points or picked.proposed_points),
        )
    buttons = (gr.Button(visible=one) for one in seen)
    return overlay_html(picked), hint_html(picked), *buttons, desk_html(picked)


def show_end(choice: PortraitChoice, look: PortraitExamination, picked: Picked | None) -> tuple[Any, ...]:
    """The same after the portrait was examined, unless a later examination has begun."""
    now = choice.finish(look, picked)
    return not_now() if now is None and picked is not None else show(now)


def not_now(*_: Any) -> tuple[Any, ...]:
    """No changes to any of them."""
    return (gr.skip(),) * 7
