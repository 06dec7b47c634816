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

from studio.admission import Line, LineLimits
from studio.settings import Settings
from tests.conftest import write_voice
from tests.fake_engine import NAME, FakeOptions, FakeWorld
from ui.components.portrait_choice import PortraitChoice
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
                self.answers, "owner", str(self.portrait), str(self.voice), 0, PortraitChoice(), True,
                event, cast("gr.Request", None), None, *(values[name] for name in names),
            )  # fmt: skip
            found += [update async for update in updates]
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
