"""Sliders, radios and switches made from an engine's options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import gradio as gr

from studio.options import Option, list_options


@dataclass(frozen=True)
class OptionsForm:
    """The form's components by option name, in the order of the engine's options."""

    engine: str
    components: Mapping[str, gr.components.Component]

    def values(self, options: Any) -> list[Any]:
        """The values of an options object in the order of the components."""
        return [getattr(options, name) for name in self.components]


def build_options_form(engine: str) -> OptionsForm:
    """Draw an engine's options inside the current Blocks; those marked advanced go into a fold below."""
    options = list_options(engine)
    components = {option.name: component_for(option) for option in options if not option.advanced}
    if any(option.advanced for option in options):
        with gr.Accordion("More options", open=False, elem_id="more-options"):
            components |= {option.name: component_for(option) for option in options if option.advanced}
    return OptionsForm(engine, {option.name: components[option.name] for option in options})


def component_for(option: Option) -> gr.components.Component:
    """The component of one option, with its title, help, range, step and default."""
    look: dict[str, Any] = {
        "label": option.title,
        "info": option.help or None,
        "elem_id": f"option-{option.name}",
        "elem_classes": ["option"],
        "interactive": True,
    }
    if option.kind == "choice":
        choices = [(choice.replace("_", " ").capitalize(), choice) for choice in option.choices]
        return gr.Radio(choices, value=option.default, **look)
    if option.kind == "switch":
        return gr.Checkbox(value=option.default, **look)
    if option.kind == "text":
        return gr.Textbox(value=option.default, **look)
    whole = option.kind == "integer"
    if option.minimum is None or option.maximum is None:
        return gr.Number(
            value=option.default,
            minimum=option.minimum,
            maximum=option.maximum,
            precision=0 if whole else None,
            **look,
        )
    step = option.step or (1 if whole else (option.maximum - option.minimum) / 100)
    return gr.Slider(option.minimum, option.maximum, value=option.default, step=step, **look)
