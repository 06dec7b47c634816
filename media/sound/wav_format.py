"""The sample format of a WAV file, and whether bytes after its claimed end are still sound."""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

from media.sound.file_part import FileBytes

_COMPARED = 1 << 14  # bytes of each examined place if an end is in doubt
_SPOTS = 16


@dataclass
class WavFormat:
    """A fmt chunk. align: bytes of a sample of all channels. tag: 1 for integers, 3 for floats."""

    chunk: bytes
    bytes_per_second: int
    align: int
    tag: int
    bits: int


def wav_format(chunk: bytes) -> WavFormat | None:
    """Read a fmt chunk of 16 bytes or more; None if it is invalid."""
    tag, channels, rate, average, align, bits = struct.unpack("<HHIIHH", chunk[:16])
    if tag == 0xFFFE and len(chunk) >= 26:  # the actual tag is at the start of the sub-format's GUID
        tag = int.from_bytes(chunk[24:26], "little")
    if tag in (1, 3) and align and rate:
        average = rate * align
    if not average or not channels:
        return None
    return WavFormat(chunk, average, max(1, align), tag, bits)


def goes_on(before: np.ndarray | None, after: np.ndarray | None, claimed: bool) -> bool:
    """Whether the bytes after an end are sound like those before it, by the smoothness of both.

    Neighbouring samples of sound are similar; read as samples, noise, text and images are not. claimed: the
    file's own length includes these bytes, so they only have to resemble the preceding ones.
    """
    one, other = _roughness(before), _roughness(after)
    if one is None or other is None:
        return claimed
    return other < (max(1.2 * one, 0.9) if claimed else min(0.9, max(3 * one, 0.3)))


def loudest(data: FileBytes, start: int, length: int, form: WavFormat) -> np.ndarray | None:
    """The loudest of some places in a range, as samples; None for codecs whose bytes are not samples."""
    width = min(length, _COMPARED) // form.align * form.align
    places = np.linspace(0, max(0, length - width), _SPOTS).astype(np.int64) // form.align * form.align
    best: np.ndarray | None = None
    for place in sorted({int(place) for place in places}):
        samples = _samples(data[start + place : start + place + width], form)
        if samples is None:
            return None
        if best is None or _swing(samples) > _swing(best):
            best = samples
    return best


def _samples(data: bytes, form: WavFormat) -> np.ndarray | None:
    """(n, channels) float64 from bytes of PCM."""
    kinds = {(1, 8): "u1", (1, 16): "<i2", (1, 32): "<i4", (3, 32): "<f4", (3, 64): "<f8"}
    width = form.bits // 8
    channels = form.align // width if width else 0
    data = data[: len(data) // form.align * form.align]
    if not channels or not data or channels * width != form.align:
        return None
    if (form.tag, form.bits) == (1, 24):
        triples = np.frombuffer(data, np.uint8).reshape(-1, 3).astype(np.int32)
        whole = triples[:, 0] | triples[:, 1] << 8 | (triples[:, 2] ^ 0x80) << 16
        return (whole - (1 << 23)).reshape(-1, channels).astype(np.float64)
    kind = kinds.get((form.tag, form.bits))
    return None if kind is None else np.frombuffer(data, kind).reshape(-1, channels).astype(np.float64)


def _swing(samples: np.ndarray) -> float:
    with np.errstate(invalid="ignore", over="ignore"):
        return float(np.abs(samples - samples.mean(axis=0)).mean())


def _roughness(samples: np.ndarray | None) -> float | None:
    """The step between neighbours relative to the swing; 1.4 for noise. None for silence."""
    if samples is None or len(samples) < 2:
        return None
    swing = _swing(samples)
    with np.errstate(invalid="ignore", over="ignore"):
        step = float(np.abs(np.diff(samples, axis=0)).mean())
    if not np.isfinite(swing) or not np.isfinite(step):
        return float("inf")
    return step / swing if swing > 1e-9 else None
