"""What a comparison was asked for survives a restart: stored as JSON, and read again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from media.desk.edit import PortraitEdit
from media.errors import ConsentMissing, JoyStudioError
from studio.comparison.folders import find_comparison, new_comparison
from studio.settings import Settings
from studio.spoken_text import SpokenText
from studio.waiting_tasks import TaskRequest, WaitingTasks
from ui.components.portrait_choice import PortraitChoice
from ui.components.portrait_picker import Picked
from ui.components.typed_text import SpokenFile
from ui.tabs.compare.asked import asked_of, compare_wish
from ui.tabs.compare.run import MADE, forget_interrupted

CARD = {"engine": "preview", "preset": "", "options": {"fps": 30}}
VALUES: dict[str, Any] = {
    "portrait": "/uploads/woman.png",
    "voice": "/uploads/voice.wav",
    "seed": 7,
    "choice": PortraitChoice(),
    "spoken": None,
    "text": "",
    "language": "",
    "speaker": "espeak/woman",
    "speed": 1.0,
    "who": None,
    "mode": "human",
    "metrics": None,
    "count": "1",
    "consent": True,
}


def stored(**changes: Any) -> TaskRequest:
    """A click's wish after it was on disk."""
    wish = compare_wish(*(VALUES | changes).values(), CARD, CARD)
    return replace(wish, values=json.loads(json.dumps(wish.values)))


def test_a_click_is_read_as_it_was_made(settings: Settings) -> None:
    pick = Picked("/uploads/woman.png", face_index=2, edit=PortraitEdit(turn=90, crop=(1, 2, 30, 40)))
    asked = asked_of(stored(choice=PortraitChoice(pick)), settings)
    assert [column.title for column in asked.columns] == ["preview,fps=30"]
    assert (asked.portrait.name, asked.voice, asked.seed) == ("woman.png", Path("/uploads/voice.wav"), 7)
    assert (asked.subject.mode, asked.subject.face_index, asked.subject.edit) == ("human", 2, pick.edit)
    other = asked_of(stored(choice=PortraitChoice(replace(pick, portrait="/uploads/other.png"))), settings)
    assert other.subject.face_index == 0  # a choice on a portrait that was replaced

    points = ((1.0, 2.0), (3.0, 4.0), (5.0, 6.0))
    animal = Picked("/uploads/woman.png", subject="animal", points=points)
    asked = asked_of(stored(choice=PortraitChoice(animal), mode="animal"), settings)
    assert asked.subject.anchors == points


def test_a_text_counts_if_it_changed_since_it_was_spoken(settings: Settings) -> None:
    said = SpokenFile(
        "/uploads/voice.wav", SpokenText(text="Hello", language="en", engine="espeak", voice="woman")
    )
    same = {"spoken": said, "text": "Hello", "language": "en"}
    assert asked_of(stored(**same), settings).voice == Path("/uploads/voice.wav")
    changed = asked_of(stored(**same | {"text": "Goodbye"}), settings).voice
    assert isinstance(changed, SpokenText)
    assert changed.text == "Goodbye"
    alone = asked_of(stored(voice=None, text="Alone", language="en"), settings).voice
    assert isinstance(alone, SpokenText)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"portrait": None}, "There is no portrait yet"),
        ({"voice": None}, "There is no voice yet"),
        ({"seed": -1}, "seed"),
        ({"who": "two"}, "one voice"),
    ],
)
def test_what_is_missing_or_wrong_is_said_when_the_work_begins(
    changes: Mapping[str, Any], words: str, settings: Settings
) -> None:
    with pytest.raises(JoyStudioError, match=words):
        asked_of(stored(**changes), settings)
    with pytest.raises(ConsentMissing):
        asked_of(stored(consent=False), settings)


def test_what_an_interrupted_comparison_made_does_not_stand_beside_the_complete_one(
    settings: Settings,
) -> None:
    owner = "a" * 64
    tasks = WaitingTasks(settings)
    kept = tasks.keep("compare", stored(portrait=None, voice=None), owner)
    with new_comparison(owner, settings) as made:
        kept.note(MADE, made.id, progress=False)
        kept.begin()
    kept.release()  # as `kill -9` leaves it
    (task,) = tasks.interrupted(owner)
    assert task.tries == 1  # beginning is no progress
    taken = tasks.take(owner, task.id)
    forget_interrupted(taken, settings)
    assert find_comparison(made.id, settings) is None
    assert not made.path.exists()
    forget_interrupted(taken, settings)
    taken.done()
