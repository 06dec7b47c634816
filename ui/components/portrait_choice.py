"""A visitor's choice on the page's portrait, which overlapping handlers may change."""

from __future__ import annotations

import filecmp
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from threading import Lock
from typing import Any

from engines.base import AnimationMode
from studio.crop_view import Crop
from ui.components.portrait_picker import Picked


@dataclass(frozen=True)
class PortraitExamination:
    """One examination of the portrait, which takes a while.

    number: a later one has a higher number. picked: the choice when it began.
    """

    number: int
    picked: Picked | None


class PortraitChoice:
    """A visitor's choice; it stays on the server.

    Examining a portrait takes seconds on a busy machine, and the visitor continues to click. If each handler
    wrote back the choice that it read, the slower one would undo the click. So handlers share this object:
    `finish` keeps clicks since its examination began, and drops an examination that a later one replaces.

    picked: None without a portrait. subject: what the portrait shows, as the visitor said last.
    """

    def __init__(self, picked: Picked | None = None, subject: AnimationMode = "human") -> None:
        self.picked, self.subject = picked, subject
        self._lock = Lock()
        self._looks = 0
        self._modes: dict[str, AnimationMode] = {}

    def __deepcopy__(self, _: dict[int, Any]) -> PortraitChoice:
        """One for each visitor: Gradio copies the first value of a State."""
        return PortraitChoice(self.picked, self.subject)

    def adopt_clicked_mode(
        self, modes: Mapping[str, AnimationMode], initial: Mapping[str, AnimationMode]
    ) -> None:
        """Take the subject from a tab whose mode differs from the one that was last known of it.

        A click on a mode waits for its examination while the visitor may already open another tab. So it
        counts from the first event that brings it. modes: by tab, as the page shows them. initial: before any
        click.
        """
        with self._lock:
            for tab, mode in modes.items():
                if mode != self._modes.get(tab, initial[tab]):
                    self.subject = mode
                self._modes[tab] = mode

    def note_mode(self, tab: str, mode: AnimationMode) -> None:
        """Note a tab's mode, as its own event brings it or as the page sets it."""
        with self._lock:
            self._modes[tab] = mode

    def begin(
        self, change: Callable[[Picked | None], Picked | None], subject: AnimationMode | None = None
    ) -> PortraitExamination:
        """Start to examine the portrait.

        change: returns the initial choice from the previous one. subject: None if it stays the same.
        """
        with self._lock:
            self._looks += 1
            self.subject = subject or self.subject
            self.picked = change(self.picked)
            return PortraitExamination(self._looks, self.picked)

    def finish(self, look: PortraitExamination, seen: Picked | None) -> Picked | None:
        """Apply the result of an examination, and return the choice; None if a later one has begun."""
        with self._lock:
            if look.number != self._looks:
                return None
            now, before = self.picked, look.picked
            if now is not None and before is not None and seen is not None:
                face = seen.face_index if now.face_index == before.face_index else now.face_index
                points = seen.points if now.points == before.points else now.points
                seen = replace(seen, face_index=face, points=points)
            self.picked = seen
            return seen

    def change(self, change: Callable[[Picked], Picked]) -> tuple[Picked | None, Picked | None]:
        """Change the choice at once, as a click does. Returns the choice before and after.

        A portrait with a problem stays as it is, unless an animal's points are set, which may be the problem.
        """
        with self._lock:
            before = self.picked
            if before is not None and (before.set_points or not before.problem):
                self.picked = change(before)
            return before, self.picked

    def crop(self, picked: Picked, crop: Crop | None, problem: str = "") -> Picked | None:
        """Apply the crop of a choice, or why there is none, and return the choice; None if it has been
        replaced.
        """
        with self._lock:
            now = self.picked
            if now is None or _cropped_by(now) != _cropped_by(picked):
                return None
            self.picked = replace(now, crop=crop, problem=problem or now.problem)
            return self.picked


def _cropped_by(picked: Picked) -> tuple[Any, ...]:
    return picked.portrait, picked.subject, picked.face_index, picked.points, picked.edit


def same_picture(one: str, other: str) -> bool:
    """Whether two files have the same content; Gradio copies what it shows."""
    try:
        return one == other or filecmp.cmp(one, other, shallow=False)
    except OSError:
        return False
