"""The handlers of the portrait without a browser: what a click, an edit and a failure leave on the desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import gradio as gr
import pytest
from PIL import Image

from media.desk.edit import Box, PortraitEdit
from media.desk.finding import Finding
from studio.settings import Settings
from ui.components.examples import Example
from ui.components.portrait_choice import PortraitChoice
from ui.components.portrait_desk import edited_by, turned
from ui.components.portrait_events import PortraitEvents
from ui.components.portrait_picker import Picked
from ui.components.portrait_preview import MODE, PortraitPreview, TabViews
from ui.given_inputs import GivenInputs
from ui.reopen import opened_inputs

TAB = "joyvasa"
POINTS = ((70.0, 80.0), (130.0, 80.0), (100.0, 130.0))
LEFT_HALF = PortraitEdit(crop=(0, 0, 110, 200))
OUTSIDE = "for the right eye (130,80) lies outside the part"


class Recording(PortraitPreview):
    """Finds nothing, and records for which face it was asked."""

    asked: ClassVar[list[Box | None]] = []

    def look(self, picked: Picked, given: Mapping[str, Any], settings: Settings) -> Picked:
        self.asked.append(picked.near)
        return replace(picked, near=None)


def handlers(
    settings: Settings, kind: type[PortraitPreview] = PortraitPreview, portraits: Sequence[Example] = ()
) -> PortraitEvents:
    inputs = SimpleNamespace(portraits=portraits)
    context: Any = SimpleNamespace(settings=settings, gate=None, inputs=inputs)
    view = kind(TAB, ("human", "animal"), parts={MODE: gr.Radio(render=False)})
    return PortraitEvents(context, TabViews({TAB: view}), gr.Textbox(render=False))


@pytest.fixture
def events(settings: Settings) -> PortraitEvents:
    return handlers(settings)


@pytest.fixture
def grey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A picture without any face, for an animal's points; it is not searched long for others."""
    monkeypatch.setattr("media.animal_search.propose_points", lambda *_, **__: ())
    monkeypatch.setenv("JOYSTUDIO_WEIGHTS", str(tmp_path / "none"))
    Image.new("RGB", (200, 200), (128, 128, 128)).save(tmp_path / "grey.png")
    return str(tmp_path / "grey.png")


def state(choice: PortraitChoice) -> Picked:
    assert choice.picked is not None
    return choice.picked


def test_a_point_outside_the_crop_can_be_moved_into_it_and_removed(events: PortraitEvents, grey: str) -> None:
    choice = PortraitChoice(Picked(grey, "animal", points=POINTS, edit=LEFT_HALF), "animal")
    events.look_again(choice, TAB, "animal")
    assert OUTSIDE in state(choice).problem
    shown = events.changed(choice, lambda picked: picked.moved(1, 100, 80), TAB, "animal")
    assert (state(choice).problem, state(choice).points[1]) == ("", (100, 80))
    assert state(choice).crop is not None
    assert "All three points are set" in shown[1]
    # Now the points are inside, and one is moved out of the crop: said below the portrait, too.
    shown = events.click_at(choice, (130, 80), TAB, "animal")
    assert OUTSIDE in state(choice).problem
    assert OUTSIDE in shown[1]
    assert state(choice).crop is None
    events.reset(choice, TAB, "animal")
    assert (state(choice).problem, state(choice).points) == ("", ())


@pytest.mark.parametrize("opened", [TAB, "other"])
def test_a_clicked_mode_counts_in_the_next_tab_although_it_waits_to_be_examined(
    settings: Settings, opened: str
) -> None:
    views = {
        name: Recording(name, ("human", "animal"), parts={MODE: gr.Radio(render=False)})
        for name in (TAB, "other")
    }
    events = handlers(settings)
    events.views = TabViews(views)
    choice = PortraitChoice()
    other = "animal" if opened == "other" else "human"
    modes = events.turn(choice, opened, "animal", "human")[-2:]
    # Where it was clicked, it stays; the other tab follows once it is open.
    assert (choice.subject, *modes) == ("animal", gr.skip(), "animal" if opened == "other" else gr.skip())
    # Then its own event comes, and a click on the other mode counts as much.
    events.begin(None, choice, TAB, "animal", other)
    modes = events.turn(choice, opened, "human", other)[-2:]
    assert (choice.subject, *modes) == ("human", gr.skip(), "human" if opened == "other" else gr.skip())


def test_points_that_cannot_be_used_are_named_below_the_portrait(events: PortraitEvents, grey: str) -> None:
    choice = PortraitChoice(Picked(grey, "animal", points=((70, 80), (71, 80))), "animal")
    shown = events.click_at(choice, (100, 130), TAB, "animal")
    assert "The two eyes are 1.0 pixels apart" in state(choice).problem
    assert "The two eyes are 1.0 pixels apart" in shown[1]
    events.changed(choice, lambda picked: picked.moved(1, 130, 80), TAB, "animal")
    assert state(choice).problem == ""
    assert state(choice).crop is not None


