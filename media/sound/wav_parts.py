"""The sound that a WAV file really contains, even if its header states another length.

FFmpeg reads the data chunk at its claimed length and stops there. Recorders that were switched off leave 0 or
0xFFFFFFFF, scripts join files end to end, taggers write ID3 before the RIFF header. RIFF: Microsoft's
"Multimedia Programming Interface and Data Specifications 1.0"; RF64 and BW64: EBU Tech 3306 and ITU-R
BS.2088.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from media.messages import said
from media.sound.file_part import FileBytes, FilePart
from media.sound.joined import begins_other, joined_starts
from media.sound.wav_format import WavFormat, goes_on, loudest, wav_format

_RIFFS = (b"RIFF", b"RF64", b"BW64")
_OPEN_END = 0x7FFFF000
"""Sizes from here on mean "until the end": writers that do not know the final length use them."""
_MOST_CHUNKS, _MOST_PARTS, _MOST_TAGS = 4096, 1024, 8


@dataclass
class _Chunk:
    name: bytes
    start: int
    size: int


@dataclass
class WavParts:
    """The parts with sound in a file, in order. plain: FFmpeg reads the file correctly as it is."""

    parts: list[FilePart] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    plain: bool = True


def find_parts(path: Path) -> WavParts:
    """Read a file's chunks. Other kinds than WAV are plain, unless joined or preceded by a tag.

    Notes say how many seconds are missing or were not read. Raises OSError.
    """
    found = WavParts()
    with path.open("rb") as file:
        data = FileBytes(file)
        start = _after_tags(data)
        if not _is_wav(data, start):
            starts = joined_starts(data, start)
            if len(starts) > 1:
                ends = [*starts[1:], len(data)]
                found.parts += [FilePart(path, at, end - at) for at, end in zip(starts, ends, strict=True)]
                found.plain = False
                return found
            # FFmpeg itself searches for MP3 and AAC frames, which begin with 0xFF, after ID3.
            if start and not (data[:3] == b"ID3" and data[start : start + 1] == b"\xff"):
                found.parts.append(FilePart(path, start, len(data) - start))
                found.plain = False
            return found
        found.plain = start == 0
        at: int | None = start
        while at is not None and len(found.parts) < _MOST_PARTS:
            at = _Riff(path, data, at, found).read()
    if len(found.parts) != 1 or found.notes:
        found.plain = False
    if not found.parts:  # no sound at all, which FFmpeg reports best
        found.plain = True
    return found


def _after_tags(data: FileBytes, start: int = 0) -> int:
    """The end of the ID3v2 and APEv2 tags that begin at a position; the position itself if they never end."""
    at = start
    for _ in range(_MOST_TAGS):
        tag = data[at : at + 32]
        if tag[:3] == b"ID3" and len(tag) >= 10 and max(tag[6:10]) < 0x80:
            size = tag[6] << 21 | tag[7] << 14 | tag[8] << 7 | tag[9]
            at += 10 + size + (10 if tag[5] & 0x10 else 0)
        elif tag[:8] == b"APETAGEX" and len(tag) == 32:
            at += 32 + int.from_bytes(tag[12:16], "little")
        else:
            break
    return at if at < len(data) else start


def _is_wav(data: FileBytes, at: int) -> bool:
    return data[at : at + 4] in _RIFFS and data[at + 8 : at + 12] == b"WAVE"


class _Riff:
    """One RIFF form inside a file."""

    def __init__(self, path: Path, data: FileBytes, start: int, found: WavParts) -> None:
        self._path, self._data, self._found = path, data, found
        self._start = start
        self._format: WavFormat | None = None
        self._long: int | None = None
        size = int.from_bytes(data[start + 4 : start + 8], "little")
        self._claims_all = start + 8 + size >= len(data) - 1

    def read(self) -> int | None:
        """Add this form's sound. Returns the position of the next form, None at the end of the file."""
        at = self._start + 12
        for _ in range(_MOST_CHUNKS):
            if _is_wav(self._data, at):
                self._found.plain = False
                return at
            if self._found.parts and self._is_other(at):
                self._found.parts.append(FilePart(self._path, at, len(self._data) - at))
                return None
            chunk = self._chunk(at)
            if chunk is None:
                return None
            end = chunk.start + chunk.size
            if chunk.name == b"fmt " and chunk.size >= 16:
                self._format = wav_format(self._data[chunk.start : chunk.start + min(chunk.size, 4096)])
            elif chunk.name == b"ds64" and chunk.size >= 16:
                self._long = int.from_bytes(self._data[chunk.start + 8 : chunk.start + 16], "little")
            elif chunk.name == b"data" and self._format is not None:
                end = self._sound(chunk, self._format)
            at = self._next(end)
        return None

    def _is_other(self, at: int) -> bool:
        return begins_other(self._data, at, _after_tags(self._data, at))

    def _chunk(self, at: int) -> _Chunk | None:
        head = self._data[at : at + 8]
        if len(head) < 8 or not all(0x20 <= sign < 0x7F for sign in head[:4]):
            return None
        return _Chunk(head[:4], at + 8, int.from_bytes(head[4:], "little"))

    def _next(self, end: int) -> int:
        """The beginning of the next chunk: chunks have even lengths, but not every writer knows that."""
        padded = end + (end - self._start) % 2
        if padded != end and self._fits(end) and not self._fits(padded):
            self._found.plain = False
            return end
        return padded

    def _fits(self, at: int) -> bool:
        if at >= len(self._data) or _is_wav(self._data, at) or self._is_other(at):
            return True
        if self._data[at : at + 3] in (b"TAG", b"ID3") or self._data[at : at + 8] == b"APETAGEX":
            return True
        chunk = self._chunk(at)
        return chunk is not None and (
            chunk.start + chunk.size <= len(self._data) + 1 or chunk.name == b"data"
        )

    def _sound(self, chunk: _Chunk, form: WavFormat) -> int:
        """Add the sound of a data chunk. Returns its end."""
        there = len(self._data) - chunk.start
        size = chunk.size
        if size == 0xFFFFFFFF and self._long is not None:
            size = self._long
        open_end = size >= _OPEN_END or (size == 0 and not self._fits(chunk.start) and there > 0)
        if not open_end and size > there:
            missing = (size - there) / form.bytes_per_second
            if missing > 0.1 and missing > 0.02 * size / form.bytes_per_second:
                self._found.notes.append(
                    said(
                        "The voice is truncated: the file contains {there:.1f} s of the {size:.1f} s that "
                        "its header states.",
                        there=there / form.bytes_per_second,
                        size=size / form.bytes_per_second,
                    )
                )
        if open_end or size > there:
            size = self._until_next_form(chunk.start, there)
        elif not self._fits(self._next(chunk.start + size)) and there - size >= form.align:
            self._found.plain = False
            size = self._beyond(chunk.start, size, there, form)
        if size and (open_end or size != chunk.size):
            self._found.plain = False
        if size:
            self._found.parts.append(_part(self._path, chunk.start, size, form))
        return chunk.start + size

    def _until_next_form(self, start: int, there: int) -> int:
        """Bytes up to a form that was joined after sound of unknown length."""
        for at in _found(self._data, b"WAVEfmt ", start + 8):
            if _is_wav(self._data, at - 8):
                return at - 8 - start
        return there

    def _beyond(self, start: int, size: int, there: int, form: WavFormat) -> int:
        """How far sound continues after its claimed end, if no chunk follows."""
        reach = self._until_next_form(start + size, there - size)
        rest = reach / form.bytes_per_second
        before = loudest(self._data, start, size, form)
        after = loudest(self._data, start + size, reach, form)
        if goes_on(before, after, self._claims_all):
            return size + reach
        if rest > 0.05:
            self._found.notes.append(
                said(
                    "{rest:.1f} s after the voice's end ({size:.1f} s according to its header) were not "
                    "read because they do not look like sound. If something is missing, export the file "
                    "again.",
                    rest=rest,
                    size=size / form.bytes_per_second,
                )
            )
        return size if reach == there - size else size + reach


def _found(data: FileBytes, wanted: bytes, at: int) -> Iterator[int]:
    while (at := data.find(wanted, at)) >= 0:
        yield at
        at += 1


def _part(path: Path, start: int, size: int, form: WavFormat) -> FilePart:
    stated = size if size < _OPEN_END else 0  # 0 is "until the end" to FFmpeg
    body = b"WAVEfmt " + struct.pack("<I", len(form.chunk)) + form.chunk
    body += b"\0" * (len(form.chunk) % 2) + b"data" + struct.pack("<I", stated)
    header = b"RIFF" + struct.pack("<I", min(len(body) + stated, 0xFFFFFFFF)) + body
    return FilePart(path, start, size, header, size / form.bytes_per_second)
