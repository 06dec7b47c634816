"""What is known about the page's voice, which handlers that overlap may change."""

from __future__ import annotations

from threading import Lock
from typing import Any, NamedTuple


class VoiceFacts(NamedTuple):
    """A voice that was listened to: its seconds, and the notes about it."""

    seconds: float
    notes: tuple[str, ...]


class KnownVoice:
    """The facts of one visitor's voice; stays on the server.

    Listening takes a while, and so does an estimate. `finish` drops what was found about a voice that another
    one has replaced meanwhile.

    facts: None without a voice, and until it has been listened to.
    """

    def __init__(self, facts: VoiceFacts | None = None) -> None:
        self.facts = facts
        self._lock = Lock()
        self._voices = 0

    def __deepcopy__(self, _: dict[int, Any]) -> KnownVoice:
        """One for each visitor: Gradio copies the first value of a State."""
        return KnownVoice(self.facts)

    def begin(self) -> int:
        """Start to listen to another voice; gives its number."""
        with self._lock:
            self._voices += 1
            self.facts = None
            return self._voices

    def finish(self, voice: int, facts: VoiceFacts | None) -> bool:
        """Take over the facts of a voice; False where it is replaced by now."""
        with self._lock:
            if voice != self._voices:
                return False
            self.facts = facts
            return True
