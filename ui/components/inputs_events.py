"""Events of the inputs: a new portrait or voice, clicks on the portrait, and another tab."""

from __future__ import annotations

import filecmp
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from media.errors import JoyStudioError
from studio.browser_copy import browser_copy
from studio.settings import Settings
from ui.components.examples import points_of
from ui.components.inputs import Inputs
from ui.components.portrait_picker import Picked, hint_html, overlay_html
from ui.components.portrait_preview import MODE, PortraitPreview, TabViews
from ui.components.share_row import QUIET, SPOKEN
from ui.components.voice_events import connect_voice
from ui.errors import as_toast
from ui.i18n import message
from ui.page_context import PageContext
from ui.viewing import BUSY


def connect_inputs(context: PageContext, tabs: Sequence[gr.Tab]) -> None:
    """Connect them, after all tabs were drawn, and let them follow the tab that is selected."""
    views = TabViews(context.views)
    first = str(tabs[0].id) if tabs else ""
    selected = gr.Textbox(first, visible="hidden", show_label=False, container=False)
    _connect_examples(context.inputs, views, selected)
    turned = _Portrait(context, views, selected).connect(tabs)
    connect_voice(context, views, selected, turned)


def _connect_examples(inputs: Inputs, views: TabViews, selected: gr.Textbox) -> None:
    """One click takes an example, and says whether it shows an animal."""
    if inputs.portrait_examples is not None:

        def take_portrait(index: int, tab: str) -> tuple[Any, ...]:
            example = inputs.portraits[index]
            modes = [
                example.animation_mode if name == tab and example.animation_mode in view.modes else gr.skip()
                for name, view in views.views.items()
            ]
            return str(example.path), example.animation_mode, *modes

        inputs.portrait_examples.click(
            take_portrait,
            [inputs.portrait_examples, selected],
            [inputs.portrait, inputs.subject, *views.modes],
            **QUIET,
        )
    if inputs.voice_examples is not None:

        def take_voice(index: int) -> str:
            return str(inputs.voices[index].path)

        inputs.voice_examples.click(take_voice, inputs.voice_examples, inputs.voice, **QUIET)


