"""Which source frame a dub shows when, for a voice that is longer or shorter than the video.

The words are those of sync.so's `sync_mode`:

    bounce   the video runs backwards to its start and forwards again, until the voice ends
    loop     the video begins again, until the voice ends
    silence  the video is shown once, and silence follows a shorter voice; under a longer voice, its last
             frame stands still
    cut_off  the dub ends with the shorter of the two
    remap    the video is shown once, faster or slower, so that it ends with the voice

`bounce` and `loop` say what a longer voice does to the video; with a shorter voice, they are `silence`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, get_args

import numpy as np

from media.errors import OptionError

SyncMode = Literal["bounce", "loop", "cut_off", "silence", "remap"]
SYNC_MODES: tuple[SyncMode, ...] = get_args(SyncMode)
PADDING = Fraction(1, 10)
"""Seconds by which the sound of a video may be longer than its frames: encoders fill up their last block."""
REMAP_CLOCK = 90_000
"""Smallest number of ticks per second of a remapped video's clock: a remapped time is rounded to it."""


@dataclass(frozen=True, eq=False)
class FrameTimes:
    """When the frames of a video are shown.

    ticks: (n,) int64, strictly increasing, the first is 0. end: the tick at which the last frame ends, above
    its own. clock: seconds of a tick.
    """

    ticks: np.ndarray
    end: int
    clock: Fraction

    def __post_init__(self) -> None:
        """Raises ValueError for no frames, and for times out of order."""
        ticks = self.ticks
        if not len(ticks) or ticks[0] or (np.diff(ticks) <= 0).any() or self.end <= ticks[-1]:
            raise ValueError("frame times must begin at 0 and increase")

    def __len__(self) -> int:
        return len(self.ticks)

    def __getitem__(self, number: int) -> Fraction:
        """Seconds from the first frame to this one."""
        return int(self.ticks[number]) * self.clock

    @property
    def duration(self) -> Fraction:
        """Seconds from the first frame to the end of the last."""
        return self.end * self.clock

    @classmethod
    def of(cls, times: Sequence[Fraction], end: Fraction) -> FrameTimes:
        """The times as ticks of the slowest clock on which all of them are whole."""
        clock = Fraction(1, math.lcm(end.denominator, *(time.denominator for time in times)))
        return cls(np.array([int(time / clock) for time in times], np.int64), int(end / clock), clock)


@dataclass(frozen=True)
class ScheduledFrame:
    """One frame of a dub. number: of the source frame that it shows. time, duration: seconds, exact."""

    number: int
    time: Fraction
    duration: Fraction


@dataclass(frozen=True)
class FrameRun:
    """Consecutive source frames, read in one direction. step: 1 or -1; 0 is the last frame, repeated."""

    first: int
    count: int
    step: int


