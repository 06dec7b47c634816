"""The streams of a source's file: which one is the video, and the facts about all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from typing import Any

import numpy as np
from av.sidedata.sidedata import Type as SideData
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange

from media.dubbing.facts import (
    MOST_CHAPTERS,
    MOST_TRACKS,
    Chapter,
    SoundFacts,
    SourceFacts,
    SubtitleFacts,
    VideoColours,
)
from media.dubbing.frame_clock import constant_rate
from media.dubbing.frame_planes import becomes_bt709, stored_format
from media.dubbing.hdr_metadata import hdr_metadata_of
from media.dubbing.track_names import track_title
from media.errors import VideoError

TEXT_SUBTITLES = frozenset(
    ("subrip", "srt", "ass", "ssa", "mov_text", "webvtt", "text", "subviewer", "microdvd", "sami", "realtext")
)
_LONGEST_TEXT = 20_000


@dataclass(frozen=True)
class PacketTimes:
    """When packets say that frames are shown. ticks: (n,) int64 in order, None if one has no time. count: of
    the packets. last: ticks that the last one lasts, 0 if it does not say.
    """

    ticks: np.ndarray | None
    count: int
    last: int


def video_of(container: Any, name: str) -> Any:
    """The stream of frames; cover pictures and stills beside it are none.

    Raises VideoError if there is no such stream.
    """
    videos = [one for one in container.streams.video if not one.disposition & Disposition.attached_pic]
    if not videos:
        if container.streams.audio:
            raise VideoError(
                'There are no frames in "{name}", only sound. Choose a video, or use this file as the voice.',
                name=name,
            )
        raise VideoError('There are no frames in "{name}"; choose a video file.', name=name)
    # An AVIF of a sequence has a still picture beside it, which is a default, too.
    moving = [one for one in videos if one.frames != 1] or videos
    shown = [one for one in moving if one.disposition & Disposition.default]
    stream = (shown or moving)[0]
    if stream.codec_context is None:  # of a kind that FFmpeg knows by name only
        raise VideoError('The frames in "{name}" have an unknown codec; export it as MP4.', name=name)
    return stream


def facts_of(container: Any, stream: Any, first: list[VideoFrame], times: PacketTimes) -> SourceFacts:
    """The facts. first: some decoded frames from the beginning."""
    frame = first[0]
    clock = Fraction(stream.time_base)
    claimed = (stream.average_rate, stream.base_rate, stream.guessed_rate)
    named = next((rate for rate in claimed if rate), Fraction(25))
    ticks = times.ticks
    if ticks is not None and len(ticks) > 1 and ticks[-1] > ticks[0]:
        fps = constant_rate(np.unique(ticks), clock, claimed)
        span = int(ticks[-1] - ticks[0])
        last = times.last or max(1, round(span / (len(ticks) - 1)))
        duration = times.count / fps if fps else (span + last) * clock
    else:
        fps, last = named, max(1, round(1 / (named * clock)))
        duration = times.count / fps
    turns, mirrored = orientation(frame)
    rgb = becomes_bt709(frame.format)
    origin = frame.pts if frame.pts is not None else 0
    begin = origin * clock
    return SourceFacts(
        container=container.format.name,
        codec=stream.codec_context.name,
        pixel_format=frame.format.name,
        fps=fps,
        mean_fps=fps or times.count / duration,
        frames=times.count,
        duration=duration,
        claimed=_claimed(stream, begin),
        clock=clock,
        origin=origin,
        last=last,
        stored_size=(frame.width, frame.height),
        quarter_turns=turns,
        mirrored=mirrored,
        stored=stored_format(frame.format),
        colours=VideoColours(matrix=1, primaries=1, transfer=1, full_range=False) if rgb else _colours(frame),
        hdr=hdr_metadata_of(frame),
        interlaced=sum(one.interlaced_frame for one in first) * 2 > len(first),
        aspect=stream.sample_aspect_ratio or Fraction(1),
        transparent=any(part.is_alpha for part in frame.format.components)
        or stream.metadata.get("alpha_mode") == "1",  # WebM: in a layer that the decoders of VP8 and VP9 drop
        seekable=ticks is not None and len(np.unique(ticks)) == len(ticks) and frame.pts is not None,
        sounds=tuple(_sound(number, one) for number, one in _some(container.streams.audio)),
        subtitles=tuple(_subtitle(number, one) for number, one in _some(container.streams.subtitles)),
        chapters=_chapters(container, begin),
        other_streams=tuple(str(one.name or one.type) for _, one in _some(_others(container, stream))),
        metadata={name: value[:_LONGEST_TEXT] for name, value in islice(container.metadata.items(), 1000)},
    )


def orientation(frame: VideoFrame) -> tuple[int, bool]:
    """How a player shows a stored frame: (quarter turns to the left, whether mirrored before)."""
    sides: Any = frame.side_data
    matrix = sides.get(SideData.DISPLAYMATRIX)
    if matrix is None:
        return round(frame.rotation / 90) % 4, False
    a, b, _, c, d = (int(value) for value in np.frombuffer(matrix, np.int32)[:5])
    mirrored = a * d - b * c < 0
    if mirrored:
        a, b = -a, -b
    if abs(a) >= abs(b):
        return (0 if a >= 0 else 2), mirrored
    return (1 if b < 0 else 3), mirrored


def _colours(frame: VideoFrame) -> VideoColours:
    full = {int(ColorRange.JPEG): True, int(ColorRange.MPEG): False}.get(int(frame.color_range))
    if frame.format.name.startswith("yuvj"):
        full = True
    return VideoColours(
        matrix=int(frame.colorspace),
        primaries=int(frame.color_primaries),
        transfer=int(frame.color_trc),
        full_range=full,
    )


def _claimed(stream: Any, begin: Fraction) -> Fraction:
    """Seconds of the video by its header; 0 if that says nothing. begin: second of the first frame."""
    if stream.duration is not None:
        return max(Fraction(0), stream.duration * Fraction(stream.time_base))
    written = re.fullmatch(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)", stream.metadata.get("DURATION", "")[:40])
    if written is None:
        return Fraction(0)
    hours, minutes, seconds = map(Fraction, written.groups())
    # Matroska's tag is the second at which the stream ends, also where it begins late.
    return max(Fraction(0), 3600 * hours + 60 * minutes + seconds - begin)


def _some(streams: Any) -> list[tuple[int, Any]]:
    return list(enumerate(islice(streams, MOST_TRACKS), 1))


def _codec(stream: Any) -> str:
    context = stream.codec_context
    return "unknown" if context is None else str(context.name)


def _sound(track: int, stream: Any) -> SoundFacts:
    context = stream.codec_context
    return SoundFacts(
        track=track,
        codec=_codec(stream),
        rate=0 if context is None else context.sample_rate or 0,
        channels=0 if context is None else context.channels or 0,
        language=_language(stream),
        title=track_title(stream.metadata)[:_LONGEST_TEXT],
    )


def _subtitle(track: int, stream: Any) -> SubtitleFacts:
    codec = _codec(stream)
    return SubtitleFacts(
        track=track,
        codec=codec,
        text=codec in TEXT_SUBTITLES,
        language=_language(stream),
        title=track_title(stream.metadata)[:_LONGEST_TEXT],
    )


def _language(stream: Any) -> str:
    return "" if stream.language in (None, "und") else str(stream.language)[:40]


def _others(container: Any, stream: Any) -> Iterator[Any]:
    """The streams that a dub has no place for: further videos, cover pictures, files, time codes."""
    for one in container.streams:
        if one.type in ("audio", "subtitle") or one.index == stream.index or _is_chapters(one):
            continue
        if one.type == "video" and one.frames == 1 and not one.disposition & Disposition.attached_pic:
            continue  # the still of a sequence, which shows one of its frames
        yield one


def _is_chapters(stream: Any) -> bool:
    """Whether a stream of data is the text of an MP4's chapters, which are read on their own."""
    return (
        stream.type == "data"
        and stream.name == "bin_data"
        and 0 < stream.frames == len(stream.container.chapters())
    )


def _chapters(container: Any, begin: Fraction) -> tuple[Chapter, ...]:
    return tuple(
        Chapter(
            start=one["start"] * one["time_base"] - begin,
            end=one["end"] * one["time_base"] - begin,
            title=one["metadata"].get("title", "")[:_LONGEST_TEXT],
        )
        for one in islice(container.chapters(), MOST_CHAPTERS)
    )