class _Portrait:
    """Looks at the portrait as the selected tab does, and shows it; clicks choose a face or set points."""

    def __init__(self, context: PageContext, views: TabViews, selected: gr.Textbox) -> None:
        self.settings: Settings = context.settings
        self.gate, self.inputs = context.gate, context.inputs
        self.views, self.selected = views, selected

    def connect(self, tabs: Sequence[gr.Tab]) -> Any:
        """Connect everything; gives the event after which `selected` is another tab."""
        inputs, views, guard = self.inputs, self.views, self.gate.guard
        shown = [inputs.picked, inputs.overlay, inputs.hint, inputs.reset_picks]
        chosen = [inputs.picked, self.selected, *views.components]
        changes: list[Any] = [inputs.portrait.change, *(mode.change for mode in views.modes)]
        gr.on(
            changes,
            guard(self.begin, self.too_many),
            [inputs.portrait, inputs.picked, inputs.subject, self.selected, *views.components],
            [*shown, inputs.subject, inputs.portrait],
            trigger_mode="always_last",
            **SPOKEN,
        )
        for tab in tabs:
            # In the browser: answers of the server could come in another order than the clicks.
            tab.select(None, None, self.selected, js=f"() => {json.dumps(tab.id)}", **QUIET)
        turned = self.selected.change(
            guard(self.turn, self.turn_later),
            [inputs.picked, inputs.subject, self.selected, *views.components],
            [*shown, *views.modes],
            trigger_mode="always_last",
            **QUIET,
        )
        inputs.portrait.select(guard(self.click, not_now), chosen, shown, trigger_mode="multiple", **QUIET)
        inputs.reset_picks.click(guard(self.reset, not_now), chosen, shown, **QUIET)
        sliders: list[Any] = [part.change for part in views.parts(crops=True)]
        if sliders:
            again = guard(self.look_again, not_now)
            gr.on(sliders, again, chosen, shown, trigger_mode="always_last", **QUIET)
        return turned

    def begin(
        self, portrait: str | None, picked: Picked | None, subject: Any, tab: str, *values: Any
    ) -> tuple[Any, ...]:
        """What is shown, what the picture shows, and the portrait itself: a copy takes its place where
        browsers do not show it.
        """
        view, given = self.views.at(tab, values)
        # A tab without animals does not say that the picture shows a person.
        subject = given[MODE] if MODE in given and len(view.modes) > 1 else subject
        if not portrait:
            return *show(None), subject, gr.skip()
        try:
            copied = browser_copy(Path(portrait), self.settings)
        except JoyStudioError as error:
            return *show(Picked(portrait, problem=str(error))), subject, gr.skip()
        if copied:
            copy, notes = copied
            for note in notes:
                gr.Info(message(note))
            return *show(None), subject, str(copy)  # which is a new portrait, and begins here again
        known = picked is not None and same_picture(picked.portrait, portrait)
        begun = replace(picked, portrait=portrait) if picked is not None and known else Picked(portrait)
        return *self.look(begun, view, given, subject), subject, gr.skip()

    def turn(self, picked: Picked | None, subject: Any, tab: str, *values: Any) -> tuple[Any, ...]:
        """The portrait as another tab sees it, and that tab's mode, which the picture decides."""
        view, given = self.views.at(tab, values)
        follows = subject in view.modes and given.get(MODE) != subject
        modes = [subject if follows and name == tab else gr.skip() for name in self.views.views]
        return *(not_now() if picked is None else self.look(picked, view, given, subject)), *modes

    def turn_later(self, *_: Any) -> tuple[Any, ...]:
        return *not_now(), *(gr.skip() for _ in self.views.modes)

    def look(
        self, picked: Picked, view: PortraitPreview, given: Mapping[str, Any], subject: Any
    ) -> tuple[Any, ...]:
        subject = subject if subject in view.modes else view.modes[0]
        points = picked.points
        if subject == "animal" and not points:
            points = points_of(picked.portrait, self.inputs.portraits)
        picked = replace(picked, subject=subject, points=points, looks_again=view.looks_again)
        try:
            return show(view.look(picked, given, self.settings))
        except JoyStudioError as error:
            # Shown below the picture, where it stays; a toast follows if a video is asked for all the same.
            return show(replace(picked, problem=str(error), crop=None))
        except Exception as error:
            raise as_toast(error) from None

    def click(self, picked: Picked | None, event: gr.SelectData, tab: str, *values: Any) -> tuple[Any, ...]:
        if picked is None or picked.problem:
            return show(picked)
        view, given = self.views.at(tab, values)
        chosen = picked.clicked(*event.index)
        # Another face has notes of its own.
        if chosen.face_index == picked.face_index:
            return show(view.cropped(chosen, given, self.settings))
        return self.look(chosen, view, given, chosen.subject)

    def reset(self, picked: Picked | None, tab: str, *values: Any) -> tuple[Any, ...]:
        if picked is None:
            return show(None)
        view, given = self.views.at(tab, values)
        return show(view.cropped(replace(picked, points=()), given, self.settings))

    def look_again(self, picked: Picked | None, tab: str, *values: Any) -> tuple[Any, ...]:
        if picked is None:
            return show(None)
        return self.look(picked, *self.views.at(tab, values), picked.subject)

    def too_many(self, portrait: str | None, *_: Any) -> tuple[Any, ...]:
        return *show(Picked(portrait, problem=BUSY) if portrait else None), gr.skip(), gr.skip()


def show(picked: Picked | None) -> tuple[Any, ...]:
    """New values of the choice, the marks on the picture, the hint, and the button that removes points."""
    can_reset = picked is not None and bool(picked.set_points)
    return picked, overlay_html(picked), hint_html(picked), gr.Button(visible=can_reset)


def not_now(*_: Any) -> tuple[Any, ...]:
    """Nothing new for any of them."""
    return (gr.skip(),) * 4


def same_picture(one: str, other: str) -> bool:
    """Whether two files hold the same picture; Gradio copies what it shows."""
    try:
        return one == other or filecmp.cmp(one, other, shallow=False)
    except OSError:
        return False
