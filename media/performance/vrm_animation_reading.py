"""Reads the expressions of VRM animations (.vrma), and of glTF files with the same extension."""

from __future__ import annotations

import base64
import binascii
import struct
from fractions import Fraction
from typing import Any

import numpy as np

from media.documents.bounds import Bounds
from media.documents.json_text import parse_json
from media.documents.quoting import quoted
from media.errors import DocumentError
from media.messages import said
from media.performance.performance import (
    MOST_FRAMES,
    MOST_TRACKS,
    Performance,
    steady_rate,
    too_many_frames,
    too_many_tracks,
)
from media.performance.vrm_animation import BINARY_CHUNK, EXTENSION, JSON_CHUNK, MAGIC
from media.performance.vrm_expressions import is_known, values_of

DOCUMENT = Bounds(40_000_000, depth=24, nodes=500_000, text=40_000_000, finite=False, single_keys=False)
USUAL_RATE = 60
MOST_KEYS = 6_000_000
"""Times and weights in all, of which 52 blend shapes over MOST_FRAMES have 5.3 million."""
_TYPES = {5120: "i1", 5121: "u1", 5122: "<i2", 5123: "<u2", 5126: "<f4"}
_LARGEST = {5120: 127.0, 5121: 255.0, 5122: 32767.0, 5123: 65535.0}
_WIDTH = {"SCALAR": 1, "VEC3": 3}
_INLINE = "base64,"


def read_vrm_animation(content: bytes, rate: Fraction | None) -> Performance:
    """The expressions of an animation. Raises DocumentError.

    rate: frames per second at which uneven curves are read; None is the file's own, or 60.
    """
    document, binary = _parts(content)
    found = _get(document, "extensions", EXTENSION, "expressions")
    nodes = {
        entry["node"]: name
        for kind in ("preset", "custom")
        for name, entry in _entries(found, kind)
        if isinstance(entry, dict) and _is_whole(entry.get("node"))
    }
    if not nodes:
        raise DocumentError("it has no expressions of the extension {extension}", extension=EXTENSION)
    samplers: dict[str, Any] = {}
    unknown: set[str] = set()
    for animation in _list(document, "animations"):
        for channel in _list(animation, "channels"):
            node = _get(channel, "target", "node")
            name = nodes.get(node) if _is_whole(node) else None
            if name is None or _get(channel, "target", "path") != "translation":
                continue
            if is_known(name):
                samplers[name] = _entry(_list(animation, "samplers"), _get(channel, "sampler"))
            else:
                unknown.add(name)
    if not samplers and not unknown:
        raise DocumentError("its expressions do not move")
    if not samplers:
        raise DocumentError(
            'none of its {count} names is a blend shape of ARKit, such as "jawOpen"', count=len(unknown)
        )
    if len(samplers) > MOST_TRACKS:
        raise too_many_tracks(len(samplers))
    accessors = _Accessors(document, binary)
    return _sampled({name: _curve(accessors, one) for name, one in samplers.items()}, unknown, rate)


def _sampled(
    curves: dict[str, tuple[np.ndarray, np.ndarray]], unknown: set[str], rate: Fraction | None
) -> Performance:
    first = next(iter(curves.values()))[0]
    even = all(np.array_equal(times, first) for times, _ in curves.values())
    if even and rate is None:
        times, rate = first, steady_rate(first)
    else:
        rate = rate or Fraction(USUAL_RATE)
        frames = round(max(float(times[-1]) for times, _ in curves.values()) * rate) + 1
        if frames > MOST_FRAMES:
            raise too_many_frames(frames)
        times = np.arange(frames) / float(rate)
    weights = {name: np.interp(times, *curve).astype(np.float32) for name, curve in curves.items()}
    values, has, _ = values_of(weights, len(times))
    notes = (
        said(
            "{count} expressions of the performance are unknown and were left out: {names}.",
            count=len(unknown),
            names=", ".join(quoted(name, 30) for name in sorted(unknown)[:4]),
        ),
    )
    return Performance.of(times, values, rate=rate, has=has, notes=notes if unknown else ())


