"""A stranger's video as the source of a dub: its facts, and its frames forwards and backwards."""

from __future__ import annotations

from array import array
from collections.abc import Generator, Iterator
from contextlib import closing, nullcontext
from fractions import Fraction
from pathlib import Path

import numpy as np

from media.decoding.isolated_source import source_reader
from media.documents.quoting import LONG, quoted
from media.dubbing.decoded_frame import DecodedFrame
from media.dubbing.facts import SourceFacts, SubtitleLine
from media.dubbing.frame_spool import FrameSpool, fitting
from media.dubbing.lengths import DubSchedule, FrameRun, FrameTimes, ScheduledFrame
from media.dubbing.readers import StoredFrames
from media.dubbing.source_reports import (
    FEWEST,
    LONGEST,
    MOST_FRAMES,
    first_notes,
    later_notes,
    single_frame,
    too_long,
    too_many,
)
from media.dubbing.stored_picture import Upright, layout_of
from media.errors import VideoError
from media.messages import Message
from media.unreadable_kinds import encrypted

MOST_PIXELS = 4096 * 2304
SMALLEST = 16
"""Pixels of each side."""


class DubSource:
    """A video to dub. For one thread at a time, except that `frame` may be asked while `played` goes on.

    Read it twice: `frames` gives all frames once, in order, and learns their exact times; then `played`
    gives them in the order of a schedule. Memory does not depend on the video's length.
    """

    def __init__(self, reader: StoredFrames, path: Path, facts: SourceFacts, longest: float) -> None:
        """Use `open_source`."""
        self._longest = longest
        self._reader = reader
        self.path = path
        self.facts = facts
        self.notes: list[Message] = list(first_notes(facts))
        """Sentences for the user; `frames` adds what only reading could show."""
        self._upright = Upright(facts)
        self._layout = layout_of(facts)
        self._times: FrameTimes | None = None
        self._begin = 0
        self._seekable = facts.seekable

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of the upright frames."""
        return self.facts.size

    @property
    def times(self) -> FrameTimes:
        """The exact times of all frames. If `frames` has not been read to its end, it is now."""
        if self._times is None:
            for _ in self.frames():
                pass
        assert self._times is not None
        return self._times

    def frames(self) -> Generator[DecodedFrame]:
        """All frames, in order. A damaged video ends early, and a note says so.

        Raises VideoError if no more than one frame can be read, or if there are more seconds or frames than
        allowed.
        """
        ticks, damage = array("q"), list[int]()
        clock = self.facts.clock
        with closing(self._read(0, None, damage)) as frames:
            for tick, packed in frames:
                if tick * clock > self._longest:
                    raise too_long(self.path, float(tick * clock), self._longest)
                if len(ticks) == MOST_FRAMES:
                    raise too_many(self.path)
                ticks.append(tick)
                time = (tick - ticks[0]) * clock
                yield self._frame(len(ticks) - 1, time, packed)
        if len(ticks) < FEWEST:
            raise single_frame(self.path, len(ticks))
        if self._times is None:
            self._begin = ticks[0]
            shown = np.array(ticks, np.int64) - self._begin
            self._times = FrameTimes(shown, int(shown[-1]) + self.facts.last, clock)
            self.notes += later_notes(self.facts, self._times, len(damage))

    def played(self, schedule: DubSchedule) -> Iterator[tuple[DecodedFrame, ScheduledFrame]]:
        """The frames in the order of a schedule of `times`, each with its moment in the dub.

        A short video that is shown more than once is decoded once, and kept on disk meanwhile.
        """
        moments = iter(schedule)
        last: DecodedFrame | None = None
        repeated = schedule.mode in ("bounce", "loop") and schedule.duration > self.times.duration
        short = len(self.times) <= fitting(self._layout.nbytes)
        with FrameSpool(self._layout.nbytes) if repeated and short else nullcontext() as spool:
            for run in schedule.runs():
                with closing(self._run(run, last, spool)) as frames:
                    for last in frames:
                        yield last, next(moments)

    def frame(self, number: int) -> DecodedFrame:
        """One frame, from 0. Raises IndexError if there is no such frame."""
        if not 0 <= number < len(self.times):
            raise IndexError(f"There is no frame {number} of {len(self.times)}.")
        with closing(self._forwards(number, 1)) as frames:
            return next(frames)

    def picture_at(self, seconds: float) -> tuple[np.ndarray, float]:
        """The first picture from a time on, (H, W, 3) uint8 RGB and upright, and its own time in seconds.

        Reads no others where the file can be searched; after the end, it is the last one or the first one.
        Raises VideoError if no frame can be read.
        """
        facts = self.facts
        last = max(Fraction(0), facts.duration - 1 / facts.mean_fps)
        for begin in (min(Fraction(max(0.0, seconds)), last), Fraction(0)):
            with closing(self._read(int(begin / facts.clock), None)) as frames:
                for tick, packed in frames:
                    return self._frame(0, Fraction(0), packed).picture, float(tick * facts.clock)
        raise single_frame(self.path, 0)

    def cues(self, track: int) -> Iterator[SubtitleLine]:
        """The lines of a track of text subtitles, from 1, with seconds from the first frame."""
        return self._reader.cues(self.facts, track)

    def _frame(self, number: int, time: Fraction, packed: np.ndarray) -> DecodedFrame:
        return DecodedFrame(number, time, packed, self._layout, self._upright)

    def _read(
        self, begin: int, end: int | None, damage: list[int] | None = None
    ) -> Generator[tuple[int, np.ndarray]]:
        facts = self.facts if self._seekable else self.facts.model_copy(update={"seekable": False})
        return self._reader.frames(facts, begin, end, damage)

    def _run(
        self, run: FrameRun, last: DecodedFrame | None, spool: FrameSpool | None
    ) -> Generator[DecodedFrame]:
        """spool: gets the frames that are read for the first time; None if they do not fit."""
        if spool is not None:
            yield from self._spooled(run, spool)
        elif run.step < 0:
            yield from self._backwards(run)
        elif run.step > 0:
            yield from self._forwards(run.first, run.count)
        else:
            frame = last if last is not None and last.number == run.first else self.frame(run.first)
            for _ in range(run.count):
                yield frame

    def _spooled(self, run: FrameRun, spool: FrameSpool) -> Generator[DecodedFrame]:
        begin = len(spool)
        there = run.count if run.step < 0 else min(run.count, begin - run.first)
        for number in range(run.first, run.first + there * run.step, run.step):
            yield self._frame(number, self.times[number], spool.get(number))
        if run.step > 0 and run.first + run.count > begin:
            with closing(self._forwards(begin, run.first + run.count - begin)) as frames:
                for frame in frames:
                    spool.add(frame.packed)
                    yield frame

    def _forwards(self, first: int, count: int) -> Generator[DecodedFrame]:
        """Frames first, first + 1, ... Where a damaged file has fewer frames than at the first reading, the
        frame before a missing one is shown again.
        """
        times, done = self.times, 0
        if self._seekable:
            for number, packed in self._wanted(first, count):
                if number != first + done or packed is None:
                    self._seekable = False  # looked up places inaccurately: read from the beginning
                    break
                yield self._frame(number, times[number], packed)
                done += 1
        before: np.ndarray | None = None
        waiting: list[int] = []
        for number, packed in self._wanted(first + done, count - done):
            before = before if packed is None else packed
            waiting.append(number)
            if before is not None:
                yield from (self._frame(one, times[one], before) for one in waiting)
                done += len(waiting)
                waiting.clear()
        if done < count:
            raise VideoError(
                'The video "{name}" cannot be read again from frame {number} on. Export it again.',
                name=quoted(self.path.name, LONG),
                number=first + done,
            )

    def _wanted(self, first: int, count: int) -> Generator[tuple[int, np.ndarray | None]]:
        """The number of each wanted frame with its planes, None if it is missing now."""
        if count <= 0:
            return
        number, end = first, first + count
        ticks = self.times.ticks + self._begin
        with closing(self._read(int(ticks[first]), int(ticks[end - 1]) + 1)) as frames:
            for tick, packed in frames:
                while number < end and ticks[number] < tick:
                    yield number, None
                    number += 1
                if number < end and ticks[number] == tick:
                    yield number, packed
                    number += 1
                if number == end:
                    return
        for missing in range(number, end):
            yield missing, None

    def _backwards(self, run: FrameRun) -> Generator[DecodedFrame]:
        """Frames first, first - 1, ...: stretch by stretch, each read forwards into a file without a name."""
        end, stop = run.first + 1, run.first + 1 - run.count
        while end > stop:
            begin = max(stop, end - fitting(self._layout.nbytes))
            with (
                FrameSpool(self._layout.nbytes) as spool,
                closing(self._forwards(begin, end - begin)) as frames,
            ):
                for frame in frames:
                    spool.add(frame.packed)
                for number in range(end - 1, begin - 1, -1):
                    yield self._frame(number, self.times[number], spool.get(number - begin))
            end = begin


def open_source(
    path: Path | str,
    *,
    longest: float = LONGEST,
    most_pixels: int = MOST_PIXELS,
    reader: StoredFrames | None = None,
) -> DubSource:
    """Open an untrusted video as the source of a dub; its decoder runs in a process of its own.

    longest: seconds. most_pixels: of a frame. reader: in place of that process, for tests and your own files.

    Raises VideoError for a file without frames, with a single one, encrypted, too long, too large or too
    small.
    """
    path = Path(path).absolute()
    name = quoted(path.name, LONG)
    if kind := encrypted(path):
        raise VideoError(
            'The video "{name}" cannot be decoded: it is {kind}. Use a copy without copy protection.',
            name=name,
            kind=kind.name,
        )
    reader = reader or source_reader(path)
    facts = reader.facts()
    width, height = facts.stored_size
    if facts.frames < FEWEST:
        raise single_frame(path, facts.frames)
    if facts.duration > longest:
        raise too_long(path, float(facts.duration), longest)
    if width * height > most_pixels:
        raise VideoError(
            'The video "{name}" has {width}x{height} = {pixels:.1f} million pixels; at most {most:.1f} '
            "million are allowed. Reduce it first.",
            name=name,
            width=width,
            height=height,
            pixels=width * height / 1e6,
            most=most_pixels / 1e6,
        )
    if min(width, height) < SMALLEST:
        raise VideoError(
            'The video "{name}" has {width}x{height} pixels; each side needs at least {least}.',
            name=name,
            width=width,
            height=height,
            least=SMALLEST,
        )
    if facts.frames > MOST_FRAMES:
        raise too_many(path)
    return DubSource(reader, path, facts, longest)
