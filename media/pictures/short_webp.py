"""Truncated WebPs: padded to their full length, so that libwebp decodes the existing data.

libwebp refuses a file that is shorter than it states (RFC 9649). With any bytes in place of the missing ones,
it decodes the existing blocks, and then arbitrary ones, which change with other bytes.
"""

from __future__ import annotations

import io
import struct
from pathlib import Path

from PIL import Image

FILLINGS = (b"\0", *(bytes((factor * k + 11) % 251 for k in range(997)) for factor in (37, 101, 53, 7)))
"""Some cannot be decoded after some files, because they contain values that no encoder writes."""
MORE = 512
"""Bytes after the end: the decoder stops where it has read the last one."""
_PIXELS = (b"VP8 ", b"VP8L")


def missing_bytes(source: Path | bytes, head: bytes) -> int:
    """The number of bytes that a WebP lacks; 0 for a complete one and for other files."""
    if head[:4] != b"RIFF" or head[8:12] != b"WEBP":
        return 0
    there = len(source) if isinstance(source, bytes) else source.stat().st_size
    return max(0, int.from_bytes(head[4:8], "little") + 8 - there)


def first_look(data: bytes, missing: int) -> bytes:
    """The file with an end: its size and colours are right, and so are its existing pixels."""
    return _completed(data, missing, FILLINGS[0])


def two_looks(data: bytes, missing: int) -> tuple[Image.Image, Image.Image]:
    """The image decoded with two fillings. Raises Pillow's errors if no two can be decoded."""
    decoded: list[Image.Image] = []
    failed: Exception = ValueError("nothing could be decoded")
    for filling in FILLINGS:
        try:
            image = Image.open(io.BytesIO(_completed(data, missing, filling)), formats=["WEBP"])
            image.load()
        except (OSError, ValueError) as error:
            failed = error
            continue
        decoded.append(image)
        if len(decoded) == 2:
            return decoded[0], decoded[1]
    raise failed


def _completed(data: bytes, missing: int, filling: bytes) -> bytes:
    """The file at its stated length, and a little longer if it ends within its pixels."""
    at, name, size = 12, b"", 0
    while at + 8 <= len(data):
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + size > len(data):
            break
        at += 8 + size + size % 2
    within = name in _PIXELS and at + 8 <= len(data)
    more = missing + MORE + (missing + len(data)) % 2 if within else missing
    longer = bytearray(data + (filling * (more // len(filling) + 1))[:more])
    if within:
        struct.pack_into("<I", longer, at + 4, len(longer) - at - 8)
    struct.pack_into("<I", longer, 4, len(longer) - 8)
    return bytes(longer)
