"""Files that were joined end to end, as by `cat` and upload scripts; for WAV see `wav_parts`.

FFmpeg reads the first recording of such a file and ends there without an error. MP4 (ISO/IEC 14496-12), AIFF
(Apple's "Audio Interchange File Format 1.3"), Wave64 and CAF (Apple's "Core Audio Format Specification 1.0")
state their length, so that the next one's beginning is found without searching the sound. MP3, AAC, FLAC, Ogg
and Matroska do not: the beginnings of other recordings are searched for by signatures that sound does not
contain. FFmpeg itself continues from one MP3, AAC or Ogg to the next of its kind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from media.sound.file_part import FileBytes

_MOST_CHUNKS, _MOST_PARTS = 65_536, 1024
_OTHERS = (b"fLaC", b"OggS", b".snd", b"\x1aE\xdf\xa3")
_W64_RIFF = bytes.fromhex("726966662e91cf11a5d628db04c10000")
_W64_WAVE = bytes.fromhex("77617665f3acd3118cd100c04f8edb8a")


def joined_starts(data: FileBytes, start: int) -> list[int]:
    """The beginning of each recording, the first at `start`; only `start` if nothing is joined."""
    starts = [start]
    after = next((end for begins, end in _KINDS if begins(data, start)), None)
    while after is not None and len(starts) < _MOST_PARTS:
        at = after(data, starts[-1])
        if at is None or not _begins_any(data, at):
            break
        starts.append(at)
        after = next((end for begins, end in _KINDS if begins(data, at)), None)
    return starts


def begins_other(data: FileBytes, at: int, tagged: int) -> bool:
    """Whether a recording of a kind other than WAV begins at a position, for example after a WAV.

    tagged: where the content after an optional ID3 tag begins; without a tag, MP3 and AAC look too much like
    any other bytes.
    """
    if data[at : at + 4] in _OTHERS or any(begins(data, at) for begins, _ in _KINDS[:-1]):
        return True
    return tagged > at and _is_frame(data[tagged : tagged + 2])


def _begins_any(data: FileBytes, at: int) -> bool:
    is_wav = data[at : at + 4] in (b"RIFF", b"RF64", b"BW64") and data[at + 8 : at + 12] == b"WAVE"
    return is_wav or begins_other(data, at, at) or _begins_frames(data, at)


def _begins_mp4(data: FileBytes, at: int) -> bool:
    return data[at + 4 : at + 8] == b"ftyp"


def _after_mp4(data: FileBytes, at: int) -> int | None:
    """The next file's `ftyp`. One before a fragment that continues the count only repeats the header."""
    counted, header = None, None
    for name, start in _boxes(data, at):
        if start > at and name != b"ftyp" and _begins_any(data, start):
            return start
        if name == b"ftyp" and start > at:
            if header is not None:  # a file without fragments between two others
                return header
            header = start
        elif name == b"moof":
            number = int.from_bytes(data[start + 20 : start + 24], "big")  # of the `mfhd`, which is first
            if header is not None and (counted is None or number <= counted):
                return header
            counted, header = number, None
    return header


def _boxes(data: FileBytes, at: int) -> Iterator[tuple[bytes, int]]:
    """The names and positions of an MP4's boxes, up to one without a size."""
    for _ in range(_MOST_CHUNKS):
        head = data[at : at + 16]
        size = int.from_bytes(head[:4], "big")
        if len(head) < 8:
            return
        yield head[4:8], at
        if size == 1:
            size = int.from_bytes(head[8:16], "big")
        if size < 8:
            return
        at += size


def _begins_aiff(data: FileBytes, at: int) -> bool:
    return data[at : at + 4] == b"FORM" and data[at + 8 : at + 12] in (b"AIFF", b"AIFC")


def _after_aiff(data: FileBytes, at: int) -> int | None:
    size = int.from_bytes(data[at + 4 : at + 8], "big")
    return at + 8 + size + size % 2 if size else None


def _begins_w64(data: FileBytes, at: int) -> bool:
    return data[at : at + 16] == _W64_RIFF and data[at + 24 : at + 40] == _W64_WAVE


def _after_w64(data: FileBytes, at: int) -> int | None:
    size = int.from_bytes(data[at + 16 : at + 24], "little")
    return next((end for end in (at + size, at + size + -size % 8) if _begins_w64(data, end)), None)


