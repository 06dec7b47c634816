"""Sliders, radios and switches made from an engine's options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

import gradio as gr

from engines import registry
from engines.base import AnimationMode
from media.messages import said
from studio.options import Option, list_options, make_options
from ui.element_ids import ElementIds
from ui.i18n import t

EVERY_MODE: tuple[AnimationMode, ...] = get_args(AnimationMode)
SAMPLED = "{help} Only “Generate” uses this."
"""The help of an option that a saved motion has already decided."""


@dataclass(frozen=True)
class OptionsForm:
    """The form's components by option name, in the order of the engine's options.

    modes: for options without effect in one of the animation modes, the modes in which they have one.
    keeps_motion: whether the engine can render its last motion again.
    """

    engine: str
    components: Mapping[str, gr.components.Component]
    modes: Mapping[str, tuple[AnimationMode, ...]]
    keeps_motion: bool

    def values(self, options: Any) -> list[Any]:
        """The values of an options object in the order of the components."""
        return [getattr(options, name) for name in self.components]

    def shown(self, mode: AnimationMode) -> dict[gr.components.Component, dict[str, Any]]:
        """Updates for the components in `modes`: visible where they have an effect, else hidden."""
        return {self.components[name]: gr.update(visible=mode in modes) for name, modes in self.modes.items()}


def build_options_form(engine: str, names: ElementIds) -> OptionsForm:
    """Draw an engine's options inside the current Blocks; advanced ones go into a fold below."""
    options = list_options(engine)
    defaults = make_options(engine)
    keeps_motion = registry.spec_of(engine).keeps_motion
    modes = {option.name: option.modes for option in options if option.modes != EVERY_MODE}

    def draw(option: Option) -> gr.components.Component:
        return component_for(
            option,
            names,
            visible=defaults.animation_mode in option.modes,
            marked=keeps_motion and option.sampled,
        )

    components = {option.name: draw(option) for option in options if not option.advanced}
    if any(option.advanced for option in options):
        with gr.Accordion(t("More options"), open=False, **names("more-options")):
            components |= {option.name: draw(option) for option in options if option.advanced}
    ordered = {option.name: components[option.name] for option in options}
    if "animation_mode" not in ordered:
        # With one mode there is nothing to choose; the portrait and its examples still read it.
        ordered["animation_mode"] = gr.Radio(
            [defaults.animation_mode], value=defaults.animation_mode, visible=False, **names("animation-mode")
        )
    return OptionsForm(engine, ordered, modes, keeps_motion)


def in_words(name: str) -> str:
    """The label of a choice or a preset."""
    return name.replace("_", " ").capitalize()


def component_for(
    option: Option, names: ElementIds, *, visible: bool = True, marked: bool = False
) -> gr.components.Component:
    """The component of one option, with its title, help, range, step and default.

    marked: say that the option decides the motion, which is not sampled again when it is rendered again.
    """
    info = said(SAMPLED, help=option.help) if marked and option.help else option.help
    look: dict[str, Any] = {
        "label": t(option.title),
        "info": t(info) if info else None,
        "interactive": True,
        "visible": visible,
        **names(f"option-{option.name}", "option"),
    }
    if option.kind == "choice":
        choices = [(t(option.label(choice)), choice) for choice in option.choices]
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
