"""The container of a dub and its streams: frames at their times, sound tracks, subtitles and chapters."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.video.frame import VideoFrame

from media.dubbing.blending import PatchBlender
from media.dubbing.decoded_frame import DecodedFrame
from media.dubbing.dub_sounds import DubSounds
from media.dubbing.encoding_choice import FASTEST, encoding_of
from media.dubbing.facts import SourceFacts
from media.dubbing.kept_streams import KeptSubtitles, kept_chapters, kept_metadata
from media.dubbing.lengths import DubSchedule, ScheduledFrame
from media.dubbing.source import DubSource
from media.dubbing.stored_picture import Layout, layout_of
from media.dubbing.values import PaintedPatch
from media.messages import Message, said
from media.video_encoder import VideoSound, movflags

_UNSPECIFIED = 2
_QUARTERS = ((1, 0, 0, 1), (0, -1, 1, 0), (-1, 0, 0, -1), (0, 1, -1, 0))
"""a, b, c and d of FFmpeg's display matrix for quarter turns to the left."""


@dataclass(frozen=True, eq=False)
class DubPiece:
    """One frame with its moment in the dub, and what was painted over it."""

    frame: DecodedFrame
    moment: ScheduledFrame
    patches: tuple[PaintedPatch, ...]


class DubEncoder:
    """The container and its streams; for use by one thread at a time."""

    def __init__(
        self,
        path: Path,
        container: str,
        source: DubSource,
        schedule: DubSchedule,
        voice: VideoSound,
        metadata: dict[str, str],
    ) -> None:
        """As for `media.dubbing.writer.DubWriter`. container: FFmpeg's name of it."""
        facts = source.facts
        self.notes: list[Message] = []
        self._layout = layout_of(facts)
        self._padded = written_layout(facts)
        self._blender = PatchBlender(facts)
        self._clock = Fraction(1, schedule.clock.denominator)
        self._durations: dict[int, int] = {}
        self._sounds: DubSounds | None = None
        kept = kept_metadata(facts) | metadata
        options = {} if container == "matroska" else {"movflags": movflags(kept)}
        self._container: Any = av.open(str(path), "w", format=container, options=options)
        try:
            self._container.metadata.update(kept)
            self._stream = self._video_stream(facts, container)
            self._sounds = DubSounds(self._container, container, source, schedule, voice, self.notes)
            self._subtitles = KeptSubtitles(self._container, container, source, schedule, self.notes)
            self._container.set_chapters(kept_chapters(facts, schedule))
            self._note_losses(facts, container, schedule)
        except BaseException:
            self._release()
            raise

    def add(self, piece: DubPiece) -> None:
        """Encode one frame, and what is heard and read up to its end."""
        frame = self._frame(piece)
        frame.time_base = self._clock
        frame.pts = int(piece.moment.time / self._clock)
        self._durations[frame.pts] = int(piece.moment.duration / self._clock)
        end = piece.moment.time + piece.moment.duration
        assert self._sounds is not None
        self._sounds.advance(float(end))
        self._subtitles.advance(end)
        self._mux(self._stream.encode(frame))

    def finish(self, whole: bool) -> None:
        """Flush the encoders and write the index; without `whole`, only release everything."""
        try:
            if whole and self._sounds is not None:
                self._sounds.finish()
                self._subtitles.finish()
                self._mux(self._stream.encode(None))
                self._container.close()
        finally:
            self._release()

    def _release(self) -> None:
        if self._sounds is not None:
            self._sounds.close()
        with contextlib.suppress(Exception):
            self._container.close()

    def _video_stream(self, facts: SourceFacts, container: str) -> Any:
        choice = encoding_of(facts, container)
        rate = min(FASTEST, facts.fps or facts.mean_fps).limit_denominator(60_000) or Fraction(1)
        stream: Any = self._container.add_stream(choice.codec, rate=rate)
        stream.width, stream.height = self._padded.size
        stream.pix_fmt = self._layout.name
        stream.options = choice.options
        stream.gop_size = choice.gop
        stream.thread_count, stream.thread_type = choice.threads, "FRAME"
        context = stream.codec_context
        context.time_base = stream.time_base = self._clock
        if choice.tag:
            context.codec_tag = choice.tag
        if facts.aspect != 1:
            context.sample_aspect_ratio = facts.aspect
        _tag(stream, facts)
        if facts.quarter_turns or facts.mirrored:
            stream.set_display_matrix(_display_matrix(facts))
        return stream

    def _frame(self, piece: DubPiece) -> VideoFrame:
        frame = self._layout.unpacked(piece.frame.packed, self._padded)
        if piece.patches:
            planes = [
                plane[:rows, :columns]
                for plane, (rows, columns) in zip(
                    self._padded.planes(frame), self._layout.shapes, strict=True
                )
            ]
            self._blender.blend(planes, piece.frame.picture, piece.patches)
        return frame

    def _mux(self, packets: Any) -> None:
        for packet in packets:
            packet.duration = self._durations.pop(packet.pts, packet.duration)
            self._container.mux(packet)

    def _note_losses(self, facts: SourceFacts, container: str, schedule: DubSchedule) -> None:
        if self._padded != self._layout:
            self.notes.append(
                said(
                    "The video has odd sides ({width}x{height} pixels); in the dub, its last row or column "
                    "is repeated: {wide}x{high}.",
                    width=self._layout.size[0],
                    height=self._layout.size[1],
                    wide=self._padded.size[0],
                    high=self._padded.size[1],
                )
            )
        if container == "matroska" and (schedule.clock * 1000).denominator != 1:
            self.notes.append(
                said("Matroska rounds times to milliseconds. Choose .mp4 to keep those of the video exactly.")
            )
        if facts.other_streams:
            self.notes.append(
                said(
                    "1 further stream of the video, such as a cover picture or time codes, is not in the dub."
                    if len(facts.other_streams) == 1
                    else "{count} further streams of the video, such as cover pictures or time codes, are "
                    "not in the dub.",
                    count=len(facts.other_streams),
                )
            )


def written_layout(facts: SourceFacts) -> Layout:
    """The layout of a dub's pictures: the source's, grown to whole chroma samples, as encoders demand."""
    layout = layout_of(facts)
    (width, height), (across, down) = layout.size, layout.steps
    return Layout(layout.name, (-(-width // across) * across, -(-height // down) * down))


def written_size(facts: SourceFacts) -> tuple[int, int]:
    """(width, height) of a dub, upright."""
    width, height = written_layout(facts).size
    return (height, width) if facts.quarter_turns % 2 else (width, height)


def _tag(stream: Any, facts: SourceFacts) -> None:
    """The source's own colour tags; what it does not say is not said."""
    colours = facts.colours
    if colours.matrix != _UNSPECIFIED:
        stream.colorspace = colours.matrix
    if colours.primaries != _UNSPECIFIED:
        stream.color_primaries = colours.primaries
    if colours.transfer != _UNSPECIFIED:
        stream.color_trc = colours.transfer
    if colours.full_range is not None:
        stream.color_range = 2 if colours.full_range else 1


def _display_matrix(facts: SourceFacts) -> list[int]:
    a, b, c, d = _QUARTERS[facts.quarter_turns]
    if facts.mirrored:
        a, b = -a, -b
    return [a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30]
