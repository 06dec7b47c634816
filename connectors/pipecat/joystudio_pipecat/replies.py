"""What a bot says, from its first sound to its last frame."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field

from pipecat.frames.frames import Frame

from joystudio_live import UnplayedSound


@dataclass
class Reply:
    """One reply. complete: whether all its sound has come. stops: frames that follow its last sound."""

    context_id: str | None
    sample_rate: int
    complete: bool = False
    unplayed: UnplayedSound = field(default_factory=UnplayedSound)
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

    @property
    def first(self) -> Reply | None:
        """The reply that is played, or the next to be."""
        return self._line[0] if self._line else None

    def sound(self, pcm16: bytes, sample_rate: int, context_id: str | None) -> bool:
        """Keep sound that came. Returns whether it begins a reply while no other is on its way.

        The portrait ends a voice where the context or the rate changes, and so does this.
        """
        last = self.open
        begins = last is None or (last.context_id, last.sample_rate) != (context_id, sample_rate)
        alone = begins and not self._line
        if begins:
            if last is not None:
                last.complete = True
            self._line.append(Reply(context_id, sample_rate))
            self.none_left.clear()
        self._line[-1].unplayed.add(pcm16, sample_rate)
        return alone

    def heard(self, samples: int) -> None:
        """So many samples of the first reply are played."""
        if self._line:
            self._line[0].unplayed.played(samples)

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
