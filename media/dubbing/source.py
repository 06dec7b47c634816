"""A stranger's video as the source of a dub: its facts, and its frames forwards and backwards."""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Generator, Iterator
from contextlib import closing
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import IO

import numpy as np
from av.video.frame import VideoFrame

from media.decoding.isolated_source import source_reader
from media.documents.quoting import LONG, quoted
from media.dubbing.facts import SourceFacts, SubtitleLine
from media.dubbing.lengths import DubSchedule, FrameTimes, Moment, Run
from media.dubbing.readers import StoredFrames
from media.dubbing.stored_picture import Layout, Upright, layout_of
from media.dubbing.values import SourceFrame
from media.errors import VideoError
from media.messages import Message, said
from media.output_file import explain_output_error
from media.unreadable_kinds import encrypted

LONGEST = 4 * 3600.0
"""Seconds of a source."""
MOST_PIXELS = 4096 * 2304
SMALLEST = 16
"""Pixels of each side."""
FEWEST = 2
"""Frames of a source; a single one is a portrait."""
SPOOL_BYTES = 512_000_000
"""Bytes of frames on disk while a video is read backwards."""


class DecodedFrame(SourceFrame):
    """A source frame with its stored planes. Planes and picture are made when they are first asked for.

    packed: (nbytes,) uint8, as by `layout`.
    """

    packed: np.ndarray
    layout: Layout

    def __init__(
        self, number: int, time: Fraction, packed: np.ndarray, layout: Layout, upright: Upright
    ) -> None:
        for name, value in (("number", number), ("time", time), ("packed", packed), ("layout", layout)):
            object.__setattr__(self, name, value)
        object.__setattr__(self, "_upright", upright)

    @cached_property
    def stored(self) -> VideoFrame:
        """The planes as in the file, in one of `facts.Stored`."""
        return self.layout.unpacked(self.packed)

    @cached_property
    def picture(self) -> np.ndarray:
        """(H, W, 3) uint8 RGB, upright."""
        upright: Upright = self.__dict__["_upright"]
        return upright.picture(self.stored)


