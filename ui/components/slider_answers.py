"""A visitor's comparison of two settings: the ones before a slider was moved, and the ones after it."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

from engines.base import EngineOptions
from media.messages import Message
from studio.loop_voice import VoiceCut
from ui.components.filled import filled


@dataclass(frozen=True)
class LoopSettings:
    """Settings, and the two seconds that were rendered with them. made_of: what else decided them."""

    options: EngineOptions
    loop: bytes = b""
    made_of: Any = None


@dataclass(frozen=True)
class BeforeAfter:
    """The settings of an engine before and after; `after` is None until a slider has moved."""

    engine: str
    before: LoopSettings
    after: LoopSettings | None = None


class SliderAnswers:
    """A visitor's comparison; it stays on the server, and overlapping handlers may change it.

    A slider that moves again replaces the loop that is being rendered: `current` says so to its handler.
    cut: the part of the voices that the loops of this comparison speak.
    """

    def __init__(self) -> None:
        self.pair: BeforeAfter | None = None
        self.cut = VoiceCut()
        self._lock = Lock()
        self._number = self._answers = 0

    def __deepcopy__(self, _: dict[int, Any]) -> SliderAnswers:
        """One for each visitor: Gradio copies the first value of a State."""
        return SliderAnswers()

    def touch(self, engine: str, options: EngineOptions) -> bool:
        """A slider is about to move: these are the settings before, unless a comparison is open.

        Returns whether this ends the comparison of another engine.
        """
        with self._lock:
            pair = self.pair
            if pair is not None and pair.engine == engine and pair.after is not None:
                return False
            self._number += 1
            self.pair = BeforeAfter(engine, LoopSettings(options))
            return pair is not None and pair.after is not None

    def move(self, engine: str, options: EngineOptions) -> tuple[int, BeforeAfter] | None:
        """A slider has moved. Returns the number of the work to do; None if there is nothing to compare."""
        with self._lock:
            pair = self.pair
            if pair is None or pair.engine != engine:
                return None
            self._number += 1
            same = pair.after is not None and pair.after.options == options
            after = pair.after if same and pair.after else LoopSettings(options)
            self.pair = replace(pair, after=after)
            return self._number, self.pair

    def current(self, number: int) -> bool:
        """Whether work is still wanted."""
        return number == self._number

    def finish(
        self, number: int, *, before: LoopSettings | None = None, after: LoopSettings | None = None
    ) -> BeforeAfter | None:
        """Store a rendered side; None if it is no longer wanted."""
        with self._lock:
            if number != self._number or self.pair is None:
                return None
            self.pair = replace(self.pair, before=before or self.pair.before, after=after or self.pair.after)
            return self.pair

    def panel(self, note: str | Message = "", *, working: bool = False) -> str:
        """The comparison as HTML, as `answers_html`; an answer to every movement, which dims the panel."""
        with self._lock:
            self._answers += 1
            return answers_html(self.pair, note, working=working, answer=self._answers)

    def close(self) -> BeforeAfter | None:
        """End the comparison and what is being rendered for it, and forget the voice. Returns it."""
        with self._lock:
            self.cut = VoiceCut()
            self._number += 1
            pair, self.pair = self.pair, None
            return pair


def answers_html(
    pair: BeforeAfter | None, note: str | Message = "", *, working: bool = False, answer: int = 0
) -> str:
    """Both loops with what can be done; empty without any. working: whether more comes.

    answer: a number. Browsers leave a panel as it is, even dimmed, for the HTML that it had before.
    """
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
        answer=answer,
        sides=[
            (side, name, base64.b64encode(one.loop).decode("ascii")) for side, name, one in sides if one.loop
        ],
        both=bool(pair.before.loop and pair.after.loop),
    )
