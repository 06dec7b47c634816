"""Truncated PNGs: the existing data is packed again, with the last row repeated below it."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PIECE = 1 << 20
UP = b"\x02"
"""The filter of a row that holds differences from the row above; zeros repeat that row."""

_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""Adam7: first column and row, steps between columns and rows (PNG specification, 8.1)."""


def complete_png(data: bytes) -> tuple[bytes, float] | None:
    """A PNG with all its rows, and the missing fraction of its data, 0..1.

    None for a complete one (its damage is elsewhere), and for one that ends before its pixels or is damaged
    before its end. Memory is that of the file, however large the image.
    """
    chunks = list(_chunks(data))
    if not chunks or chunks[0][0] != b"IHDR" or len(chunks[0][1]) != 13 or chunks[-1][0] == b"IEND":
        return None
    packed = [body for name, body in chunks if name == b"IDAT"]
    lengths = _row_lengths(chunks[0][1])
    if not packed or not lengths:
        return None
    expected = sum(rows * length for rows, length in lengths)
    repacked = _Repacked(packed, expected)
    if repacked.damaged:
        return None
    missing = 1 - repacked.rows_bytes / expected
    parts = [*_until_pixels(chunks), (b"IDAT", repacked.finish(lengths)), (b"IEND", b"")]
    return SIGNATURE + b"".join(_chunk(name, body) for name, body in parts), missing


class _Repacked:
    """Unpacks as much as possible and packs it again."""

    def __init__(self, packed: list[bytes], expected: int) -> None:
        self._packer = zlib.compressobj(1)
        self._out: list[bytes] = []
        self.rows_bytes = 0
        self.damaged = False
        unpacker = zlib.decompressobj()
        for body in packed:
            rest = body
            while rest and not unpacker.eof and self.rows_bytes < expected:
                try:
                    piece = unpacker.decompress(rest, min(PIECE, expected - self.rows_bytes))
                except zlib.error:
                    self.damaged = True
                    return
                rest = unpacker.unconsumed_tail
                self._add(piece)
                self.rows_bytes += len(piece)

    def _add(self, piece: bytes) -> None:
        self._out.append(self._packer.compress(piece))

    def finish(self, lengths: list[tuple[int, int]]) -> bytes:
        """Everything, with the missing part of the rows: zeros to the end of the current row, then
        repeats.
        """
        at = 0
        for rows, length in lengths:
            for _ in range(rows):
                at += length
                gap = at - self.rows_bytes
                if gap >= length:
                    self._add(UP + bytes(length - 1))
                elif gap > 0:
                    self._add(bytes(gap))
        self._out.append(self._packer.flush())
        return b"".join(self._out)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names and bodies; the last body may be shorter than its stated length."""
    at = len(SIGNATURE)
    while at + 8 <= len(data):
        length, name = struct.unpack(">I4s", data[at : at + 8])
        yield name, data[at + 8 : at + 8 + length]
        at += 12 + length


def _until_pixels(chunks: list[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
    for name, body in chunks:
        if name == b"IDAT":
            return
        if name not in (b"acTL", b"fcTL"):  # the first image of an animation is a complete image
            yield name, body


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body), name) + body + struct.pack(">I", zlib.crc32(name + body))


def _row_lengths(header: bytes) -> list[tuple[int, int]]:
    """(rows, bytes in each with its filter) of every pass; empty for an invalid header."""
    width, height, bits, colours, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    if colours not in _CHANNELS or bits not in (1, 2, 4, 8, 16) or not width or not height:
        return []
    each = bits * _CHANNELS[colours]
    found = []
    for left, top, across, down in _PASSES if interlaced else ((0, 0, 1, 1),):
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        if columns > 0 and rows > 0:
            found.append((rows, 1 + (columns * each + 7) // 8))
    return found
