"""Events of the inputs: a new portrait or voice, and clicks on the portrait."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from media.errors import JoyStudioError
from studio.browser_copy import browser_copy
from ui.components.examples import points_of
from ui.components.inputs import Inputs
from ui.components.portrait_picker import Picked, hint_html, overlay_html
from ui.components.portrait_preview import PortraitPreview
from ui.components.share_row import QUIET, SPOKEN
from ui.components.voice_events import connect_voice
from ui.errors import as_toast
from ui.i18n import message
from ui.viewing import BUSY


def connect_inputs(inputs: Inputs, mode: gr.Radio, preview: PortraitPreview) -> None:
    """Connect examples and picker. mode: the component that says what the picture shows."""
    _connect_examples(inputs, mode)
    _connect_picker(inputs, mode, preview)
    connect_voice(inputs, preview)


def _connect_examples(inputs: Inputs, mode: gr.Radio) -> None:
    """One click takes an example; an animal's portrait also switches to the animal mode."""
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


def _connect_picker(inputs: Inputs, mode: gr.Radio, preview: PortraitPreview) -> None:
    """Look at each new portrait and show what the engine will see of it; let clicks on it choose a face or
    set an animal's points.
    """
    sliders = list(preview.sliders.values())
    shown = [inputs.picked, inputs.overlay, inputs.hint, inputs.reset_picks]

    def show(picked: Picked | None) -> tuple[Any, ...]:
        can_reset = picked is not None and bool(picked.points)
        return picked, overlay_html(picked), hint_html(picked), gr.Button(visible=can_reset)

    def look(picked: Picked, values: tuple[Any, ...]) -> tuple[Any, ...]:
        try:
            return show(preview.look(picked, values))
        except JoyStudioError as error:
            # Shown below the picture, where it stays; a toast follows if a video is asked for all the same.
            return show(replace(picked, problem=str(error), crop=None))
        except Exception as error:
            raise as_toast(error) from None

    def begin(portrait: str | None, subject: str, *values: Any) -> tuple[Any, ...]:
        """What is shown, and the portrait itself: a copy takes its place where browsers do not show it."""
        if not portrait:
            return *show(None), gr.skip()
        try:
            copied = browser_copy(Path(portrait), preview.settings)
        except JoyStudioError as error:
            return *show(Picked(portrait, problem=str(error))), gr.skip()
        if copied:
            copy, notes = copied
            for note in notes:
                gr.Info(message(note))
            return *show(None), str(copy)  # which is a new portrait, and begins here again
        points = points_of(portrait, inputs.portraits) if subject == "animal" else ()
        picked = Picked(portrait, "animal", points=points, looks_again=preview.looks_again)
        return *look(picked if subject == "animal" else Picked(portrait), values), gr.skip()

    def click(picked: Picked | None, event: gr.SelectData, *values: Any) -> tuple[Any, ...]:
        if picked is None or picked.problem:
            return show(picked)
        chosen = picked.clicked(*event.index)
        # Another face has notes of its own.
        same = chosen.face_index == picked.face_index
        return show(preview.cropped(chosen, values)) if same else look(chosen, values)

    def reset(picked: Picked | None, *values: Any) -> tuple[Any, ...]:
        return show(preview.cropped(replace(picked, points=()), values) if picked is not None else None)

    def too_many(portrait: str | None, *_: Any) -> tuple[Any, ...]:
        return *show(Picked(portrait, problem=BUSY) if portrait else None), gr.skip()

    def not_now(*_: Any) -> tuple[Any, ...]:
        return (gr.skip(),) * len(shown)

    def look_again(picked: Picked | None, *values: Any) -> tuple[Any, ...]:
        return look(picked, values) if picked is not None else show(None)

    gr.on(
        [inputs.portrait.change, mode.change],
        preview.gate.guard(begin, too_many),
        [inputs.portrait, mode, *sliders],
        [*shown, inputs.portrait],
        trigger_mode="always_last",
        **SPOKEN,
    )
    inputs.portrait.select(
        preview.gate.guard(click, not_now), [inputs.picked, *sliders], shown, trigger_mode="multiple", **QUIET
    )
    inputs.reset_picks.click(preview.gate.guard(reset, not_now), [inputs.picked, *sliders], shown, **QUIET)
    if sliders:
        moved: list[Any] = [slider.change for slider in sliders]
        again = preview.gate.guard(look_again, not_now)
        gr.on(moved, again, [inputs.picked, *sliders], shown, trigger_mode="always_last", **QUIET)
