"""What the server answers to a slider that moves, also where it cannot render anything."""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import pytest

from media.desk.edit import PortraitEdit
from studio.admission import Line, LineLimits
from studio.settings import Settings
from tests.conftest import write_voice
from tests.fake_engine import NAME, FakeOptions, FakeWorld
from ui.components.portrait_choice import PortraitChoice
from ui.components.portrait_picker import Picked
from ui.components.slider_answers import SliderAnswers
from ui.components.slider_loops import Answering
from ui.page_context import PageContext
from ui.viewing import ViewingGate


@dataclass
class Seat:
    """A visitor who has given portrait, voice and consent."""

    settings: Settings
    portrait: Path
    voice: Path
    gate: ViewingGate = field(default_factory=lambda: ViewingGate(1))
    answers: SliderAnswers = field(default_factory=SliderAnswers)
    choice: PortraitChoice = field(default_factory=PortraitChoice)
    next: Picked | None = None
    """What the visitor chooses on the portrait as soon as the first loop is there."""
    who: str = "one"
    """Who speaks."""

    def panels(self, *levels: Any) -> list[Any]:
        """The panel's updates when the brightness moves from the first of these levels to the others."""
        return asyncio.run(self._panels(levels))

    async def _panels(self, levels: tuple[Any, ...]) -> list[Any]:
        names = list(FakeOptions.model_fields)
        form = SimpleNamespace(components=dict.fromkeys(names))
        screen = SimpleNamespace(engine=NAME, settable=SimpleNamespace(form=form))
        line = Line(LineLimits(1, 20, 5, 10))
        context = SimpleNamespace(settings=self.settings, gate=self.gate, line=line, screens={NAME: screen})
        answering = Answering(cast("PageContext", context))
        found = []
        for what, level in zip(["touch"] + ["move"] * (len(levels) - 1), levels, strict=True):
            event = cast("gr.EventData", SimpleNamespace(what=what, engine=NAME))
            values = FakeOptions().model_dump() | {"level": level}
            updates = answering.answer(
                self.answers, "owner", str(self.portrait), str(self.voice), 0, self.choice, True,
                self.who, None, None, "largest", event, cast("gr.Request", None), None,
                *(values[name] for name in names),
            )  # fmt: skip
            async for update in updates:
                found.append(update)
                if "<video" in str(update):
                    self.choice.picked = self.next
        return [update for update in found if isinstance(update, str)]


@pytest.fixture
def seat(world: FakeWorld, settings: Settings, portrait_file: Path, tmp_path: Path) -> Seat:
    return Seat(settings, portrait_file, write_voice(tmp_path / "voice.wav", seconds=2.5))


def test_a_voice_that_has_expired_and_a_full_disk_are_said_in_the_panel(
    seat: Seat, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(tmp_path / "none"))  # where nothing can be written
        assert "Something went wrong in the program" in seat.panels(100, 150)[-1]
    seat.voice.unlink()
    last = seat.panels(100, 150)[-1]
    assert 'class="hint"' in last
    assert str(tmp_path) not in last


def test_a_portrait_is_not_decoded_for_a_slider_while_too_many_are_examined(seat: Seat) -> None:
    seat.gate = ViewingGate(1, most_waiting=-1)  # no room
    assert "examining too many portraits" in seat.panels(100, 150)[-1]


def test_the_end_of_a_comparison_forgets_the_voice(seat: Seat) -> None:
    cut = seat.answers.cut
    seat.panels(100, 150, 200)
    assert seat.answers.cut is cut  # decoded once for all its loops
    seat.answers.close()
    assert seat.answers.cut is not cut


def test_both_sides_show_one_picture(seat: Seat) -> None:
    seat.next = Picked(str(seat.portrait), edit=PortraitEdit(shape="1:1"))
    seat.panels(100, 150)
    assert seat.choice.picked is seat.next
    pair = seat.answers.pair
    assert pair is not None
    assert pair.after is not None
    assert pair.before.loop
    assert pair.before.made_of.portrait_edit == pair.after.made_of.portrait_edit


def test_two_people_without_a_second_voice_are_told_what_is_missing(seat: Seat) -> None:
    seat.who = "together"
    assert "There is no second voice yet" in seat.panels(100, 150)[-1]


def test_every_movement_is_answered_with_a_panel_that_differs_from_the_dimmed_one(seat: Seat) -> None:
    shown = seat.panels(100, 150)[-1]
    assert shown.count("<video") == 2
    refused = seat.panels(100, None)[-1]  # an empty number
    assert refused.count("<video") == 2
    assert refused != shown
    seat.gate = ViewingGate(1, most_waiting=-1)
    first, second = seat.panels(100, 160, 170)
    assert first != second
    assert " working" not in shown + refused + first + second
    assert seat.answers.touch("another", FakeOptions())  # its panel is taken away
    assert seat.answers.panel() == ""
