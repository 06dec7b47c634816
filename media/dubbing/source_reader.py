"""Reads a source video with FFmpeg in this process; of strangers' files, in a child."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterator
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.frame import VideoFrame

from media.documents.quoting import LONG, quoted
from media.dubbing.facts import SourceFacts, SubtitleLine
from media.dubbing.frame_clock import FrameClock
from media.dubbing.frame_planes import Deinterlacer, PlanarFrames
from media.dubbing.source_reports import single_frame
from media.dubbing.source_streams import PacketTimes, facts_of, video_of
from media.dubbing.stored_picture import layout_of
from media.dubbing.subtitles import read_cues
from media.errors import VideoError
from media.picture_kinds import is_still_picture
from media.sound_stream import OPEN_OPTIONS

BLOCK = 20_000
"""Times that are sent together."""
EARLIER = (0, 10, 60)
"""Seconds before a frame at which reading tries to begin: some containers find places inaccurately."""


class SourceReader:
    """A video file as stored frames with their ticks. Every reading opens the file again."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path).absolute()
        self._name = quoted(self.path.name, LONG)

    def facts(self, alive: Callable[[], None] = lambda: None) -> SourceFacts:
        """What the file is; the times of all packets are read and the first frames decoded.

        alive: called now and then. Raises VideoError.
        """
        with self._open() as container:
            times = self._packet_times(container, video_of(container, self._name), alive)
        with self._open() as container:
            stream = self._decoder(container)
            first = list(islice(self._decoded(container, stream, []), 8))
            if not first:
                raise VideoError(
                    'None of the frames in "{name}" can be decoded; export it again.', name=self._name
                )
            return facts_of(container, stream, first, times)

    def frames(
        self, facts: SourceFacts, begin: int = 0, end: int | None = None, damage: list[int] | None = None
    ) -> Generator[tuple[int, np.ndarray]]:
        """As `StoredFrames.frames`."""
        layout = layout_of(facts)
        damage = [] if damage is None else damage
        for earlier in EARLIER if begin and facts.seekable else ():
            given = False
            at = max(0, begin - round(earlier / facts.clock))
            for tick, frame in self._from(facts, at, damage):
                if not given and tick > begin:
                    break  # too late: begin earlier
                if end is not None and tick >= end:
                    return
                if tick >= begin:
                    yield tick, layout.packed(frame)
                given = True
            else:
                return
        for tick, frame in self._from(facts, 0, damage):
            if end is not None and tick >= end:
                return
            if tick >= begin:
                yield tick, layout.packed(frame)

    def cues(self, facts: SourceFacts, track: int) -> Iterator[SubtitleLine]:
        """The lines of a track of text subtitles, in the order of the file. track: its number from 1."""
        with self._open() as container, contextlib.suppress(av.error.FFmpegError):
            yield from read_cues(container, facts, track)

    def _from(self, facts: SourceFacts, at: int, damage: list[int]) -> Generator[tuple[int, VideoFrame]]:
        with self._open() as container:
            stream = self._decoder(container)
            if at:
                with contextlib.suppress(av.error.FFmpegError):
                    container.seek(facts.origin + at, stream=stream, backward=True)
            step = max(1, round(1 / (facts.mean_fps * facts.clock)))
            clock = FrameClock(facts.clock, step, facts.origin)
            planar = PlanarFrames(facts)
            frames: Iterator[VideoFrame] = map(planar.of, self._decoded(container, stream, damage))
            if facts.interlaced:
                frames = Deinterlacer(facts).of(frames)
            for frame in frames:
                yield clock.place(moment_of(frame)), frame

    def _decoded(self, container: Any, stream: Any, damage: list[int]) -> Iterator[VideoFrame]:
        """The frames of every packet that can be decoded; a damaged file ends where it cannot be read on."""
        packets = container.demux(stream)
        while True:
            try:
                packet = next(packets, None)
            except av.error.FFmpegError:
                damage.append(-1)
                with contextlib.suppress(av.error.FFmpegError):
                    yield from stream.codec_context.decode(None)  # what the decoder still holds
                return
            if packet is None:
                return
            try:
                yield from packet.decode()
            except av.error.FFmpegError:
                damage.append(packet.pts if packet.pts is not None else 0)

    def _decoder(self, container: Any) -> Any:
        """The stream of frames. Threads share a frame: with a frame for each, a damaged packet would cost
        those before it, too, and other ones at each reading.
        """
        stream = video_of(container, self._name)
        stream.thread_type = "SLICE"
        return stream

    def _packet_times(self, container: Any, stream: Any, alive: Callable[[], None]) -> PacketTimes:
        """What the packets of the frames that are shown say; nothing is decoded."""
        ticks: list[int] = []
        count = last = 0
        with contextlib.suppress(av.error.FFmpegError):  # a broken tail
            for packet in container.demux(stream):
                if not packet.size or packet.is_discard:
                    continue
                count += 1
                if packet.pts is not None:
                    last = packet.duration or 0 if not ticks or packet.pts >= max(ticks[-32:]) else last
                    ticks.append(packet.pts)
                if count % BLOCK == 0:
                    alive()
        known = len(ticks) == count
        return PacketTimes(np.sort(np.array(ticks, np.int64)) if known else None, count, last)

    @contextlib.contextmanager
    def _open(self) -> Iterator[Any]:
        try:
            container = av.open(str(self.path), options=OPEN_OPTIONS, metadata_errors="replace")
        except (av.error.InvalidDataError, av.error.ArgumentError):  # the latter: a kind that is not admitted
            if _is_picture(self.path):
                raise single_frame(self.path, 1) from None
            raise VideoError(
                'The video "{name}" is incomplete, damaged or of an unknown kind. Upload the whole file, or '
                "export it as MP4.",
                name=self._name,
            ) from None
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise VideoError(
                'The video "{name}" cannot be read ({reason}); check the path.',
                name=self._name,
                reason=getattr(error, "strerror", None) or str(error),
            ) from None
        with container:
            yield container


def _is_picture(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return is_still_picture(file.read(8))
    except OSError:
        return False


def moment_of(frame: VideoFrame) -> Fraction | None:
    """When a frame is shown by the file's clock, in seconds, exactly."""
    return None if frame.pts is None or frame.time_base is None else frame.pts * frame.time_base
