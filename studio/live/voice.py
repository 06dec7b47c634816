"""One voice that waits to be spoken, and its parts."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from media.sound.resampling import needed
from studio.live.samples import Samples
from studio.live.voice_resampler import FrameSound

_AT_ONCE = 0.001
"""Seconds within which all that arrives counts as arriving at once."""


@dataclass(frozen=True, eq=False)
class VoiceFrame:
    """One frame's part of a voice.

    samples: (n,) int16 as they came. last: whether the voice ends with this frame. position: seconds of the
    voice before it. arrived: when the last sample that was used had come. heard: what the engine hears.
    """

    samples: np.ndarray
    rate: int
    last: bool
    position: float
    message_id: str | None
    arrived: float
    heard: FrameSound


@dataclass(eq=False)
class IncomingVoice:
    """One voice: sound of one rate without a gap, from its first chunk to its last."""

    rate: int
    fps: int
    message_id: str | None
    ended: bool = False
    frames: int = 0
    _line: Samples = field(default_factory=lambda: Samples(np.int16))
    _arrivals: deque[tuple[int, float]] = field(default_factory=deque)
    _received: int = 0
    _ended_at: float = 0.0

    def __post_init__(self) -> None:
        self._begin_to_hear()

    def _begin_to_hear(self) -> None:
        """Hear the samples that wait."""
        self._begins = True
        """Whether the next frame is the first of those."""
        self._begun = self._given = self._received - len(self._line)
        """Samples before those that are heard, and those with which they were given."""
        self._heard = 0
        """Samples at 16 kHz that were heard in frames."""

    def add(self, samples: np.ndarray, now: float) -> None:
        """Add (n,) int16 that arrived at `now`."""
        self._line.add(samples)
        self._received += len(samples)
        if self._arrivals and now - self._arrivals[-1][1] < _AT_ONCE:
            _, now = self._arrivals.pop()
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
        return self.ended or self._received >= self._needed(count)

    def _needed(self, count: int) -> int:
        """Samples that have to come in before the next `count` at 16 kHz can be heard."""
        return self._begun + needed(self._heard + count, self.rate)

    def _size(self) -> int:
        return (self.frames + 1) * self.rate // self.fps - self.frames * self.rate // self.fps

    def cut(self, count: int, look_ahead: int) -> VoiceFrame:
        """Take the next frame. count: its samples at 16 kHz; look_ahead: those after it that it wants."""
        position = self.position
        wanted = self._needed(count + look_ahead)
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
        heard = FrameSound(self.rate, self._begins, came, count, look_ahead, complete)
        self._begins = False
        return VoiceFrame(samples, self.rate, last, position, self.message_id, arrived, heard)

    @property
    def next_samples(self) -> np.ndarray:
        """The next frame's sound, (n,) int16, as far as it has come."""
        return self._line.first(self._size())

    @property
    def can_skip(self) -> bool:
        """Whether there is sound after the next frame."""
        return len(self._line) > self._size()

    def skip(self) -> None:
        """Leave out the next frame's sound."""
        self._line.take(self._size())
        self.frames += 1
        self._begin_to_hear()

    def _arrival(self, until: int) -> float:
        """When so many samples had arrived."""
        while len(self._arrivals) > 1 and self._arrivals[0][0] < until:
            self._arrivals.popleft()
        return self._arrivals[0][1]
