"""The part of a voice between two ends, as an agent sends it."""

from __future__ import annotations

import asyncio

from joystudio_live import UnplayedSound


class Segment:
    """The segment that is on its way. LiveKit waits for the end of every segment that has begun."""

    def __init__(self) -> None:
        self._begun = self.has_sound = False
        self._end: asyncio.Future[None] | None = None
        self.unplayed = UnplayedSound()
        """What of it is not handed out."""
        self.news = asyncio.Event()
        """Set when sound or the end has come."""

    def add(self, pcm16: bytes, sample_rate: int) -> None:
        """A piece of sound came; LiveKit counts those without samples, too."""
        self._begun = True
        self.has_sound = self.has_sound or bool(pcm16)
        self.unplayed.add(pcm16, sample_rate)
        self.news.set()

    def end(self) -> asyncio.Future[None] | None:
        """All of it has come. Returns what is done once its end is handed out; None if none has begun."""
        if not self._begun:
            return None
        self._end = asyncio.get_running_loop().create_future()
        self.news.set()
        return self._end

    @property
    def ending(self) -> bool:
        """Whether all of it has come, and its end is not handed out."""
        return self._end is not None

    def over(self) -> None:
        """Its end is handed out, or it is dropped."""
        if self._end is not None and not self._end.done():
            self._end.set_result(None)
        self._begun = self.has_sound = False
        self._end = None
        self.unplayed.clear()
