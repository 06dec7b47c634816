"""The voices that wait to be spoken, in order."""

from __future__ import annotations

from collections import deque

import numpy as np

from studio.live.voice import IncomingVoice, VoiceFrame


class Voices:
    """Every voice begins with a frame of its own, however short it is."""

    def __init__(self, fps: int) -> None:
        self._fps = fps
        self._line: deque[IncomingVoice] = deque()

    @property
    def seconds(self) -> float:
        """Seconds of sound that wait."""
        return sum(voice.waiting for voice in self._line)

    @property
    def seconds_of_frames(self) -> float:
        """Seconds that they take to be spoken."""
        return sum(max(voice.waiting, 1 / self._fps) for voice in self._line)

    @property
    def next(self) -> IncomingVoice | None:
        """The voice that speaks, or is the next to."""
        return self._line[0] if self._line else None

    def add(self, samples: np.ndarray, rate: int, message_id: str | None, now: float) -> None:
        """Add sound to the last voice; a new one begins after an end, or with another rate or message.

        Without samples, nothing begins.
        """
        if not len(samples):
            return
        last = self._line[-1] if self._line else None
        if last is None or last.ended or (last.rate, last.message_id) != (rate, message_id):
            if last is not None:
                last.end(now)
            last = IncomingVoice(rate, self._fps, message_id)
            self._line.append(last)
        last.add(samples, now)

    def end(self, now: float) -> None:
        """The last voice is complete."""
        if self._line:
            self._line[-1].end(now)

    def cut(self, count: int, look_ahead: int) -> VoiceFrame:
        """The next frame of the first voice; see `Voice.cut`."""
        cut = self._line[0].cut(count, look_ahead)
        if cut.last:
            self._line.popleft()
        return cut

    def drop(self) -> tuple[float, float, str | None]:
        """Drop everything. Returns the first voice's position, the seconds dropped, and its message."""
        first, seconds = self.next, self.seconds
        self._line.clear()
        return (first.position, seconds, first.message_id) if first else (0.0, seconds, None)
