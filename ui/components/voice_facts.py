"""The facts about the page's voice, which overlapping handlers may change."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Any, NamedTuple


class VoiceFacts(NamedTuple):
    """An examined voice: its seconds, and the notes about it."""

    seconds: float
    notes: tuple[str, ...]


class KnownVoice:
    """The facts of one visitor's voice; they stay on the server.

    Examining a voice takes a while, and so does an estimate. `finish` drops the facts of a voice that has
    been replaced.

    facts: None without a voice, and until it has been examined.
    """

    def __init__(self, facts: VoiceFacts | None = None) -> None:
        self.facts = facts
        self._lock = Lock()
        self._voices = 0
        self._second: tuple[str, float] | None = None

    def __deepcopy__(self, _: dict[int, Any]) -> KnownVoice:
        """One for each visitor: Gradio copies the first value of a State."""
        return KnownVoice(self.facts)

    def second(self, file: str, look: Callable[[str], float]) -> float:
        """Seconds of the visitor's second voice, which is examined once. look: examines a file."""
        known = self._second
        if known is None or known[0] != file:
            known = self._second = (file, look(file))
        return known[1]

    def begin(self) -> int:
        """Start to examine another voice. Returns its number."""
        with self._lock:
            self._voices += 1
            self.facts = None
            return self._voices

    def finish(self, voice: int, facts: VoiceFacts | None) -> bool:
        """Set the facts of a voice; False if it has been replaced."""
        with self._lock:
            if voice != self._voices:
                return False
            self.facts = facts
            return True
