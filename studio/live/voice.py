"""The sound that waits to be spoken: kept as it came, and at 16 kHz for the engine."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from media.sound.resampling import Resampler


class Samples:
    """A line of samples: added at its end, taken from its front."""

    def __init__(self, dtype: type) -> None:
        self._dtype = dtype
        self._parts: deque[np.ndarray] = deque()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, samples: np.ndarray) -> None:
        """Add (n,) samples."""
        if len(samples):
            self._parts.append(samples)
            self._count += len(samples)

    def first(self, count: int) -> np.ndarray:
        """The first `count` samples, or all if there are fewer; they stay in the line."""
        found, left = [], count
        for part in self._parts:
            if left <= 0:
                break
            found.append(part[:left])
            left -= len(part)
        return np.concatenate(found) if found else np.zeros(0, self._dtype)

    def take(self, count: int) -> np.ndarray:
        """The first `count` samples, filled up with zeros; they leave the line."""
        taken = self.first(count)
        left = len(taken)
        self._count -= left
        while left:
            part = self._parts.popleft()
            if len(part) > left:
                self._parts.appendleft(part[left:])
            left -= min(left, len(part))
        missing = count - len(taken)
        return np.concatenate([taken, np.zeros(missing, self._dtype)]) if missing else taken


@dataclass(frozen=True, eq=False)
class Cut:
    """One frame's part of a voice.

    samples: (n,) int16 as they came. heard, ahead, ended: for `engines.live.LiveFace.listen`. last: whether
    the voice ends with this frame. position: seconds of the voice before it. arrived: when the last sample
    that was used had come.
    """

    samples: np.ndarray
    rate: int
    heard: np.ndarray
    ahead: np.ndarray
    ended: bool
    last: bool
    position: float
    message_id: str | None
    arrived: float


@dataclass(eq=False)
class Voice:
    """One voice: sound of one rate without a gap, from its first chunk to its last."""

    rate: int
    fps: int
    message_id: str | None
    ended: bool = False
    frames: int = 0
    _came: Samples = field(default_factory=lambda: Samples(np.int16))
    _heard: Samples = field(default_factory=lambda: Samples(np.float32))
    _arrivals: deque[tuple[int, float]] = field(default_factory=deque)
    _received: int = 0

    def __post_init__(self) -> None:
        self._resampler = Resampler(self.rate)

    def add(self, samples: np.ndarray, now: float) -> None:
        """Add (n,) int16 that arrived at `now`."""
        self._came.add(samples)
        self._hear(self._resampler.add(samples.astype(np.float32) / 32768.0), now)

    def end(self, now: float) -> None:
        """Nothing is added any more."""
        if not self.ended:
            self._hear(self._resampler.finish(), now)
            self.ended = True

    def _hear(self, heard: np.ndarray, now: float) -> None:
        if len(heard):
            self._heard.add(heard)
            self._received += len(heard)
            self._arrivals.append((self._received, now))

    @property
    def waiting(self) -> float:
        """Seconds of sound that are not in a frame yet."""
        return len(self._came) / self.rate

    @property
    def position(self) -> float:
        """Seconds of sound that were handed out."""
        return self.frames / self.fps

    def has(self, samples: int) -> bool:
        """Whether that many samples at 16 kHz are waiting, or all that will come."""
        return self.ended or len(self._heard) >= samples

    @property
    def has_frame(self) -> bool:
        """Whether a frame's own sound is there."""
        return self.ended or len(self._came) >= self._size()

    def _size(self) -> int:
        return (self.frames + 1) * self.rate // self.fps - self.frames * self.rate // self.fps

    def cut(self, hears: int, look_ahead: int) -> Cut:
        """Take the next frame. hears: its samples at 16 kHz; look_ahead: those after it that it wants."""
        position = self.position
        samples = self._came.take(self._size())
        heard = self._heard.take(hears)
        ahead = self._heard.first(look_ahead)
        self.frames += 1
        # Not by `ended` alone: the same sound has to give the same frames, whenever its end was announced.
        ended = self.ended and len(ahead) < look_ahead
        used = self._received - len(self._heard) + len(ahead)
        while len(self._arrivals) > 1 and self._arrivals[0][0] < used:
            self._arrivals.popleft()
        arrived = self._arrivals[0][1] if self._arrivals else 0.0
        last = self.ended and not len(self._came)
        return Cut(samples, self.rate, heard, ahead, ended, last, position, self.message_id, arrived)


class Voices:
    """The voices that wait, in order. Every voice begins with a frame of its own."""

    def __init__(self, fps: int) -> None:
        self._fps = fps
        self._line: deque[Voice] = deque()

    @property
    def seconds(self) -> float:
        """Seconds of sound that wait."""
        return sum(voice.waiting for voice in self._line)

    @property
    def next(self) -> Voice | None:
        """The voice that speaks, or is the next to."""
        return self._line[0] if self._line else None

    def add(self, samples: np.ndarray, rate: int, message_id: str | None, now: float) -> None:
        """Add sound to the last voice; a new one begins after an end, or with another rate or message."""
        last = self._line[-1] if self._line else None
        if last is None or last.ended or (last.rate, last.message_id) != (rate, message_id):
            if last is not None:
                last.end(now)
            last = Voice(rate, self._fps, message_id)
            self._line.append(last)
        last.add(samples, now)

    def end(self, now: float) -> None:
        """The last voice is complete."""
        if self._line:
            self._line[-1].end(now)

    def cut(self, hears: int, look_ahead: int) -> Cut:
        """The next frame of the first voice."""
        cut = self._line[0].cut(hears, look_ahead)
        if cut.last:
            self._line.popleft()
        return cut

    def drop(self) -> tuple[float, float, str | None]:
        """Drop everything. Returns the first voice's position, the seconds dropped, and its message."""
        first, seconds = self.next, self.seconds
        self._line.clear()
        return (first.position, seconds, first.message_id) if first else (0.0, seconds, None)
