"""Events of the portrait: a new one, clicks and moved points on it, what a note offers, and another tab."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from engines.base import AnimationMode
from media.errors import JoyStudioError, NoFaceError
from studio.animal_proposals import propose_points
from studio.browser_copy import browser_copy
from studio.settings import Settings
from ui.components.examples import points_of
from ui.components.portrait_choice import PortraitChoice, PortraitExamination, same_picture
from ui.components.portrait_desk import edited_by, turned
from ui.components.portrait_marks import marked, not_now, show, show_end
from ui.components.portrait_picker import Picked
from ui.components.portrait_preview import MODE, PortraitPreview, TabViews
from ui.errors import as_toast
from ui.event_settings import QUIET, SPOKEN
from ui.event_values import value_of
from ui.i18n import message
from ui.page_context import PageContext
from ui.viewing import BUSY

NO_OTHERS = (
    "Nothing else in this portrait looks like a face. Click on the left eye, the right eye and the mouth."
)


class PortraitEvents:
    """Examines the portrait as the selected tab does, and shows it; clicks choose a face or set points."""

    def __init__(self, context: PageContext, views: TabViews, selected: gr.Textbox) -> None:
        self.settings: Settings = context.settings
        self.gate, self.inputs = context.gate, context.inputs
        self.views, self.selected = views, selected

    def connect(self, tabs: Sequence[gr.Tab]) -> Any:
        """Connect everything. Returns the event after which `selected` is another tab."""
        inputs, views, guard = self.inputs, self.views, self.gate.guard
        shown = marked(inputs)
        given = [inputs.choice, self.selected, *views.components]
        changes: list[Any] = [inputs.portrait.change, *(mode.change for mode in views.modes)]
        gr.on(
            changes,
            guard(self.begin, self.too_many),
            [inputs.portrait, *given],
            [*shown, inputs.portrait],
            trigger_mode="always_last",
            **SPOKEN,
        )
        for tab in tabs:
            # In the browser: the server's answers could arrive in an order other than that of the clicks.
            tab.select(None, None, self.selected, js=f"() => {json.dumps(tab.id)}", **QUIET)
        turned = self.selected.change(
            guard(self.turn, self.turn_later),
            given,
            [*shown, *views.modes],
            trigger_mode="always_last",
            **QUIET,
        )
        inputs.portrait.select(guard(self.click, not_now), given, shown, trigger_mode="multiple", **QUIET)
        inputs.overlay.click(guard(self.move, not_now), given, shown, trigger_mode="multiple", **QUIET)
        inputs.accept_points.click(guard(self.accept, not_now), given, shown, **QUIET)
        inputs.another_proposal.click(
            guard(self.another, not_now), given, shown, trigger_mode="once", **SPOKEN
        )
        inputs.reset_picks.click(guard(self.reset, not_now), given, shown, **QUIET)
        inputs.is_animal.click(self.call_animal, [inputs.choice, self.selected], views.modes, **QUIET)
        inputs.desk.click(
            guard(self.edit, lambda *_: (*not_now(), gr.skip())),
            [inputs.portrait, *given],
            [*shown, inputs.portrait],
            trigger_mode="multiple",
            **SPOKEN,
        )
        sliders: list[Any] = [part.change for part in views.parts(crops=True)]
        if sliders:
            gr.on(sliders, guard(self.look_again, not_now), given, shown, trigger_mode="always_last", **QUIET)
        return turned

    def begin(self, portrait: str | None, choice: PortraitChoice, tab: str, *values: Any) -> tuple[Any, ...]:
        """Updates of the marks and the portrait: a copy replaces it if browsers do not show it."""
        view, given = self.views.at(tab, values)
        # A tab without animals does not say that the picture shows a person.
        subject = given[MODE] if MODE in given and len(view.modes) > 1 else None
        if subject:
            choice.note_mode(tab, subject)

        def start(before: Picked | None) -> Picked | None:
            if not portrait:
                return None
            known = before is not None and same_picture(before.portrait, portrait)
            return replace(before, portrait=portrait) if before is not None and known else Picked(portrait)

        look = self.start(choice, view, start, subject)
        if not portrait:
            return *show(None), gr.skip()
        try:
            copied = browser_copy(Path(portrait), self.settings)
        except JoyStudioError as error:
            return *show_end(choice, look, Picked(portrait, problem=str(error))), gr.skip()
        if copied:
            copy, notes = copied
            for note in notes:
                gr.Info(message(note))
            # The copy is a new portrait, and begins here again.
            return *show_end(choice, look, None), str(copy)
        return *self.look(choice, look, view, given), gr.skip()

    def turn(self, choice: PortraitChoice, tab: str, *values: Any) -> tuple[Any, ...]:
        """The portrait as another tab sees it, and that tab's mode, which the portrait decides."""
        view, given = self.views.at(tab, values)
        choice.adopt_clicked_mode(*self.modes(values))
        subject = choice.subject
        follows = subject in view.modes and given.get(MODE) != subject
        if follows:
            choice.note_mode(tab, subject)
        modes = [subject if follows and name == tab else gr.skip() for name in self.views.views]
        return *self.look_again(choice, tab, *values), *modes

    def modes(self, values: Sequence[Any]) -> tuple[dict[str, AnimationMode], dict[str, AnimationMode]]:
        """The modes of the tabs that have several: as the page shows them, and before any click."""
        given = {name: self.views.at(name, values)[1] for name in self.views.views}
        initial = {name: view.modes[0] for name, view in self.views.views.items() if len(view.modes) > 1}
        shown = {name: given[name][MODE] for name in initial if MODE in given[name]}
        return shown, initial

    def turn_later(self, *_: Any) -> tuple[Any, ...]:
        return *not_now(), *(gr.skip() for _ in self.views.modes)

    def look_again(self, choice: PortraitChoice, tab: str, *values: Any) -> tuple[Any, ...]:
        view, given = self.views.at(tab, values)
        return self.look(choice, self.start(choice, view, lambda picked: picked), view, given)

    def start(
        self,
        choice: PortraitChoice,
        view: PortraitPreview,
        change: Callable[[Picked | None], Picked | None],
        subject: AnimationMode | None = None,
    ) -> PortraitExamination:
        """Start to examine the portrait; what a click means is decided now."""

        def seen_here(before: Picked | None) -> Picked | None:
            picked = change(before)
            if picked is None:
                return None
            shows = choice.subject if choice.subject in view.modes else view.modes[0]
            # Points that were removed stay removed.
            same = before is not None and (before.portrait, before.subject) == (picked.portrait, shows)
            example = () if same or shows != "animal" else points_of(picked.portrait, self.inputs.portraits)
            return replace(
                picked, subject=shows, points=picked.points or example, looks_again=view.looks_again
            )

        return choice.begin(seen_here, subject)

    def look(
        self,
        choice: PortraitChoice,
        look: PortraitExamination,
        view: PortraitPreview,
        given: Mapping[str, Any],
    ) -> tuple[Any, ...]:
        picked = look.picked
        if picked is None:
            return not_now()
        try:
            seen = view.look(picked, given, self.settings)
        except JoyStudioError as error:
            # Shown below the portrait; generating shows it again as a toast.
            animal = isinstance(error, NoFaceError) and bool(error.proposals) and view.animates_animals
            return show_end(choice, look, picked.failed(str(error), may_be_animal=animal))
        except Exception as error:
            raise as_toast(error) from None
        now = choice.finish(look, seen)
        if now is None:
            return not_now()
        if (now.face_index, now.points) == (seen.face_index, seen.points):
            return show(now)
        return self.crop(choice, now, view, given)

    def click(self, choice: PortraitChoice, event: gr.SelectData, tab: str, *values: Any) -> tuple[Any, ...]:
        return self.click_at(choice, (event.index[0], event.index[1]), tab, *values)

    def click_at(
        self, choice: PortraitChoice, at: tuple[float, float], tab: str, *values: Any
    ) -> tuple[Any, ...]:
        """A click on a place of the portrait, in its pixels: a face or a point."""
        return self.changed(choice, lambda picked: picked.clicked(*at), tab, *values)

    def move(self, choice: PortraitChoice, event: gr.EventData, tab: str, *values: Any) -> tuple[Any, ...]:
        """A point was dragged or moved with the arrow keys, or a face was chosen with the keyboard."""
        number = value_of(event, "point")
        try:
            x, y = float(value_of(event, "x")), float(value_of(event, "y"))
        except (TypeError, ValueError):
            return not_now()
        if not (math.isfinite(x) and math.isfinite(y)):
            return not_now()
        if isinstance(number, int):
            return self.changed(choice, lambda picked: picked.moved(number, x, y), tab, *values)
        # A mark was pressed without being moved: a click on the portrait below it.
        return self.click_at(choice, (x, y), tab, *values)

    def accept(self, choice: PortraitChoice, tab: str, *values: Any) -> tuple[Any, ...]:
        return self.changed(choice, Picked.accepted, tab, *values)

    def another(self, choice: PortraitChoice, tab: str, *values: Any) -> tuple[Any, ...]:
        """The next proposal; they are searched for if a face was found without them."""
        picked = choice.picked
        if picked is None or picked.proposals:
            return self.changed(choice, Picked.another, tab, *values)
        try:
            found = propose_points(picked.portrait, settings=self.settings, edit=picked.edit)
        except JoyStudioError as error:
            raise as_toast(error) from None
        if not found:
            gr.Info(message(NO_OTHERS))
            return not_now()

        def offered(now: Picked) -> Picked:
            if (now.portrait, now.edit) != (picked.portrait, picked.edit):
                return now
            return replace(now, proposals=found, proposed=-1).another()

        return self.changed(choice, offered, tab, *values)

    def changed(
        self, choice: PortraitChoice, change: Callable[[Picked], Picked], tab: str, *values: Any
    ) -> tuple[Any, ...]:
        before, chosen = choice.change(change)
        if before is None or chosen is None or (chosen.problem and chosen == before):
            return show(chosen)
        if chosen.problem or chosen.looked_at != before.looked_at:
            return self.look_again(choice, tab, *values)
        return self.crop(choice, chosen, *self.views.at(tab, values))

    def call_animal(self, choice: PortraitChoice, tab: str) -> dict[Any, Any]:
        """The modes of the tabs, after which the open one examines the portrait as an animal's.

        By component: of a page with one tab, Gradio would take a list as the mode itself.
        """
        choice.subject = "animal"
        return {
            view.parts[MODE]: "animal" if name == tab and "animal" in view.modes else gr.skip()
            for name, view in self.views.views.items()
        }

    def edit(
        self, portrait: str | None, choice: PortraitChoice, event: gr.EventData, tab: str, *values: Any
    ) -> tuple[Any, ...]:
        """An action of the desk: another edit of the portrait, or a turned copy, which is a new portrait."""
        picked, what = choice.picked, value_of(event, "what")
        if picked is None or picked.portrait != portrait:
            return *not_now(), gr.skip()
        if what == "turn":
            try:
                copy = turned(picked, self.settings)
            except JoyStudioError as error:
                raise as_toast(error) from None
            choice.begin(lambda _: copy)
            return *not_now(), copy.portrait
        edit = edited_by(picked, what, value_of(event, "value"))
        if edit is None or edit == picked.edit:
            return *not_now(), gr.skip()
        view, given = self.views.at(tab, values)
        look = self.start(choice, view, lambda before: None if before is None else before.with_edit(edit))
        return *self.look(choice, look, view, given), gr.skip()

    def reset(self, choice: PortraitChoice, tab: str, *values: Any) -> tuple[Any, ...]:
        return self.changed(choice, Picked.cleared, tab, *values)

    def crop(
        self, choice: PortraitChoice, picked: Picked, view: PortraitPreview, given: Mapping[str, Any]
    ) -> tuple[Any, ...]:
        """The choice with its crop, or why there is none. Another click shows its own choice."""
        try:
            crop, problem = view.cropped(picked, given, self.settings).crop, ""
        except JoyStudioError as error:  # of points outside the part that is kept, for example
            crop, problem = None, str(error)
        now = choice.crop(picked, crop, problem)
        return not_now() if now is None else show(now)

    def too_many(self, portrait: str | None, choice: PortraitChoice, *_: Any) -> tuple[Any, ...]:
        busy = Picked(portrait, problem=BUSY) if portrait else None
        choice.begin(lambda _: busy)
        return *show(busy), gr.skip()
