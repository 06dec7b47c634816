"""Converts RGB frames into the yuv420p frames of an encoder; of partial frames, only what changes.

The planes of the still picture are kept, and each frame replaces its rectangle in them. The result is the
same, bit for bit, as that of converting whole frames: chroma is averaged over neighbouring pixels, so the
rectangle grows by the reach of the scaler's filters, and is converted with a margin of as many pixels.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import (
    ColorPrimaries,
    ColorRange,
    Colorspace,
    ColorTrc,
    Interpolation,
    VideoReformatter,
)

from media.partial_frames import Box, PartialFrames

PADDING = 256
"""Bytes after an image. The scaler's vector code reads rows in whole steps of up to 64 bytes, and so beyond
the last pixel; at the end of mapped memory, that crashes the process.
"""


def padded(picture: np.ndarray) -> np.ndarray:
    """A C-contiguous copy of an array of uint8, with PADDING readable bytes behind it."""
    copy = padded_room(*picture.shape)
    np.copyto(copy, picture, casting="no")
    return copy


def padded_room(*shape: int) -> np.ndarray:
    """An array of uint8 with any content, and PADDING readable bytes behind it."""
    size = math.prod(shape)
    return np.empty(size + PADDING, np.uint8)[:size].reshape(shape)


REACH = 4
"""Pixels of the converted picture, an even number: the scaler's filters take no pixel from farther away."""
_EXACT = {
    # Each chroma sample is the mean of its pixels: closer to them than bilinear filters are. ACCURATE_RND
    # would make it higher by 0.05 of 255 levels, in almost twice the time.
    "interpolation": Interpolation.AREA | Interpolation.FULL_CHR_H_INP,
    "dst_color_primaries": ColorPrimaries.BT709,
    "dst_color_trc": ColorTrc.BT709,
}


@dataclass(frozen=True, eq=False)
class Piece:
    """A copy of one frame, or of its changed rectangle and the pixels around that.

    pixels: (h, w, 3) uint8, made by `padded`; for one `convert`, which may give them to a later piece. box:
    where they lie in the picture. changed: the rectangle in it that may differ from `still`; None for a whole
    frame. rooms: where the pixels come from, if they are used again.
    """

    pixels: np.ndarray
    box: Box
    changed: Box | None = None
    still: np.ndarray | None = None
    rooms: _Rooms | None = None


class _Rooms:
    """Memory for pieces of one rectangle of a still picture. It is used again after each conversion: the
    system takes longer to clear new memory than a copy takes, and the rim is filled only once.
    """

    def __init__(self, frames: PartialFrames, box: Box) -> None:
        """box: holds the changed rectangle."""
        self._still, self._changed, self._box = frames.still, frames.box, box
        self._free: deque[np.ndarray] = deque()

    def fit(self, frames: PartialFrames, box: Box) -> bool:
        """Whether the frames differ from the same picture in the same rectangle."""
        return frames.still is self._still and (frames.box, box) == (self._changed, self._box)

    def copy(self, frames: PartialFrames, number: int) -> np.ndarray:
        """The rectangle of one frame and the pixels around it."""
        x0, y0, x1, y1 = self._box
        try:
            room = self._free.popleft()
        except IndexError:
            room = padded_room(y1 - y0, x1 - x0, 3)
            room[:] = self._still[y0:y1, x0:x1]
        left, top, right, bottom = self._changed
        room[top - y0 : bottom - y0, left - x0 : right - x0] = frames.parts[number]
        return room

    def give_back(self, room: np.ndarray) -> None:
        """Use it for a later piece."""
        self._free.append(room)


def tag_colours(stream: Any) -> None:
    """Say in a video stream which colours the frames of a YuvConverter have, so that players show them."""
    stream.color_range = ColorRange.MPEG
    stream.colorspace = Colorspace.ITU709
    stream.color_primaries = ColorPrimaries.BT709
    stream.color_trc = ColorTrc.BT709


