"""Places sound by the timestamps of its decoded pieces, as players do.

Counting samples is not enough: browsers omit silence from recordings, fragmented files keep the encoder's
priming, streams break off and continue. If a piece begins later than the samples before it end, silence
precedes it; if it begins earlier, its front is cut.
"""

from __future__ import annotations

import statistics
from collections import deque
from collections.abc import Generator, Iterable, Sequence
from typing import NamedTuple

from av.audio.frame import AudioFrame

TOLERANCE = 0.010
"""Seconds that a timestamp may be off: containers round to milliseconds and recorders jitter; both would
click.
"""
AHEAD = 4
"""Number of pieces that have to agree before the sound is moved: a single late timestamp is jitter."""
NEAR = 0.015
"""Seconds. If nothing is missing, the first timestamps are not farther apart; most packets last 20 ms."""
LONGEST_HOLE = 600.0
LONGEST_OVERLAP = 1.0
"""Seconds. Beyond these, the clock itself was reset, and the sound continues without a hole."""
_STREAM_HOLE, _STREAM_OVERLAP = 10.0, 0.1  # the same for streams that may be joined; ffmpeg's own bounds


class Placed(NamedTuple):
    """One decoded piece. silence: samples before it. cut: samples to drop from its front."""

    frame: AudioFrame
    silence: int
    cut: int


class _Waiting(NamedTuple):
    frame: AudioFrame
    length: float
    moment: float | None


def first_moment(frames: Sequence[AudioFrame]) -> float | None:
    """When the first of a track's first frames begins, in seconds; None without timestamps.

    Its own timestamp may be off like any other, so those of the next AHEAD frames count equally, unless they
    are so far off that a packet may be missing. The result is one of them, never the mean of two: that would
    be half a hole off on both sides, with each half within the tolerance.
    """
    begun, moments = 0.0, []
    for frame in frames[: AHEAD + 1]:
        if frame.time is not None:
            moments.append(frame.time - begun)
        begun += frame.samples / frame.sample_rate
    near = [moment for moment in moments if abs(moment - moments[0]) <= NEAR]
    return statistics.median_low(near) if near else None


class TrackPlacement:
    """Places the pieces of one track at one rate; pass each file's pieces to `place` once."""

    def __init__(self, rate: int, *, joined_streams: bool) -> None:
        """rate: of the placed samples. joined_streams: whether the container's clock may restart (FFmpeg's
        AVFMT_TS_DISCONT).
        """
        self._rate = rate
        self._hole = (_STREAM_HOLE if joined_streams else LONGEST_HOLE) * rate
        self._overlap = (_STREAM_OVERLAP if joined_streams else LONGEST_OVERLAP) * rate
        self._origin: float | None = None
        self._last: float | None = None
        self._position = 0.0
        self.jumps: list[tuple[float, float]] = []
        """(position, jump) of each reset of the clock, in seconds."""

    @property
    def seconds(self) -> float:
        """The placed seconds, including silence."""
        return self._position / self._rate

    def place(self, frames: Iterable[AudioFrame]) -> Generator[Placed, None, None]:
        """Every piece in order, with the silence before it."""
        waiting: deque[_Waiting] = deque()
        for frame in frames:
            waiting.append(self._measured(frame))
            if len(waiting) > AHEAD:
                self._begin(waiting)
                yield self._next(waiting)
        while waiting:
            self._begin(waiting)
            yield self._next(waiting)

    def _begin(self, waiting: Iterable[_Waiting]) -> None:
        if self._origin is None:
            moment = first_moment([piece.frame for piece in waiting])
            self._origin = None if moment is None else moment * self._rate

    def _measured(self, frame: AudioFrame) -> _Waiting:
        moment = None
        time = frame.time
        if time is not None:
            moment = time * self._rate
            if moment == self._last:  # a packet of many pieces; or a demuxer without a clock
                moment = None
            else:
                self._last = moment
        return _Waiting(frame, frame.samples * self._rate / frame.sample_rate, moment)

    def _next(self, waiting: deque[_Waiting]) -> Placed:
        piece = waiting.popleft()
        drift = self._drift(piece, self._position)
        far = abs(drift) > TOLERANCE * self._rate
        drift = self._agreed(drift, piece, waiting) if far else 0.0
        if drift > self._hole or drift < -self._overlap:
            self.jumps.append((self.seconds, drift / self._rate))
            self._origin = (self._origin or 0.0) + drift  # only known ones drift
            drift = 0.0
        silence = round(max(0.0, drift))
        cut = min(round(max(0.0, -drift)), round(piece.length))
        self._position += silence + piece.length - cut
        return Placed(piece.frame, silence, cut)

    def _drift(self, piece: _Waiting, position: float) -> float:
        """Samples by which a piece's timestamp is later than a position."""
        if piece.moment is None or self._origin is None:
            return 0.0
        return piece.moment - self._origin - position

    def _agreed(self, drift: float, piece: _Waiting, following: Iterable[_Waiting]) -> float:
        """The smallest drift of this piece and the next ones; 0 if one of them is where it is expected."""
        position = self._position + piece.length
        agreeing = 0
        for later in following:
            if later.moment is not None:
                other = self._drift(later, position)
                if abs(other) <= TOLERANCE * self._rate or (other > 0) != (drift > 0):
                    return 0.0
                drift = min(drift, other, key=abs)
                agreeing += 1
            position += later.length
        # Few pieces follow the last ones.
        return drift if agreeing > 1 or abs(drift) > 3 * TOLERANCE * self._rate else 0.0
