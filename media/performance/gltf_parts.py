"""Reads glTF files: the document, and the numbers of its accessors. Nothing outside the file is read."""

from __future__ import annotations

import base64
import binascii
import struct
from typing import Any

import numpy as np

from media.documents.bounds import Bounds
from media.documents.json_text import parse_json
from media.errors import DocumentError
from media.performance.performance import MOST_FRAMES, too_many_frames
from media.performance.vrm_animation import BINARY_CHUNK, JSON_CHUNK, MAGIC

DOCUMENT = Bounds(40_000_000, depth=24, nodes=500_000, text=40_000_000, finite=False, single_keys=False)
MOST_KEYS = 6_000_000
"""Times and weights in all, of which 52 blend shapes over MOST_FRAMES have 5.3 million."""
_TYPES = {5120: "i1", 5121: "u1", 5122: "<i2", 5123: "<u2", 5126: "<f4"}
_LARGEST = {5120: 127.0, 5121: 255.0, 5122: 32767.0, 5123: 65535.0}
_WIDTH = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}
_INLINE = "base64,"
Curve = tuple[np.ndarray, np.ndarray]
"""Times (n,) in seconds, increasing, and rows of numbers (n, width), both float64."""


def parts_of(content: bytes) -> tuple[dict[str, Any], bytes]:
    """The document and the binary part of a file in either of glTF's forms."""
    binary = b""
    text = content
    if content[:4] == struct.pack("<I", MAGIC):
        text, at = b"", 12
        while at + 8 <= len(content):
            size, kind = struct.unpack_from("<2I", content, at)
            if at + 8 + size > len(content):
                raise DocumentError("it is incomplete: a part of {size} bytes is missing", size=size)
            part = content[at + 8 : at + 8 + size]
            if kind == JSON_CHUNK and not text:
                text = part
            elif kind == BINARY_CHUNK and not binary:
                binary = part
            at += 8 + size
    document = parse_json(text, DOCUMENT)
    if not isinstance(document, dict):
        raise DocumentError("it is not a glTF document")
    buffers = list_of(document, "buffers")
    uri = get(buffers[0], "uri") if buffers else None
    if isinstance(uri, str):
        head, mark, coded = uri.partition(_INLINE)
        if not head.startswith("data:") or not mark:
            raise DocumentError("its numbers are in another file; save it as one file (.vrma or .glb)")
        try:
            binary = base64.b64decode(coded, validate=True)
        except (ValueError, binascii.Error):
            raise DocumentError("its numbers are not valid base64") from None
    return document, binary


class Accessors:
    """The numbers of accessors, each decoded once however many samplers share it."""

    def __init__(self, document: dict[str, Any], binary: bytes) -> None:
        self._document, self._binary = document, binary
        self._decoded: dict[int, np.ndarray] = {}
        self._keys = 0

    def rows(self, number: Any, most: int, width: int) -> np.ndarray:
        """(n, width) float64: the first components of each row.

        Raises DocumentError for more than `most` rows, for narrower ones, and for more than MOST_KEYS numbers
        in all.
        """
        accessor = entry_of(list_of(self._document, "accessors"), number)
        count = get(accessor, "count")
        if is_whole(count) and count > most:
            raise too_many_frames(count)
        if number not in self._decoded:
            self._keys += count * width if is_whole(count) else 0
            if self._keys > MOST_KEYS:
                raise DocumentError(
                    "it has {count} keys; at most {most} are read", count=self._keys, most=MOST_KEYS
                )
            self._decoded[number] = _numbers(self._document, self._binary, accessor)[:, :width].copy()
        if self._decoded[number].shape[1] != width:
            raise DocumentError("an expression in it is stored as numbers of a kind that is not read")
        return self._decoded[number]

    def curve(self, sampler: Any, width: int) -> Curve:
        """A sampler's curve. Raises DocumentError."""
        times = self.rows(get(sampler, "input"), MOST_FRAMES, 1)[:, 0]
        rows = self.rows(get(sampler, "output"), 3 * MOST_FRAMES, width)
        kind = get(sampler, "interpolation") or "LINEAR"
        if kind == "CUBICSPLINE":
            rows = rows[1::3]
        if not 0 < len(times) == len(rows) or (np.diff(times) < 0).any() or times[0] < 0:
            raise DocumentError("an expression in it has times that do not fit its weights")
        if kind == "STEP" and len(times) > 1:
            held = np.repeat(times, 2)[1:]
            held[::2] -= 1e-4
            return held, np.repeat(rows, 2, axis=0)[:-1]
        return times, rows


def _numbers(document: dict[str, Any], binary: bytes, accessor: Any) -> np.ndarray:
    """An accessor's numbers, (count, width) float64."""
    view = entry_of(list_of(document, "bufferViews"), get(accessor, "bufferView"))
    kind, width = get(accessor, "componentType"), _WIDTH.get(str(get(accessor, "type")))
    count = get(accessor, "count")
    known = is_whole(kind) and kind in _TYPES and is_whole(count)
    if not known or width is None or get(accessor, "sparse"):
        raise DocumentError("an expression in it is stored as numbers of a kind that is not read")
    if not 0 < count <= 3 * MOST_FRAMES:
        raise too_many_frames(count)
    begin = _whole(get(view, "byteOffset")) + _whole(get(accessor, "byteOffset"))
    size = np.dtype(_TYPES[kind]).itemsize
    step = _whole(get(view, "byteStride")) or size * width
    if begin + (count - 1) * step + size * width > len(binary) or step < size * width:
        raise DocumentError("it is incomplete: its numbers end at byte {size}", size=len(binary))
    rows = np.ndarray((count, width), _TYPES[kind], binary, begin, (step, size)).astype(np.float64)
    if kind in _LARGEST:
        rows /= _LARGEST[kind]
    if not np.isfinite(rows).all():
        raise DocumentError("it contains a number that is not finite")
    return rows


def _whole(value: Any) -> int:
    if value is None:
        return 0
    if not is_whole(value) or not 0 <= value < 2**31:
        raise DocumentError("an expression in it is stored as numbers of a kind that is not read")
    return int(value)


def is_whole(value: Any) -> bool:
    """Whether it is a whole number of JSON."""
    return isinstance(value, int) and not isinstance(value, bool)


def entries_of(value: Any, name: str) -> list[tuple[str, Any]]:
    """Names and values of the object under a name."""
    found = get(value, name)
    return list(found.items()) if isinstance(found, dict) else []


def get(value: Any, *names: str) -> Any:
    """What is in objects under these names; None if there is nothing."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def list_of(value: Any, name: str) -> list[Any]:
    """The list under a name; an empty one if there is none."""
    found = get(value, name)
    return found if isinstance(found, list) else []


def entry_of(values: list[Any], number: Any) -> Any:
    """What a number refers to. Raises DocumentError."""
    if not is_whole(number) or not 0 <= number < len(values):
        raise DocumentError("a number in it refers to a part that is not there")
    return values[number]
