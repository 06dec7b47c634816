"""What a bot says, from its first sound to its last frame."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

from pipecat.frames.frames import Frame


@dataclass
class Reply:
    """One reply. complete: whether all its sound has come. stops: frames that follow its last sound."""

    context_id: str | None
    complete: bool = False
    stops: list[Frame] = field(default_factory=list)


class Replies:
    """The replies that are on their way through the portrait, in order."""

    def __init__(self) -> None:
        self._line: deque[Reply] = deque()
        self.none_left = asyncio.Event()
        self.none_left.set()

    @property
    def open(self) -> Reply | None:
        """The reply whose sound still comes."""
        return self._line[-1] if self._line and not self._line[-1].complete else None

    def sound(self, context_id: str | None) -> bool:
        """Sound of this context came. Returns whether it begins a reply while no other is on its way."""
        last = self.open
        if last is not None and last.context_id == context_id:
            return False
        if last is not None:
            last.complete = True
        alone = not self._line
        self._line.append(Reply(context_id))
        self.none_left.clear()
        return alone

    def stop(self, frame: Frame) -> bool:
        """Hold this frame back until what came before it is played. Returns False if nothing is."""
        if not self._line:
            return False
        self._line[-1].complete = True
        self._line[-1].stops.append(frame)
        return True

    def played(self) -> list[Frame]:
        """The first reply is played. Returns the frames that were held back for it."""
        stops = self._line.popleft().stops if self._line else []
        if not self._line:
            self.none_left.set()
        return stops

    def drop(self) -> list[Frame]:
        """Forget all replies. Returns what was held back."""
        stops = [frame for reply in self._line for frame in reply.stops]
        self._line.clear()
        self.none_left.set()
        return stops