def test_the_desk_shows_the_part_around_the_points(events: PortraitEvents, grey: str) -> None:
    Image.new("RGB", (400, 200), (128, 128, 128)).save(grey)
    right = ((300.0, 80.0), (350.0, 80.0), (325.0, 130.0))
    square = PortraitEdit(shape="1:1")
    choice = PortraitChoice(Picked(grey, "animal", points=right, edit=square), "animal")
    events.look_again(choice, TAB, "animal")
    assert state(choice).kept == (200, 0, 400, 200)
    assert state(choice).jpeg
    left = tuple((x - 250, y) for x, y in right)
    events.changed(choice, lambda picked: replace(picked, points=left), TAB, "animal")
    assert state(choice).kept == (0, 0, 200, 200)
    # A face that was found elsewhere does not count once the points are set.
    assert edited_by(replace(state(choice), boxes=((300, 50, 350, 130),)), "shape", "1:1") == square
    events.reset(choice, TAB, "animal")
    assert (state(choice).points, state(choice).problem, state(choice).kept) == ((), "", (100, 0, 300, 200))


def test_removed_points_of_an_example_stay_removed(settings: Settings, grey: str) -> None:
    events = handlers(settings, portraits=[Example(Path(grey), "Grey", points=POINTS)])
    choice = PortraitChoice(Picked(grey), "animal")
    events.look_again(choice, TAB, "animal")
    assert state(choice).points == POINTS
    events.reset(choice, TAB, "animal")
    events.look_again(choice, TAB, "animal")
    assert state(choice).points == ()


def test_an_edit_that_fails_leaves_nothing_of_the_one_before(events: PortraitEvents, grey: str) -> None:
    good, face = (Finding("size", "good", "The face is large."),), (20.0, 20.0, 90.0, 90.0)
    seen = Picked(grey, boxes=((0, 0, 9, 9), face), face_index=1, size=(200, 200))
    seen = replace(seen, quality=good, kept=(0, 0, 100, 100), jpeg=b"before")
    choice = PortraitChoice(seen.with_edit(PortraitEdit(crop=(0, 0, 70, 70))))
    shown = events.look_again(choice, TAB, "human")
    assert "No face was found" in state(choice).problem
    assert (state(choice).quality, state(choice).kept, state(choice).jpeg) == ((), None, b"")
    assert "Good portrait" not in shown[-1]
    assert "data:image" not in shown[-1]
    # The next shape is cut around the face that was chosen, not around the first.
    shape = edited_by(state(choice), "shape", "9:16")
    assert shape is not None
    assert shape == edited_by(seen, "shape", "9:16")


def test_a_turned_portrait_of_a_list_is_opened_turned(settings: Settings, grey: str) -> None:
    with Image.new("RGB", (300, 200), (40, 90, 160)) as image:
        image.paste((200, 60, 30), (0, 0, 100, 200))  # left, so above after a turn
        image.save(grey)
    edit = PortraitEdit(turn=90, crop=(10, 20, 110, 220), shape="9:16")
    given = GivenInputs(Path(grey), Path(grey), face_index=1, points=POINTS, edit=edit)
    second = SimpleNamespace(fold="fold", who="who", start="start", face="face", file="second")
    inputs = SimpleNamespace(portrait="portrait", voice="voice", second=second)
    context: Any = SimpleNamespace(settings=settings, inputs=inputs)
    choice = PortraitChoice()
    updates = opened_inputs(context, "animal", given, choice)
    picked = state(choice)
    assert updates["portrait"] == picked.portrait != grey
    assert updates["who"] == "one"
    with Image.open(picked.portrait) as image:
        assert image.size == (200, 300)
        assert image.getpixel((100, 20))[0] > 150
    assert picked.edit == replace(edit, turn=0)
    assert (picked.points, picked.face_index) == (POINTS, 1)
    # One more turn begins at the portrait itself.
    assert picked.turned is not None
    assert turned(picked, settings).portrait.endswith("grey-turned-180.jpg")
    assert Path(grey).exists()


def test_a_click_during_an_edit_has_the_clicked_face_found_again(settings: Settings) -> None:
    seen = Picked("a.png", boxes=((10, 10, 60, 60), (200, 20, 240, 60)))
    choice = PortraitChoice(seen.with_edit(PortraitEdit(background="blur")))
    handlers(settings, Recording).click_at(choice, (220, 40), TAB, "human")
    assert Recording.asked == [seen.boxes[1]]