def _parts(content: bytes) -> tuple[dict[str, Any], bytes]:
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
    buffers = _list(document, "buffers")
    uri = _get(buffers[0], "uri") if buffers else None
    if isinstance(uri, str):
        head, mark, coded = uri.partition(_INLINE)
        if not head.startswith("data:") or not mark:
            raise DocumentError("its numbers are in another file; save it as one file (.vrma or .glb)")
        try:
            binary = base64.b64decode(coded, validate=True)
        except (ValueError, binascii.Error):
            raise DocumentError("its numbers are not valid base64") from None
    return document, binary


class _Accessors:
    """The first components of accessors, each decoded once however many samplers share it."""

    def __init__(self, document: dict[str, Any], binary: bytes) -> None:
        self._document, self._binary = document, binary
        self._decoded: dict[int, np.ndarray] = {}
        self._keys = 0

    def first(self, number: Any, most: int) -> np.ndarray:
        """(n,) float64. Raises DocumentError for more than `most`, and for more than MOST_KEYS in all."""
        accessor = _entry(_list(self._document, "accessors"), number)
        count = _get(accessor, "count")
        if _is_whole(count) and count > most:
            raise too_many_frames(count)
        if number not in self._decoded:
            self._keys += count if _is_whole(count) else 0
            if self._keys > MOST_KEYS:
                raise DocumentError(
                    "it has {count} keys; at most {most} are read", count=self._keys, most=MOST_KEYS
                )
            self._decoded[number] = _numbers(self._document, self._binary, accessor)[:, 0].copy()
        return self._decoded[number]


def _curve(accessors: _Accessors, sampler: Any) -> tuple[np.ndarray, np.ndarray]:
    """Times and weights of one expression."""
    times = accessors.first(_get(sampler, "input"), MOST_FRAMES)
    weights = accessors.first(_get(sampler, "output"), 3 * MOST_FRAMES)
    kind = _get(sampler, "interpolation") or "LINEAR"
    if kind == "CUBICSPLINE":
        weights = weights[1::3]
    if not 0 < len(times) == len(weights) or (np.diff(times) < 0).any() or times[0] < 0:
        raise DocumentError("an expression in it has times that do not fit its weights")
    if kind == "STEP" and len(times) > 1:
        held = np.repeat(times, 2)[1:]
        held[::2] -= 1e-4
        return held, np.repeat(weights, 2)[:-1]
    return times, np.clip(weights, 0, 1)


def _numbers(document: dict[str, Any], binary: bytes, accessor: Any) -> np.ndarray:
    """An accessor's numbers, (count, width) float64."""
    view = _entry(_list(document, "bufferViews"), _get(accessor, "bufferView"))
    kind, width = _get(accessor, "componentType"), _WIDTH.get(str(_get(accessor, "type")))
    count = _get(accessor, "count")
    known = _is_whole(kind) and kind in _TYPES and _is_whole(count)
    if not known or width is None or _get(accessor, "sparse"):
        raise DocumentError("an expression in it is stored as numbers of a kind that is not read")
    if not 0 < count <= 3 * MOST_FRAMES:
        raise too_many_frames(count)
    begin = _whole(_get(view, "byteOffset")) + _whole(_get(accessor, "byteOffset"))
    size = np.dtype(_TYPES[kind]).itemsize
    step = _whole(_get(view, "byteStride")) or size * width
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
    if not _is_whole(value) or not 0 <= value < 2**31:
        raise DocumentError("an expression in it is stored as numbers of a kind that is not read")
    return int(value)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _entries(value: Any, name: str) -> list[tuple[str, Any]]:
    found = _get(value, name)
    return list(found.items()) if isinstance(found, dict) else []


def _get(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _list(value: Any, name: str) -> list[Any]:
    found = _get(value, name)
    return found if isinstance(found, list) else []


def _entry(values: list[Any], number: Any) -> Any:
    if not _is_whole(number) or not 0 <= number < len(values):
        raise DocumentError("a number in it refers to a part that is not there")
    return values[number]
