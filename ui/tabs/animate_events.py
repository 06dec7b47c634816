"""What happens on the animate tab when something is clicked or changed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import gradio as gr

from media.errors import JoyStudioError
from studio.options import make_options
from studio.portrait_view import view_portrait
from studio.presets import load_preset
from studio.settings import Settings
from ui.components.examples import points_of
from ui.components.portrait_picker import Picked, hint_html, overlay_html
from ui.errors import as_toast
from ui.tabs.animate import BY_HAND, SEED_LIMIT, Inputs, Screen, Settable
from ui.tabs.rendering_events import QUIET, connect_rendering


def connect(screen: Screen) -> None:
    """Connect every component of the tab."""
    connect_examples(screen.inputs, screen.settable)
    connect_picker(screen.engine, screen.settings, screen.inputs, screen.settable)
    connect_options(screen.engine, screen.settings, screen.settable)
    connect_rendering(screen)


def connect_examples(inputs: Inputs, settable: Settable) -> None:
    """One click takes an example; an animal's portrait also switches to the animal mode."""
    mode = settable.form.components["animation_mode"]
    if inputs.portrait_examples is not None:

        def take_portrait(index: int) -> tuple[str, str]:
            example = inputs.portraits[index]
            return str(example.path), example.animation_mode

        inputs.portrait_examples.click(
            take_portrait, inputs.portrait_examples, [inputs.portrait, mode], **QUIET
        )
    if inputs.voice_examples is not None:

        def take_voice(index: int) -> str:
            return str(inputs.voices[index].path)

        inputs.voice_examples.click(take_voice, inputs.voice_examples, inputs.voice, **QUIET)


def connect_picker(engine: str, settings: Settings, inputs: Inputs, settable: Settable) -> None:
    """Look at each new portrait; let clicks on it choose a face or set an animal's points."""
    mode = settable.form.components["animation_mode"]
    looks_again = make_options(engine).finds_animals
    shown = [inputs.picked, inputs.overlay, inputs.hint, inputs.reset_picks]

    def show(picked: Picked | None) -> tuple[Any, ...]:
        can_reset = picked is not None and bool(picked.points)
        return picked, overlay_html(picked), hint_html(picked), gr.Button(visible=can_reset)

    def look(picked: Picked) -> tuple[Any, ...]:
        try:
            view = view_portrait(
                picked.portrait, subject=picked.subject, face_index=picked.face_index, settings=settings
            )
            return show(picked.seen(view))
        except JoyStudioError as error:
            # Shown below the picture, where it stays; a toast follows if a video is asked for all the same.
            return show(replace(picked, problem=str(error)))
        except Exception as error:
            raise as_toast(error) from None

    def begin(portrait: str | None, subject: str) -> tuple[Any, ...]:
        if not portrait:
            return show(None)
        if subject != "animal":
            return look(Picked(portrait))
        points = points_of(portrait, inputs.portraits)
        return look(Picked(portrait, "animal", points=points, looks_again=looks_again))

    def click(picked: Picked | None, event: gr.SelectData) -> tuple[Any, ...]:
        if picked is None or picked.problem:
            return show(picked)
        chosen = picked.clicked(*event.index)
        # Another face has notes of its own.
        return show(chosen) if chosen.face_index == picked.face_index else look(chosen)

    def reset(picked: Picked | None) -> tuple[Any, ...]:
        return show(replace(picked, points=()) if picked is not None else None)

    gr.on(
        [inputs.portrait.change, mode.change],
        begin,
        [inputs.portrait, mode],
        shown,
        trigger_mode="always_last",
        **QUIET,
    )
    inputs.portrait.select(click, inputs.picked, shown, trigger_mode="multiple", **QUIET)
    inputs.reset_picks.click(reset, inputs.picked, shown, **QUIET)


def connect_options(engine: str, settings: Settings, settable: Settable) -> None:
    """Presets, reset, dice, and hiding what has no effect in the chosen mode."""
    form = settable.form
    components = list(form.components.values())
    limited = [form.components[name] for name in form.modes]

    def apply(name: str | None) -> list[Any]:
        if name == BY_HAND or not name:
            return [gr.skip()] * (len(components) + 1)
        try:
            preset = load_preset(engine, name, settings.presets)
        except JoyStudioError as error:
            raise as_toast(error) from None
        values = dict(zip(form.components, form.values(preset.options), strict=True))
        if "animation_mode" not in preset.values:
            # The mode belongs to the portrait; only a preset made for one mode changes it.
            values["animation_mode"] = gr.skip()
        return [name, *values.values()]

    def defaults() -> list[Any]:
        return [settable.initial_preset, None, *form.values(make_options(engine))]

    settable.preset.input(apply, settable.preset, [settable.applied_preset, *components], **QUIET)
    settable.defaults.click(defaults, None, [settable.preset, settable.applied_preset, *components], **QUIET)
    for component in components:
        # What is set by hand is no longer the preset. In the browser, so that dragging costs nothing.
        component.input(None, None, settable.preset, js=f"() => {json.dumps(BY_HAND)}", **QUIET)
    if limited:
        mode = form.components["animation_mode"]
        mode.change(form.shown, mode, limited, trigger_mode="always_last", **QUIET)
    settable.dice.click(
        None, None, settable.seed, js=f"() => Math.floor(Math.random() * {SEED_LIMIT})", **QUIET
    )
