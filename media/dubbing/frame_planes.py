"""Decoded frames as planar Y, U and V of one size, and interlaced ones made whole."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, cast, get_args

import av
import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from media.dubbing.facts import SourceFacts, Stored
from media.dubbing.stored_picture import Layout, layout_of, matrix_of

_EXACT = Interpolation.BICUBIC | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INP


def stored_format(pixels: Any) -> Stored:
    """The planar format in which frames of a decoded format are kept: the same if it is one
    of them, else the nearest.
    """
    name = pixels.name.replace("yuvj", "yuv").replace("yuva", "yuv")
    if name in get_args(Stored):
        return cast(Stored, name)
    depth = max((part.bits for part in pixels.components), default=8)
    suffix = "" if depth <= 8 else "10le" if depth <= 10 else "12le"
    chroma = 420
    if not pixels.is_rgb and len(pixels.components) >= 3:
        across, down = pixels.chroma_width(1 << 12) >> 10, pixels.chroma_height(1 << 12) >> 10
        chroma = 444 if across == 4 and down == 4 else 422 if across == 2 and down == 4 else 420
    return cast(Stored, f"yuv{chroma}p{suffix}")


def becomes_bt709(pixels: Any) -> bool:
    """Whether frames of a decoded format have no luma, and are converted to BT.709."""
    return bool(pixels.is_rgb or pixels.has_palette)


class PlanarFrames:
    """Brings each frame into the stored format and the size of the first."""

    def __init__(self, facts: SourceFacts) -> None:
        self._layout: Layout = layout_of(facts)
        self._full = bool(facts.colours.full_range)
        self._matrix = matrix_of(facts.colours, facts.stored_size[1])
        self._reformatter = VideoReformatter()

    def of(self, frame: VideoFrame) -> VideoFrame:
        """The frame with the stored planes; its own where they already are those."""
        layout = self._layout
        same_size = (frame.width, frame.height) == layout.size
        name = frame.format.name
        if same_size and name.replace("yuvj", "yuv") == layout.name:
            return frame
        if same_size and name.startswith("gray") and frame.format.components[0].bits == layout.depth:
            return self._grey(frame)
        rgb = becomes_bt709(frame.format)
        own = ColorRange.JPEG if self._full else ColorRange.MPEG
        return self._reformatter.reformat(
            frame,
            width=layout.size[0],
            height=layout.size[1],
            format=layout.name,
            src_colorspace=None if rgb else self._colourspace,
            dst_colorspace=self._colourspace,
            src_color_range=ColorRange.JPEG if rgb else own,
            dst_color_range=own,
            interpolation=_EXACT,
            threads=1,
        )

    @property
    def _colourspace(self) -> int:
        return int(Colorspace.ITU601) if self._matrix == 6 else self._matrix

    def _grey(self, frame: VideoFrame) -> VideoFrame:
        """Y as it is, with U and V of no colour."""
        layout = self._layout
        made = VideoFrame(*layout.size, layout.name)
        made.pts, made.time_base = frame.pts, frame.time_base
        luma, *chroma = layout.planes(made)
        memory: Any = frame.planes[0]
        values = np.frombuffer(memory, layout.dtype).reshape(-1, memory.line_size // layout.dtype.itemsize)
        luma[:] = values[: luma.shape[0], : luma.shape[1]]
        for plane in chroma:
            plane[:] = 1 << (layout.depth - 1)
        return made


class Deinterlacer:
    """Makes one whole frame of the two fields of each interlaced one, by FFmpeg's bwdif."""

    def __init__(self, facts: SourceFacts) -> None:
        layout = layout_of(facts)
        graph = av.filter.Graph()
        self._source = graph.add_buffer(
            width=layout.size[0], height=layout.size[1], format=layout.name, time_base=facts.clock
        )
        fields = graph.add("bwdif", "mode=send_frame:parity=auto:deint=all")
        self._sink = graph.add("buffersink")
        self._source.link_to(fields)
        fields.link_to(self._sink)
        graph.configure()
        self._graph = graph
        self._clock: Fraction = facts.clock

    def of(self, frames: Iterator[VideoFrame]) -> Iterator[VideoFrame]:
        """As many frames as are given, with their times."""
        for frame in frames:
            self._source.push(frame)
            yield from self._ready()
        self._source.push(None)
        yield from self._ready()

    def _ready(self) -> Iterator[VideoFrame]:
        while True:
            try:
                yield self._sink.pull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