class DubSchedule:
    """The frames of a dub in the order in which it shows them; made for one source and one voice.

    Iterating gives each `ScheduledFrame`; nothing is kept, so memory depends on neither length. `runs` gives
    the same frames as stretches to read forwards or backwards.
    """

    def __init__(self, times: FrameTimes, voice: Fraction | float, mode: SyncMode | None = None) -> None:
        """voice: seconds of the voice. mode: None is `bounce` for a longer voice and `silence` for a shorter.

        A difference of less than half a frame is none; without a mode, neither is a voice that is longer by
        up to PADDING. Raises OptionError for an unknown mode or a voice without length.
        """
        voice = Fraction(voice)
        if voice <= 0:
            raise OptionError("The voice is {voice:g} seconds long; it must be longer.", voice=float(voice))
        if mode is not None and mode not in SYNC_MODES:
            raise OptionError(
                '"{mode}" is not a sync mode; choose one of {modes}.', mode=mode, modes=", ".join(SYNC_MODES)
            )
        self._times = times
        same = abs(voice - times.duration) * 2 * len(times) < times.duration
        padded = mode is None and times.duration < voice <= times.duration + min(PADDING, times.duration / 10)
        same = same or padded
        longer = self._longer = voice > times.duration and not same
        self.mode: SyncMode = mode or ("bounce" if longer else "silence")
        """The mode in use."""
        self.clock: Fraction = times.clock
        """Seconds of a tick; every time of the dub is a whole number of them."""
        self.stretch = Fraction(1)
        """Seconds of the dub for a second of the source: other than 1 only where it is remapped."""
        self._end = times.end
        if self.mode == "remap":
            self.clock = times.clock / max(1, math.ceil(REMAP_CLOCK * times.clock))
            self._end = max(len(times), round(voice / self.clock))
            self.stretch = self._end * self.clock / times.duration
        elif (longer and self.mode != "cut_off") or (self.mode == "cut_off" and not same and not longer):
            self._end = max(1, round(voice / self.clock))

    @property
    def duration(self) -> Fraction:
        """Seconds of the dub."""
        return self._end * self.clock

    def __iter__(self) -> Iterator[ScheduledFrame]:
        shown: tuple[int, int] | None = None
        for number, tick in self._frames():
            if shown is not None:
                yield self._moment(shown, tick)
            shown = number, tick
        if shown is not None:
            yield self._moment(shown, self._end)

    def __len__(self) -> int:
        """The number of frames, counted again each time."""
        return sum(run.count for run in self.runs())

    def runs(self) -> Iterator[FrameRun]:
        """The same frames as stretches of one direction."""
        first, count, step = 0, 0, 1
        before: int | None = None
        for number, _ in self._frames():
            if before is None:
                first, count, step = number, 1, 1
            elif count == 1 and abs(number - before) <= 1 and first == before:
                count, step = 2, number - before
            elif number - before == step:
                count += 1
            else:
                yield FrameRun(first, count, step)
                first, count, step = number, 1, 1
            before = number
        if count:
            yield FrameRun(first, count, step)

    def _moment(self, shown: tuple[int, int], end: int) -> ScheduledFrame:
        number, tick = shown
        return ScheduledFrame(number, tick * self.clock, (end - tick) * self.clock)

    def _frames(self) -> Iterator[tuple[int, int]]:
        """Each frame with its tick, up to the end."""
        for number, tick in self._endless():
            if tick >= self._end:
                return
            yield number, tick

    def _endless(self) -> Iterator[tuple[int, int]]:
        if self.mode == "remap":
            return self._remapped()
        if self.mode == "bounce" and self._longer and len(self._times) > 1:
            return self._bouncing()
        if self.mode == "loop" and self._longer:
            return self._looping()
        return self._held()

    def _once(self) -> Iterator[tuple[int, int]]:
        return ((number, int(tick)) for number, tick in enumerate(self._times.ticks))

    def _held(self) -> Iterator[tuple[int, int]]:
        """The video once, then its last frame again and again, at the mean rate."""
        yield from self._once()
        last, tick = len(self._times) - 1, self._times.end
        step = max(1, round(self._times.end / len(self._times)))
        while True:
            yield last, tick
            tick += step

    def _looping(self) -> Iterator[tuple[int, int]]:
        begin = 0
        while True:
            for number, tick in self._once():
                yield number, begin + tick
            begin += self._times.end

    def _bouncing(self) -> Iterator[tuple[int, int]]:
        """Mirrored at the moments of the last and the first frame, which are both shown once at a turn: what
        lies between two frames takes as long backwards as forwards.
        """
        ticks, last = self._times.ticks, len(self._times) - 1
        turn, begin = int(ticks[last]), 0
        while True:
            for number in range(last):
                yield number, begin + int(ticks[number])
            for number in range(last, 0, -1):
                yield number, begin + 2 * turn - int(ticks[number])
            begin += 2 * turn

    def _remapped(self) -> Iterator[tuple[int, int]]:
        """Rounded to the clock. Every frame keeps a tick of its own, before and behind it."""
        before, count = -1, len(self._times)
        for number, tick in self._once():
            at = min(
                round(tick * self._times.clock * self.stretch / self.clock), self._end - (count - number)
            )
            before = max(at, before + 1)
            yield number, before
