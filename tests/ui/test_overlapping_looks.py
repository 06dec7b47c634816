"""Overlapping handlers of one visitor: the slower one undoes nothing that came after it."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.ui.test_page_inputs import set_points
from tests.ui.visit import Files, Site, at, finish, give
from ui.components import portrait_preview
from ui.components.portrait_choice import PortraitChoice
from ui.components.portrait_picker import Picked
from ui.components.voice_facts import KnownVoice, VoiceFacts

TABS = ["rehearsal"]
CAT = Picked("cat.png", "animal", boxes=((0, 0, 9, 9), (20, 0, 29, 9)))


class Slow:
    """A function whose first call, or first one with such arguments, waits until the test says `go`."""

    def __init__(self, function: Callable[..., Any], waits: Callable[..., bool]) -> None:
        self.function, self.waits = function, waits
        self.began, self.goes_on, self.ended = threading.Event(), threading.Event(), threading.Event()
        self._first = threading.Lock()

    def __call__(self, *given: Any, **named: Any) -> Any:
        if not self.waits(*given, **named) or not self._first.acquire(blocking=False):
            return self.function(*given, **named)
        self.began.set()
        assert self.goes_on.wait(30)
        result = self.function(*given, **named)
        self.ended.set()
        return result

    def go(self) -> None:
        self.goes_on.set()
        assert self.ended.wait(30)


def begin(choice: PortraitChoice, picked: Picked | None) -> Any:
    return choice.begin(lambda _: picked)


def test_clicks_during_an_examination_are_kept() -> None:
    choice = PortraitChoice()
    look = begin(choice, CAT)
    choice.change(lambda picked: picked.clicked(1, 2))
    now = choice.finish(look, replace(CAT, notes=("Seen.",)))
    assert now is not None
    assert (now.points, now.notes) == (((1, 2),), ("Seen.",))
    assert choice.picked == now


def test_a_found_face_counts_unless_another_was_clicked() -> None:
    choice = PortraitChoice()
    person = replace(CAT, subject="human")
    look = begin(choice, person)
    assert getattr(choice.finish(look, replace(person, face_index=1)), "face_index", None) == 1
    look = begin(choice, choice.picked)
    choice.change(lambda picked: picked.clicked(1, 2))
    assert getattr(choice.finish(look, replace(person, face_index=1)), "face_index", None) == 0


def test_a_replaced_examination_changes_nothing() -> None:
    choice = PortraitChoice()
    first = begin(choice, CAT)
    second = begin(choice, Picked("dog.png"))
    assert choice.finish(second, Picked("dog.png", notes=("A dog.",))) is not None
    assert choice.finish(first, CAT) is None
    assert choice.picked == Picked("dog.png", notes=("A dog.",))


def test_the_crop_of_an_earlier_choice_is_dropped() -> None:
    choice = PortraitChoice(CAT)
    _, first = choice.change(lambda picked: picked.clicked(1, 2))
    _, second = choice.change(lambda picked: picked.clicked(3, 4))
    assert first is not None
    assert second is not None
    assert choice.crop(first, None) is None
    assert choice.crop(second, None) == second


def test_a_problem_is_not_clicked_away() -> None:
    choice = PortraitChoice(replace(CAT, problem="It is broken."))
    before, after = choice.change(lambda picked: picked.clicked(1, 2))
    assert before == after
    choice = PortraitChoice(replace(CAT, points=((1, 1), (5, 1), (3, 4)), problem="The mouth is outside."))
    _, after = choice.change(lambda picked: picked.moved(2, 3, 3))
    assert after is not None
    assert after.points[2] == (3, 3)


@pytest.mark.parametrize("kept", [PortraitChoice(), KnownVoice()])
def test_every_visitor_has_one_of_their_own(kept: PortraitChoice | KnownVoice) -> None:
    other = copy.deepcopy(kept)
    assert other is not kept
    if isinstance(other, PortraitChoice):
        begin(other, CAT)
        assert getattr(kept, "picked", CAT) is None
    else:
        assert other.finish(other.begin(), VoiceFacts(1.0, ()))
        assert getattr(kept, "facts", CAT) is None


def test_the_facts_of_a_replaced_voice_are_dropped() -> None:
    known = KnownVoice()
    first, second = known.begin(), known.begin()
    assert known.finish(second, VoiceFacts(2.0, ()))
    assert not known.finish(first, VoiceFacts(60.0, ()))
    assert known.facts == VoiceFacts(2.0, ())


def test_points_clicked_while_the_portrait_is_examined_are_kept(
    visitor: Page, site: Site, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    give(visitor, files.cat, files.voice)
    expect(at(visitor, "portrait-hint")).to_contain_text("found")
    look = Slow(portrait_preview.view_portrait, lambda *_, subject, **__: subject == "animal")
    monkeypatch.setattr(portrait_preview, "view_portrait", look)
    at(visitor, "option-animation_mode").get_by_label("Animal", exact=True).click()
    assert look.began.wait(30)
    set_points(visitor)
    look.go()
    finish(visitor)
    expect(at(visitor, "portrait-overlay .face-point")).to_have_count(3)
    assert site.rehearsal.jobs[0][0].anchors is not None
