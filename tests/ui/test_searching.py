"""What a search of the gallery looks through, in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from studio.gallery.history import HistoryEntry
from studio.gallery.kept_inputs import InputPair
from studio.gallery.takes import Take
from studio.options import make_options
from studio.voice_job import SPOKEN
from tests.studio.test_history import make_result
from ui.tabs.gallery.searching import finder


def take(name: str = "", **changed: object) -> Take:
    options = make_options("preview", {"fps": 30}).model_dump()
    result = replace(
        make_result("a", Path("a.mp4")),
        engine="preview",
        preset="natural",
        options=options,
        seed=77,
        speech=SPOKEN,
    )
    entry = HistoryEntry(datetime.now(UTC), replace(result, **changed))  # type: ignore[arg-type]
    return Take(entry, InputPair("ann", "p", "s"), 3, name)


@pytest.mark.parametrize(
    "search",
    [
        "",
        "  ",
        "臉",
        "take 3",
        "版本 3",
        "Typed TEXT",
        "preview",
        "natural",
        "自然",
        "seed 77",
        "30",
        "head motion",
    ],
)
def test_it_is_found(search: str) -> None:
    assert finder(search)(take())


@pytest.mark.parametrize("search", ["lively", "take 4", "seed 7", "take 30.5", "preview unknown"])
def test_it_is_not_found(search: str) -> None:
    assert not finder(search)(take())


def test_names_and_engines_that_are_gone() -> None:
    assert finder("GREAT calm")(take("The calm and great one"))
    assert finder("vanished 77")(take(engine="vanished"))
