"""File kinds that users try as a voice and that cannot be read, with the next step for each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class UnreadableKind:
    """A file kind in a message. advice: the next step, as the rest of a sentence."""

    name: str
    advice: str


_EXPORT = "export it as WAV or MP3."
_BOUGHT = "only its own player can open it, so record or buy the sound without copy protection."
_SILK = UnreadableKind(
    "a voice message of WeChat or QQ (SILK)",
    "convert it to WAV with a SILK decoder such as silk-v3-decoder, or play it and record it again.",
)
_MIDI = UnreadableKind("a MIDI file: notes and no sound", "render it to WAV, or record a voice.")
_SOUND = "choose a sound or video file."
_UNPACK = "unpack it and choose the sound in it."
_MAGIC = (
    (b"#!SILK", _SILK),
    (b"\x02#!SILK", _SILK),
    (b"MThd", _MIDI),
    (b"RIFF....RMID", _MIDI),
    (b"CTENFDAM", UnreadableKind("an encrypted song of NetEase Cloud Music (NCM)", _BOUGHT)),
    (b"\x7c\xd5\x32\xeb\x86\x02\x7f\x4b", UnreadableKind("an encrypted song of KuGou (KGM)", _BOUGHT)),
    (b"\x05\x28\xbc\x96\xe9\xe4\x5a\x43", UnreadableKind("an encrypted song of KuGou (VPR)", _BOUGHT)),
    (b"yeelion-kuwo", UnreadableKind("an encrypted song of Kuwo (KWM)", _BOUGHT)),
    (b"ifmt", UnreadableKind("an encrypted song of Xiami (XM)", _BOUGHT)),
    (b"%PDF", UnreadableKind("a PDF document", _SOUND)),
    (b"PK\x03\x04", UnreadableKind("a ZIP archive or an Office document", _UNPACK)),
    (b"Rar!", UnreadableKind("a RAR archive", _UNPACK)),
    (b"7z\xbc\xaf\x27\x1c", UnreadableKind("a 7-Zip archive", _UNPACK)),
    (b"\x89PNG", UnreadableKind("an image (PNG)", _SOUND)),
    (b"\xff\xd8\xff", UnreadableKind("an image (JPEG)", _SOUND)),
    (b"GIF8", UnreadableKind("an image (GIF)", _SOUND)),
    (b"RIFF....WEBP", UnreadableKind("an image (WebP)", _SOUND)),
    (b"II*\0", UnreadableKind("an image (TIFF)", _SOUND)),
    (b"MM\0*", UnreadableKind("an image (TIFF)", _SOUND)),
    (b"BM....\0\0\0\0", UnreadableKind("an image (BMP)", _SOUND)),
    (b"<!DOCTYPE", UnreadableKind("a web page", "download the sound itself.")),
    (b"<html", UnreadableKind("a web page", "download the sound itself.")),
    (b"#EXTM3U", UnreadableKind("a playlist", "choose the sound that it names.")),
    (b"[playlist]", UnreadableKind("a playlist", "choose the sound that it names.")),
    (b"caff", UnreadableKind("a Core Audio file with a codec that FFmpeg lacks", _EXPORT)),
    (b".ra\xfd", UnreadableKind("a RealAudio file with a codec that FFmpeg lacks", _EXPORT)),
)  # fmt: skip
"""Beginnings of files; a dot stands for any byte."""
_ENCRYPTED = (
    (b"drms", UnreadableKind("a copy-protected song of iTunes (M4P)", _BOUGHT)),
    (b"aavd", UnreadableKind("a copy-protected audiobook of Audible", _BOUGHT)),
    (b"enca", UnreadableKind("an encrypted track (DRM)", _BOUGHT)),
    (b"encv", UnreadableKind("an encrypted track (DRM)", _BOUGHT)),
)
_INDEX = 1 << 18  # bytes at the beginning and at the end of an MP4 file, where its index is
_BY_SUFFIX = {
    **dict.fromkeys(("silk", "slk"), _SILK),
    **dict.fromkeys(("mid", "midi", "kar"), _MIDI),
    **dict.fromkeys(
        ("qmc", "qmc0", "qmc2", "qmc3", "qmcflac", "qmcogg", "mflac", "mflac0", "mgg", "mgg1", "mggl",
         "bkcmp3", "bkcflac", "tkm"),
        UnreadableKind("an encrypted song of QQ Music", _BOUGHT),
    ),
    **dict.fromkeys(("ncm",), UnreadableKind("an encrypted song of NetEase Cloud Music (NCM)", _BOUGHT)),
    **dict.fromkeys(("kgm", "kgma", "vpr", "kgg"), UnreadableKind("an encrypted song of KuGou", _BOUGHT)),
    **dict.fromkeys(("kwm",), UnreadableKind("an encrypted song of Kuwo (KWM)", _BOUGHT)),
    **dict.fromkeys(("xm",), UnreadableKind("an encrypted song of Xiami (XM)", _BOUGHT)),
    **dict.fromkeys(("m4p",), UnreadableKind("a copy-protected song of iTunes (M4P)", _BOUGHT)),
    **dict.fromkeys(("aax", "aa", "aaxc"), UnreadableKind("a copy-protected audiobook of Audible", _BOUGHT)),
    **dict.fromkeys(("pcm", "raw", "sln"), UnreadableKind(
        "raw samples without a header", "save them as WAV, with their rate and number of channels.")),
    **dict.fromkeys(("aup", "aup3", "als", "flp", "logicx", "sesx", "cpr"), UnreadableKind(
        "the project of a sound editor", _EXPORT)),
    **dict.fromkeys(("sf2", "sfz", "mod", "it", "s3m"), UnreadableKind(
        "an instrument or tracker file", _EXPORT)),
}  # fmt: skip


def unreadable(path: Path) -> UnreadableKind | None:
    """The kind of a file that could not be opened, by its first bytes and then by its suffix."""
    try:
        with path.open("rb") as file:
            head = file.read(64)
    except OSError:
        return None
    for begin, kind in _MAGIC:
        if _begins(head, begin):
            return kind
    return _BY_SUFFIX.get(path.suffix[1:].lower())


def encrypted(path: Path) -> UnreadableKind | None:
    """The kind of an MP4 file whose sample entries are encrypted (ISO/IEC 14496-12, 8.12)."""
    try:
        with path.open("rb") as file:
            head = file.read(_INDEX)
            if head[4:8] != b"ftyp":
                return _BY_SUFFIX.get(path.suffix[1:].lower())
            file.seek(max(0, path.stat().st_size - _INDEX))
            index = head + file.read(_INDEX)
    except OSError:
        return None
    return next((kind for tag, kind in _ENCRYPTED if b"stsd" in index and tag in index), None)


def _begins(head: bytes, pattern: bytes) -> bool:
    return len(head) >= len(pattern) and all(
        want in (sign, 0x2E) for want, sign in zip(pattern, head, strict=False)
    )
