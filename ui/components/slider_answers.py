"""A visitor's comparison of two settings: the ones before a slider was moved, and the ones after it."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

from engines.base import EngineOptions
from media.messages import Message
from studio.short_loops import VoiceCut
from ui.components.filled import filled


@dataclass(frozen=True)
class Side:
    """Settings, and the two seconds that were rendered with them. made_of: what else decided them."""

    options: EngineOptions
    loop: bytes = b""
    made_of: Any = None


@dataclass(frozen=True)
class Pair:
    """The settings of an engine before and after; `after` is None until a slider has moved."""

    engine: str
    before: Side
    after: Side | None = None


class SliderAnswers:
    """A visitor's comparison; it stays on the server, and overlapping handlers may change it.

    A slider that moves again replaces the loop that is being rendered: `current` says so to its handler.
    cut: the part of the voice that the loops of this comparison speak.
    """

    def __init__(self) -> None:
        self.pair: Pair | None = None
        self.cut = VoiceCut()
        self._lock = Lock()
        self._number = 0

    def __deepcopy__(self, _: dict[int, Any]) -> SliderAnswers:
        """One for each visitor: Gradio copies the first value of a State."""
        return SliderAnswers()

    def touch(self, engine: str, options: EngineOptions) -> None:
        """A slider is about to move: these are the settings before, unless a comparison is open."""
        with self._lock:
            if self.pair is None or self.pair.engine != engine or self.pair.after is None:
                self._number += 1
                self.pair = Pair(engine, Side(options))

    def move(self, engine: str, options: EngineOptions) -> tuple[int, Pair] | None:
        """A slider has moved. Returns the number of the work to do; None if there is nothing to compare."""
        with self._lock:
            pair = self.pair
            if pair is None or pair.engine != engine:
                return None
            self._number += 1
            same = pair.after is not None and pair.after.options == options
            after = pair.after if same and pair.after else Side(options)
            self.pair = replace(pair, after=after)
            return self._number, self.pair

    def current(self, number: int) -> bool:
        """Whether work is still wanted."""
        return number == self._number

    def finish(self, number: int, *, before: Side | None = None, after: Side | None = None) -> Pair | None:
        """Store a rendered side; None if it is no longer wanted."""
        with self._lock:
            if number != self._number or self.pair is None:
                return None
            self.pair = replace(self.pair, before=before or self.pair.before, after=after or self.pair.after)
            return self.pair

    def close(self) -> Pair | None:
        """End the comparison and what is being rendered for it, and forget the voice. Returns it."""
        with self._lock:
            self.cut = VoiceCut()
            self._number += 1
            pair, self.pair = self.pair, None
            return pair


def answers_html(pair: Pair | None, note: str | Message = "", *, working: bool = False) -> str:
    """Both loops with what can be done; empty without any. working: whether more comes."""
    if pair is None or pair.after is None:
        return ""
    sides = [("b", "B: now", pair.after)]
    if pair.before.loop:
        sides.insert(0, ("a", "A: before", pair.before))
    return filled(
        "slider_answers.html",
        engine=pair.engine,
        note=note,
        working=working,
        sides=[
            (side, name, base64.b64encode(one.loop).decode("ascii")) for side, name, one in sides if one.loop
        ],
        both=bool(pair.before.loop and pair.after.loop),
    )
