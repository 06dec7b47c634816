"""One voice that waits to be spoken, and its parts."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from media.sound.resampling import needed
from studio.live.ear import Ear
from studio.live.samples import Samples


@dataclass(frozen=True, eq=False)
class Cut:
    """One frame's part of a voice.

    samples: (n,) int16 as they came. last: whether the voice ends with this frame. position: seconds of the
    voice before it. arrived: when the last sample that was used had come. The others are for `Ear.hear`.
    """

    samples: np.ndarray
    rate: int
    last: bool
    position: float
    message_id: str | None
    arrived: float
    ear: Ear
    came: np.ndarray
    count: int
    look_ahead: int
    complete: bool

    def hear(self) -> tuple[np.ndarray, np.ndarray, bool]:
        """heard, ahead and ended, for `engines.live.LiveFace.listen`. Call it once, in the order of cuts."""
        return self.ear.hear(self.came, self.count, self.look_ahead, complete=self.complete)


@dataclass(eq=False)
class Voice:
    """One voice: sound of one rate without a gap, from its first chunk to its last."""

    rate: int
    fps: int
    message_id: str | None
    ended: bool = False
    frames: int = 0
    _line: Samples = field(default_factory=lambda: Samples(np.int16))
    _arrivals: deque[tuple[int, float]] = field(default_factory=deque)
    _received: int = 0
    _given: int = 0
    """Samples that the ear was given."""
    _heard: int = 0
    """Samples at 16 kHz that were in frames."""
    _ended_at: float = 0.0

    def __post_init__(self) -> None:
        self._ear = Ear(self.rate)

    def add(self, samples: np.ndarray, now: float) -> None:
        """Add (n,) int16 that arrived at `now`."""
        self._line.add(samples)
        self._received += len(samples)
        self._arrivals.append((self._received, now))

    def end(self, now: float) -> None:
        """Nothing is added any more."""
        if not self.ended:
            self.ended, self._ended_at = True, now

    @property
    def waiting(self) -> float:
        """Seconds of sound that are not in a frame yet."""
        return len(self._line) / self.rate

    @property
    def position(self) -> float:
        """Seconds of sound that were handed out."""
        return self.frames / self.fps

    def has(self, count: int) -> bool:
        """Whether so many samples at 16 kHz can be heard now, or all that will come."""
        return self.ended or self._received >= needed(self._heard + count, self.rate)

    def _size(self) -> int:
        return (self.frames + 1) * self.rate // self.fps - self.frames * self.rate // self.fps

    def cut(self, count: int, look_ahead: int) -> Cut:
        """Take the next frame. count: its samples at 16 kHz; look_ahead: those after it that it wants."""
        position = self.position
        wanted = needed(self._heard + count + look_ahead, self.rate)
        until = min(wanted, self._received)
        taken = self._received - len(self._line)
        came = self._line.first(until - taken)[self._given - taken :]
        samples = self._line.take(self._size())
        self._given = until
        self._heard += count
        self.frames += 1
        complete = self.ended and until == self._received
        last = self.ended and not len(self._line)
        arrived = self._ended_at if self.ended and wanted > self._received else self._arrival(until)
        return Cut(
            samples,
            self.rate,
            last,
            position,
            self.message_id,
            arrived,
            self._ear,
            came,
            count,
            look_ahead,
            complete,
        )

    def _arrival(self, until: int) -> float:
        """When so many samples had arrived."""
        while len(self._arrivals) > 1 and self._arrivals[0][0] < until:
            self._arrivals.popleft()
        return self._arrivals[0][1]
