"""Sliders, radios and switches made from an engine's options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, get_args

import gradio as gr

from engines import registry
from engines.base import AnimationMode
from media.messages import said
from studio.options import Option, list_options, make_options
from ui.element_ids import ElementIds
from ui.i18n import t

MODE = "animation_mode"
EVERY_MODE: tuple[AnimationMode, ...] = get_args(AnimationMode)
SAMPLED = "{help} Only “Generate” uses this."
"""The help of an option that a saved motion has already decided."""


@dataclass(frozen=True)
class OptionsForm:
    """The form's components by option name, in the order of the engine's options.

    modes: for options without effect in one of the animation modes, the modes in which they have one.
    keeps_motion: whether the engine can render its last motion again. defaults: the button that resets the
    options.
    """

    engine: str
    components: Mapping[str, gr.components.Component]
    modes: Mapping[str, tuple[AnimationMode, ...]]
    keeps_motion: bool
    defaults: gr.Button

    def values(self, options: Any) -> list[Any]:
        """The values of an options object in the order of the components."""
        return [getattr(options, name) for name in self.components]

    def shown(self, mode: AnimationMode) -> dict[gr.components.Component, dict[str, Any]]:
        """Updates for the components in `modes`: visible where they have an effect, else hidden."""
        return {self.components[name]: gr.update(visible=mode in modes) for name, modes in self.modes.items()}


def build_options_form(engine: str, names: ElementIds) -> OptionsForm:
    """Draw an engine's options inside the current Blocks.

    The animation mode belongs to the portrait and is always visible. The others are in a fold, with a button
    that resets them.
    """
    options = list_options(engine)
    initial = make_options(engine)
    keeps_motion = registry.spec_of(engine).keeps_motion
    modes = {option.name: option.modes for option in options if option.modes != EVERY_MODE}
    drawn: dict[str, gr.components.Component] = {}

    def draw(wanted: Callable[[Option], bool]) -> None:
        for option in options:
            if wanted(option) and option.name not in drawn:
                drawn[option.name] = component_for(
                    option,
                    names,
                    visible=initial.animation_mode in option.modes,
                    marked=keeps_motion and option.sampled,
                )

    draw(lambda option: option.name == MODE and not option.advanced)
    with gr.Accordion(t("Options"), open=False, **names("options")):
        draw(lambda option: not option.advanced)
        if any(option.advanced for option in options):
            with gr.Accordion(t("More options"), open=False, **names("more-options")):
                draw(lambda option: option.advanced)
        defaults = gr.Button(t("Reset to defaults"), size="sm", **names("defaults"))
    ordered = {option.name: drawn[option.name] for option in options}
    if MODE not in ordered:
        # With one mode there is nothing to choose; the portrait and its examples still read it.
        ordered[MODE] = gr.Radio(
            [initial.animation_mode], value=initial.animation_mode, visible=False, **names("animation-mode")
        )
    return OptionsForm(engine, ordered, modes, keeps_motion, defaults)


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
    if option.kind == "text" and option.suggestions:
        offered = [(t(label), value) for value, label in option.suggestions.items()]
        return gr.Dropdown(offered, value=option.default, allow_custom_value=True, **look)
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