class YuvConverter:
    """One encoder's frames, in order. `pieces` copies them, in any thread; `convert` is for one thread."""

    def __init__(self, size: tuple[int, int], shown: tuple[int, int], *, exact: bool) -> None:
        """size: (width, height) of the RGB frames. shown: of the result, even numbers. exact: with a
        chroma that is as close as possible to the pixels'.
        """
        self._size, self._shown = size, shown
        self._how: dict[str, Any] = _EXACT if exact else {}
        self._reformatter = VideoReformatter()
        # Source pixels per chroma sample; a rectangle of a picture scaled by any other number has no
        # pixels of its own.
        self._steps = tuple(2 * side // out for side, out in zip(size, shown, strict=True))
        self._partial = all(2 * side % (2 * out) == 0 for side, out in zip(size, shown, strict=True))
        self._still: np.ndarray | None = None
        self._base: list[np.ndarray] = []
        self._kept: VideoFrame | None = None
        self._planes: list[np.ndarray] = []
        self._changed: Box | None = None
        self._rooms: _Rooms | None = None

    def pieces(self, frames: np.ndarray | PartialFrames) -> Iterator[Piece]:
        """Copies for `convert`, one per frame: the frames' arrays may be reused afterwards."""
        width, height = self._size
        if isinstance(frames, PartialFrames) and self._partial:
            changed = self._aligned(frames.box, REACH)  # neighbours take a part of the chroma
            box = self._aligned(changed, REACH)
            if self._rooms is None or not self._rooms.fit(frames, box):
                self._rooms = _Rooms(frames, box)
            for number in range(len(frames)):
                yield Piece(self._rooms.copy(frames, number), box, changed, frames.still, self._rooms)
        else:
            for frame in frames:
                yield Piece(padded(frame), (0, 0, width, height))

    def convert(self, piece: Piece) -> VideoFrame:
        """The frame in yuv420p. It is valid until the next call."""
        if piece.changed is None or piece.still is None:
            return self._reformat(piece.pixels, self._shown)
        if piece.still is not self._still:
            self._keep(piece.still)
        if self._changed is not None and not _inside(self._changed, piece.changed):
            for plane, base, cut in zip(self._planes, self._base, self._cuts(self._changed), strict=True):
                plane[cut] = base[cut]
        x0, y0, x1, y1 = piece.box
        across, down = (step // 2 for step in self._steps)
        part = _planes(self._reformat(piece.pixels, ((x1 - x0) // across, (y1 - y0) // down)))
        if piece.rooms is not None:
            piece.rooms.give_back(piece.pixels)
        cx0, cy0, cx1, cy1 = piece.changed
        inner = self._cuts((cx0 - x0, cy0 - y0, cx1 - x0, cy1 - y0))
        for plane, new, cut, of in zip(self._planes, part, self._cuts(piece.changed), inner, strict=True):
            plane[cut] = new[of]
        self._changed = piece.changed
        assert self._kept is not None
        return self._kept

    def _keep(self, still: np.ndarray) -> None:
        self._kept = self._reformat(padded(still), self._shown)
        self._planes = _planes(self._kept)
        self._base = [plane.copy() for plane in self._planes]
        self._still, self._changed = still, None

    def _reformat(self, pixels: np.ndarray, size: tuple[int, int]) -> VideoFrame:
        return self._reformatter.reformat(
            VideoFrame.from_numpy_buffer(pixels, format="rgb24"),
            width=size[0],
            height=size[1],
            format="yuv420p",
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.MPEG,
            dst_colorspace=Colorspace.ITU709,
            threads=1,
            **self._how,
        )

    def _aligned(self, box: Box, margin: int) -> Box:
        """The rectangle grown to whole chroma samples and by a margin, inside the picture."""
        (across, down), (width, height) = self._steps, self._size
        x0, y0, x1, y1 = box
        mx, my = margin * across // 2, margin * down // 2
        return (
            max(0, x0 // across * across - mx),
            max(0, y0 // down * down - my),
            min(width, -(-x1 // across) * across + mx),
            min(height, -(-y1 // down) * down + my),
        )

    def _cuts(self, box: Box) -> list[tuple[slice, slice]]:
        """An aligned rectangle's rows and columns in Y, U and V."""
        (across, down), (x0, y0, x1, y1) = self._steps, box
        chroma = slice(y0 // down, y1 // down), slice(x0 // across, x1 // across)
        across, down = across // 2, down // 2
        luma = slice(y0 // down, y1 // down), slice(x0 // across, x1 // across)
        return [luma, chroma, chroma]


def _inside(box: Box, other: Box) -> bool:
    return box[0] >= other[0] and box[1] >= other[1] and box[2] <= other[2] and box[3] <= other[3]


def _planes(frame: VideoFrame) -> list[np.ndarray]:
    """Y, U and V, (rows, columns) uint8, writable, in the frame's own memory."""
    sizes = [(frame.height, frame.width)] + 2 * [(frame.height // 2, frame.width // 2)]
    planes: list[np.ndarray] = []
    memory: Any  # a buffer, of which the types do not tell
    for memory, (rows, columns) in zip(frame.planes, sizes, strict=True):
        planes.append(np.frombuffer(memory, np.uint8).reshape(-1, memory.line_size)[:rows, :columns])
    return planes