def _begins_caf(data: FileBytes, at: int) -> bool:
    return data[at : at + 6] == b"caff\0\1"


def _after_caf(data: FileBytes, at: int) -> int | None:
    at += 8
    for _ in range(_MOST_CHUNKS):
        if _begins_any(data, at):
            return at
        size = int.from_bytes(data[at + 4 : at + 12], "big", signed=True)
        if size < 0 or at >= len(data):  # -1 is "until the end of the file"
            return None
        at += 12 + size
    return None


_SIGNATURE = re.compile(
    rb"ftyp(?=[ -~]{4})|fLaC[\x00\x80]\x00\x00\x22|WAVEfmt |OggS\x00\x02|\x1aE\xdf\xa3"
    rb"|caff\x00\x01\x00\x00desc|AIF[FC](?=COMM|FVER)|ID3[\x02-\x04]\x00[^\x80-\xff][\x00-\x7f]{4}"
)
_BEFORE = {b"ftyp": 4, b"WAVE": 8, b"AIFF": 8, b"AIFC": 8}
"""Bytes of a recording before its signature."""
_BOXES = (b"moov", b"mdat", b"moof", b"free", b"skip", b"wide", b"uuid", b"styp", b"sidx")
_OGG_CODECS = (b"OpusHead", b"\x01vorbis", b"\x7fFLAC", b"Speex   ")
_FLAC_SETUPS, _SETUP = (b"\x7fFLAC", b"\x63\xa2"), 12
"""What precedes the FLAC header that Ogg (xiph.org/flac/ogg_mapping.html) and Matroska (RFC 9559,
CodecPrivate) carry in their own: no recording begins there.
"""
_STEP, _OVERLAP = 1 << 20, 64


def _begins_stream(data: FileBytes, at: int) -> bool:
    return data[at : at + 4] in (b"fLaC", b"OggS", b"\x1aE\xdf\xa3") or _begins_frames(data, at)


def _begins_frames(data: FileBytes, at: int) -> bool:
    """Whether MP3 or AAC begins exactly here, with or without a tag; elsewhere, two bytes would
    prove little.
    """
    head = data[at : at + 4]
    return (head[:3] == b"ID3" and head[3:] < b"\x05") or _is_frame(head)


def _is_frame(head: bytes) -> bool:
    return len(head) >= 2 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0


def _after_stream(data: FileBytes, at: int) -> int | None:
    """The first beginning of a recording after a stream without a length; None if there is none."""
    own = b"ID3" if _begins_frames(data, at) else data[at : at + 4]
    joins_itself = own != b"fLaC"
    for start in range(at + 1, len(data), _STEP):
        for found in _SIGNATURE.finditer(data[start : start + _STEP + _OVERLAP]):
            place = start + found.start() - _BEFORE.get(found[0][:4], 0)
            other = not joins_itself or data[place : place + len(own)] != own
            if place > at and other and _is_beginning(data, place, found[0][:4]):
                return place
    return None


def _is_beginning(data: FileBytes, at: int, signature: bytes) -> bool:
    head = data[at : at + 128]
    if signature == b"ftyp":
        size = int.from_bytes(head[:4], "big")
        return 16 <= size <= 512 and size % 4 == 0 and data[at + size + 4 : at + size + 8] in _BOXES
    if signature == b"WAVE":
        return head[:4] in (b"RIFF", b"RF64", b"BW64")
    if signature == b"OggS":
        return any(codec in head for codec in _OGG_CODECS)
    if signature[:3] == b"ID3":
        size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
        return _is_frame(data[at + 10 + size : at + 12 + size])
    if signature == b"\x1aE\xdf\xa3":
        return b"webm" in head or b"matroska" in head
    if signature == b"fLaC":
        return not any(mark in data[max(0, at - _SETUP) : at] for mark in _FLAC_SETUPS)
    return head[:4] == b"FORM" if signature in (b"AIFF", b"AIFC") else True


_Begins = Callable[[FileBytes, int], bool]
_After = Callable[[FileBytes, int], "int | None"]
_KINDS: tuple[tuple[_Begins, _After], ...] = (
    (_begins_mp4, _after_mp4),
    (_begins_aiff, _after_aiff),
    (_begins_w64, _after_w64),
    (_begins_caf, _after_caf),
    (_begins_stream, _after_stream),
)
