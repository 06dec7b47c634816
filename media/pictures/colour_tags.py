"""The colour information of a PNG, AVIF, HEIC or JPEG 2000 that Pillow does not provide.

PNG: the chunks cICP, sRGB, gAMA and cHRM (PNG specification, third edition, 11.3.2). AVIF and HEIC: the
`colr` property of the primary item with the type `nclx` (ISO/IEC 14496-12, 12.1.5; ISO/IEC 23008-12, 6.5.5).
JPEG 2000: the profile in the `colr` box (ISO/IEC 15444-1, I.5.3.3).
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

HEAD = 1 << 20
"""Bytes at the beginning of an AVIF, HEIC or JPEG 2000 that are searched for its properties."""

Chromaticities = tuple[float, float, float, float, float, float, float, float]


@dataclass(frozen=True)
class ColourTags:
    """cicp: primaries, transfer and matrix numbers of ITU-T H.273 and whether the range is full.

    cicp_first: whether it outranks an ICC profile. srgb: the file says that it is sRGB. gamma: the file's
    exponent, 0.45455 for a usual one. chromaticities: x and y of white, red, green and blue.
    profile: an ICC profile.
    """

    cicp: tuple[int, int, int, bool] | None = None
    cicp_first: bool = False
    srgb: bool = False
    gamma: float | None = None
    chromaticities: Chromaticities | None = None
    profile: bytes | None = None


def read_colour_tags(source: Path | bytes, kind: str) -> ColourTags:
    """The tags of a file of the Pillow format `kind`; empty for a kind without tags, or a damaged file."""
    reader = {"PNG": _png, "AVIF": _heif, "HEIF": _heif, "JPEG2000": _jpeg2000}.get(kind)
    if reader is None:
        return ColourTags()
    try:
        with io.BytesIO(source) if isinstance(source, bytes) else source.open("rb") as stream:
            return reader(stream)
    except (OSError, struct.error, IndexError):
        return ColourTags()


def _png(stream: BinaryIO) -> ColourTags:
    stream.seek(8)
    found: dict[bytes, bytes] = {}
    while True:
        length, name = struct.unpack(">I4s", stream.read(8))
        if name in (b"IDAT", b"IEND"):
            break
        if name in (b"cICP", b"sRGB", b"gAMA", b"cHRM") and length <= 32:
            found.setdefault(name, stream.read(length))
            stream.seek(4, io.SEEK_CUR)
        else:
            stream.seek(length + 4, io.SEEK_CUR)
    cicp = found.get(b"cICP", b"")
    gamma = struct.unpack(">I", found.get(b"gAMA", bytes(4)))[0] / 100_000
    places = found.get(b"cHRM")
    return ColourTags(
        cicp=(cicp[0], cicp[1], cicp[2], bool(cicp[3])) if len(cicp) == 4 else None,
        cicp_first=True,
        srgb=b"sRGB" in found,
        gamma=gamma or None,
        chromaticities=tuple(v / 100_000 for v in struct.unpack(">8I", places)) if places else None,
    )


def _heif(stream: BinaryIO) -> ColourTags:
    meta = dict(_boxes(stream.read(HEAD))).get(b"meta", b"")
    parts = dict(_boxes(meta[4:]))  # a full box: version and flags come first
    properties = dict(_boxes(parts[b"iprp"])) if b"iprp" in parts else {}
    known = list(_boxes(properties.get(b"ipco", b"")))
    item = parts.get(b"pitm", b"")
    primary = int.from_bytes(item[4:6] if item[:1] == b"\0" else item[4:8], "big")
    for index in _associated(properties.get(b"ipma", b""), primary):
        name, body = known[index - 1] if 0 < index <= len(known) else (b"", b"")
        if name == b"colr" and body[:4] == b"nclx":
            primaries, transfer, matrix, full = struct.unpack(">3HB", body[4:11])
            return ColourTags(cicp=(primaries, transfer, matrix, full >= 128))
    return ColourTags()


def _jpeg2000(stream: BinaryIO) -> ColourTags:
    header = dict(_boxes(stream.read(HEAD))).get(b"jp2h", b"")
    for name, body in _boxes(header):
        if name == b"colr" and body[:1] in (b"\2", b"\3"):  # a restricted or any profile
            return ColourTags(profile=body[3:])
    return ColourTags()


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names and contents of consecutive boxes in `data`."""
    at = 0
    while at + 8 <= len(data):
        size, name = struct.unpack(">I4s", data[at : at + 8])
        head = 8
        if size == 1 and at + 16 <= len(data):
            size, head = struct.unpack(">Q", data[at + 8 : at + 16])[0], 16
        size = size or len(data) - at  # 0: up to the end
        if size < head:
            return
        yield name, data[at + head : at + size]
        at += size


def _associated(data: bytes, item: int) -> list[int]:
    """Numbers, from 1, of an item's properties, from an `ipma` box."""
    if len(data) < 8:
        return []
    wide_items, wide_properties = data[0] >= 1, data[3] & 1
    at = 8
    for _ in range(struct.unpack(">I", data[4:8])[0]):
        width = 4 if wide_items else 2
        number, count = int.from_bytes(data[at : at + width], "big"), data[at + width]
        at += width + 1
        step, mask = (2, 0x7FFF) if wide_properties else (1, 0x7F)
        indexes = [
            int.from_bytes(data[at + step * k : at + step * k + step], "big") & mask for k in range(count)
        ]
        at += step * count
        if number == item:
            return indexes
    return []