class DubSource:
    """A video to dub. For one thread at a time.

    Read it twice: `frames` gives all frames once, in order, and learns their exact times; then `played`
    gives them in the order of a schedule. Memory does not depend on the video's length.
    """

    def __init__(self, reader: StoredFrames, path: Path, facts: SourceFacts) -> None:
        """Use `open_source`."""
        self._reader = reader
        self.path = path
        self.facts = facts
        self.notes: list[Message] = list(_first_notes(facts))
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

        Raises VideoError if no more than one frame can be read, or if there are more than LONGEST seconds.
        """
        ticks, damage = array("q"), list[int]()
        clock = self.facts.clock
        with closing(self._read(0, None, damage)) as frames:
            for tick, packed in frames:
                if tick * clock > LONGEST:
                    raise _too_long(self.path, float(tick * clock))
                ticks.append(tick)
                time = (tick - ticks[0]) * clock
                yield self._frame(len(ticks) - 1, time, packed)
        if len(ticks) < FEWEST:
            raise _single(self.path, len(ticks))
        if self._times is None:
            self._begin = ticks[0]
            shown = np.array(ticks, np.int64) - self._begin
            self._times = FrameTimes(shown, int(shown[-1]) + self.facts.last, clock)
            self.notes += _later_notes(self.facts, self._times, len(damage))

    def played(self, schedule: DubSchedule) -> Iterator[tuple[DecodedFrame, Moment]]:
        """The frames in the order of a schedule of `times`, each with its moment in the dub."""
        moments = iter(schedule)
        last: DecodedFrame | None = None
        for run in schedule.runs():
            with closing(self._run(run, last)) as frames:
                for last in frames:
                    yield last, next(moments)

    def frame(self, number: int) -> DecodedFrame:
        """One frame, from 0. Raises IndexError if there is no such frame."""
        if not 0 <= number < len(self.times):
            raise IndexError(f"There is no frame {number} of {len(self.times)}.")
        with closing(self._forwards(number, 1)) as frames:
            return next(frames)

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

    def _run(self, run: Run, last: DecodedFrame | None) -> Generator[DecodedFrame]:
        if run.step < 0:
            yield from self._backwards(run)
            return
        frame = last if last is not None and last.number == run.first else None
        if run.step > 0 and not (frame and run.count == 1):
            yield from self._forwards(run.first, run.count)
            return
        if frame is None:
            (frame,) = self._forwards(run.first, 1)
        for _ in range(run.count):
            yield frame

    def _forwards(self, first: int, count: int) -> Generator[DecodedFrame]:
        """Frames first, first + 1, ... If a place that was looked up has other frames than the first reading,
        the rest is read from the beginning.
        """
        times = self.times
        done = 0
        for _ in range(2):
            begin, end = (self._begin + int(times.ticks[at]) for at in (first + done, first + count - 1))
            with closing(self._read(begin, end + 1)) as frames:
                for tick, packed in frames:
                    number = first + done
                    if tick - self._begin != times.ticks[number]:
                        break
                    yield self._frame(number, times[number], packed)
                    done += 1
                    if done == count:
                        return
            self._seekable = False
        raise VideoError(
            'The video "{name}" gives other frames when it is read again: frame {number} is missing. Export '
            "it again.",
            name=quoted(self.path.name, LONG),
            number=first + done,
        )

    def _backwards(self, run: Run) -> Generator[DecodedFrame]:
        """Frames first, first - 1, ...: stretch by stretch, each read forwards into a file without a name."""
        size = self._layout.nbytes
        stretch = max(1, SPOOL_BYTES // size)
        end, stop = run.first + 1, run.first + 1 - run.count
        while end > stop:
            begin = max(stop, end - stretch)
            with tempfile.TemporaryFile() as spool:
                self._spool(spool, begin, end - begin)
                for number in range(end - 1, begin - 1, -1):
                    spool.seek((number - begin) * size)
                    packed = np.frombuffer(spool.read(size), np.uint8)
                    yield self._frame(number, self.times[number], packed)
            end = begin

    def _spool(self, spool: IO[bytes], first: int, count: int) -> None:
        with closing(self._forwards(first, count)) as frames:
            for frame in frames:
                try:
                    spool.write(frame.packed.data)
                except OSError as error:
                    raise explain_output_error(error, Path(tempfile.gettempdir()) / "frames") from None


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
        raise _single(path, facts.frames)
    if facts.duration > longest:
        raise _too_long(path, float(facts.duration), longest)
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
    return DubSource(reader, path, facts)


def _single(path: Path, frames: int) -> VideoError:
    return VideoError(
        'The video "{name}" has {frames} frame; at least {least} are needed. Use the picture as a portrait '
        "instead.",
        name=quoted(path.name, LONG),
        frames=frames,
        least=FEWEST,
    )


def _too_long(path: Path, seconds: float, longest: float = LONGEST) -> VideoError:
    return VideoError(
        'The video "{name}" is {seconds:.0f} s long; at most {longest:.0f} s are allowed. Cut it.',
        name=quoted(path.name, LONG),
        seconds=seconds,
        longest=longest,
    )


def _first_notes(facts: SourceFacts) -> Iterator[Message]:
    if facts.interlaced:
        yield said("The video is interlaced; it was deinterlaced, with as many frames as before.")
    if facts.transparent:
        yield said("The video has transparent parts; they are opaque in the dub.")
    kept = facts.pixel_format.replace("yuvj", "yuv").replace("yuva", "yuv")
    if kept != facts.stored and not facts.pixel_format.startswith("gray"):
        yield said(
            "The pixels of the video are {old}; the dub stores them as {new}.",
            old=facts.pixel_format,
            new=facts.stored,
        )


def _later_notes(facts: SourceFacts, times: FrameTimes, damaged: int) -> Iterator[Message]:
    missing = facts.claimed - times.duration
    if damaged or missing > max(3 / facts.mean_fps, facts.claimed / 100):
        yield said(
            "The video is damaged: {frames} frames, {seconds:.1f} of {claimed:.1f} s, could be read and are "
            "used.",
            frames=len(times),
            seconds=float(times.duration),
            claimed=float(max(facts.claimed, times.duration)),
        )
