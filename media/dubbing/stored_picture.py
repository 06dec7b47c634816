"""A decoded frame as its file stores it: planes of Y, U and V, and their RGB picture, upright."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace, Interpolation, VideoReformatter

from media.dubbing.facts import SourceFacts, VideoColours

HD = 720
"""Rows from which players take an untagged video as BT.709; below, as BT.601."""


@dataclass(frozen=True)
class Layout:
    """How a stored picture lies in bytes. size: (width, height). name: as `facts.Stored`."""

    name: str
    size: tuple[int, int]

    @property
    def dtype(self) -> np.dtype[Any]:
        """uint8, or uint16 above 8 bits."""
        return np.dtype(np.uint8 if self.depth == 8 else np.uint16)

    @property
    def depth(self) -> int:
        """Bits of a value."""
        return next((bits for bits in (10, 12) if self.name.endswith(f"{bits}le")), 8)

    @property
    def steps(self) -> tuple[int, int]:
        """Pixels per chroma sample, across and down."""
        return {"420": (2, 2), "422": (2, 1), "444": (1, 1)}[self.name[3:6]]

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """(rows, columns) of Y, U and V."""
        (width, height), (across, down) = self.size, self.steps
        chroma = -(-height // down), -(-width // across)
        return (height, width), chroma, chroma

    @property
    def nbytes(self) -> int:
        """Bytes of the three planes without gaps."""
        return sum(rows * columns for rows, columns in self.shapes) * self.dtype.itemsize

    def planes(self, frame: VideoFrame) -> list[np.ndarray]:
        """The planes in a frame's own memory, writable if the frame is."""
        found = []
        memory: Any  # a buffer, of which the types do not tell
        for memory, (rows, columns) in zip(frame.planes, self.shapes, strict=False):
            values = np.frombuffer(memory, self.dtype)
            found.append(values.reshape(-1, memory.line_size // self.dtype.itemsize)[:rows, :columns])
        return found

    def packed(self, frame: VideoFrame) -> np.ndarray:
        """(nbytes,) uint8: the planes one after the other."""
        out = np.empty(self.nbytes // self.dtype.itemsize, self.dtype)
        at = 0
        for plane in self.planes(frame):
            out[at : at + plane.size].reshape(plane.shape)[:] = plane
            at += plane.size
        return out.view(np.uint8)

    def views(self, data: np.ndarray) -> list[np.ndarray]:
        """The planes within `packed`. Raises ValueError for another number of bytes."""
        values = data.view(self.dtype)
        if values.nbytes != self.nbytes:
            raise ValueError(f"{values.nbytes} bytes where a frame has {self.nbytes}")
        ends = np.cumsum([rows * columns for rows, columns in self.shapes])
        parts = np.split(values, ends[:-1])
        return [part.reshape(shape) for part, shape in zip(parts, self.shapes, strict=True)]

    def unpacked(self, data: np.ndarray, into: Layout | None = None) -> VideoFrame:
        """A new frame from `packed`. into: the layout of that frame, if it is larger; the last row and column
        are repeated in it.

        Raises ValueError for another number of bytes.
        """
        into = into or self
        views = self.views(data)
        frame = VideoFrame(*into.size, self.name)
        for plane, values in zip(into.planes(frame), views, strict=True):
            rows, columns = values.shape
            plane[:rows, :columns] = values
            plane[:rows, columns:] = plane[:rows, columns - 1 : columns]
            plane[rows:] = plane[rows - 1]
        return frame


def layout_of(facts: SourceFacts) -> Layout:
    """The layout of a source's stored pictures."""
    return Layout(facts.stored, facts.stored_size)


def matrix_of(colours: VideoColours, height: int) -> int:
    """The matrix that turns stored values to RGB, as players choose it: a number of ITU-T H.273."""
    if colours.matrix in (1, 4, 5, 6, 7, 9):
        return colours.matrix
    if colours.matrix == 10:  # constant luminance, which the scaler lacks
        return 9
    return 1 if height >= HD else 5


class Upright:
    """Turns stored pictures into upright RGB. Many threads may use it, one after the other."""

    def __init__(self, facts: SourceFacts) -> None:
        matrix = matrix_of(facts.colours, facts.stored_size[1])
        self._how: dict[str, Any] = {
            "format": "rgb24",
            "src_colorspace": Colorspace.ITU601 if matrix == 6 else matrix,
            "src_color_range": ColorRange.JPEG if facts.colours.full_range else ColorRange.MPEG,
            "dst_color_range": ColorRange.JPEG,
            # Fast, and up to two levels off: a patch changes the planes by its difference to this picture,
            # so an error that both share does not count.
            "interpolation": Interpolation.BILINEAR,
            "threads": 1,
        }
        self._turns, self._mirrored = facts.quarter_turns, facts.mirrored
        self._reformatter = VideoReformatter()
        self._layout = layout_of(facts)
        self._short = Layout(self._layout.name[:7], self._layout.size)
        self._shortened = VideoFrame(*self._short.size, self._short.name)
        self._lock = threading.Lock()

    def picture(self, packed: np.ndarray) -> np.ndarray:
        """(H, W, 3) uint8 RGB, upright; of an HDR video the stored values, without tone mapping.

        packed: as by `Layout.packed`.
        """
        with self._lock:
            frame = self._reformatter.reformat(self._in_8_bits(packed), **self._how)
        memory: Any = frame.planes[0]
        width, height = self._layout.size
        rows = np.frombuffer(memory, np.uint8).reshape(-1, memory.line_size)
        rgb = rows[:height, : 3 * width].reshape(height, width, 3)  # the frame's own memory if it has no gaps
        return turned(rgb, self._turns, self._mirrored)

    def _in_8_bits(self, packed: np.ndarray) -> VideoFrame:
        """Valid until the next call. FFmpeg turns 8 bits to RGB five times as fast as more of them."""
        import cv2  # late: a child that only decodes does not need it

        part = 0.5 ** (self._layout.depth - 8)
        for plane, short in zip(self._layout.views(packed), self._short.planes(self._shortened), strict=True):
            if self._layout.depth == 8:
                short[:] = plane
            else:
                cv2.convertScaleAbs(plane, short, part)  # rounds, and keeps 0..255
        return self._shortened


def turned(picture: np.ndarray, quarter_turns: int, mirrored: bool) -> np.ndarray:
    """A picture as a player shows it: mirrored left to right, then turned to the left."""
    if mirrored:
        picture = picture[:, ::-1]
    if quarter_turns:
        picture = np.rot90(picture, quarter_turns)
    return np.ascontiguousarray(picture)


def laid_down(picture: np.ndarray, quarter_turns: int, mirrored: bool) -> np.ndarray:
    """The reverse of `turned`: from upright to as stored."""
    if quarter_turns:
        picture = np.rot90(picture, -quarter_turns)
    return picture[:, ::-1] if mirrored else picture
