"""The blocks of a GIF file (CompuServe, GIF89a): counts its frames, reads and writes its comment."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from media.errors import InputError
from media.output_file import OutputFile

SIGNATURES = (b"GIF87a", b"GIF89a")
LONGEST_COMMENT = 1_000_000
"""Largest number of bytes of comments; ours have a few thousand."""
_COMMENT, _EXTENSION, _IMAGE, _TRAILER = 0xFE, 0x21, 0x2C, 0x3B


@dataclass(frozen=True)
class GifFacts:
    """The facts of a GIF. frames: number of images. comment: its comments as one text. whole: whether it has
    an end.
    """

    frames: int
    comment: str
    whole: bool


def is_gif(path: Path) -> bool:
    """Whether a file begins like a GIF."""
    try:
        with path.open("rb") as file:
            return file.read(6) in SIGNATURES
    except OSError:
        return False


def read_gif(path: Path) -> GifFacts:
    """Read the blocks; nothing is decoded. Raises InputError for a file that is not a GIF."""
    frames, comment, whole = 0, b"", False
    with path.open("rb") as file:
        _pass_header(file, path)
        while kind := file.read(1):
            if kind[0] == _TRAILER:
                whole = True
                break
            if kind[0] == _IMAGE:
                place = file.read(9)
                if len(place) < 9:
                    break
                file.seek(_table_bytes(place[8]) + 1, 1)  # a colour table, and the size of codes
                _pass_pieces(file)
                frames += 1
            elif kind[0] == _EXTENSION:
                if (label := file.read(1)) and label[0] == _COMMENT:
                    comment += _read_pieces(file, LONGEST_COMMENT - len(comment))
                else:
                    _pass_pieces(file)
            else:
                break
    return GifFacts(frames, comment.decode("utf-8", "replace"), whole)


def add_comment(path: Path, text: str) -> None:
    """Add a comment before the first frame. Raises InputError for a file that is not a GIF, and OSError."""
    written = OutputFile(path)
    try:
        with path.open("rb") as old, written.path.open("r+b") as new:
            _pass_header(old, path)
            begin = old.tell()
            old.seek(0)
            new.write(old.read(begin))
            content = text.encode("utf-8")
            pieces = (content[at : at + 255] for at in range(0, len(content), 255))
            block = b"".join(bytes([len(piece)]) + piece for piece in pieces)
            new.write(bytes([_EXTENSION, _COMMENT]) + block + b"\0")
            shutil.copyfileobj(old, new)
            new.truncate()
    except BaseException:
        written.discard()
        raise
    written.keep()


def _pass_header(file: BinaryIO, path: Path) -> None:
    header = file.read(13)
    if len(header) < 13 or header[:6] not in SIGNATURES:
        raise InputError('"{name}" is not a GIF; export it again.', name=path.name)
    file.seek(_table_bytes(header[10]), 1)


def _table_bytes(flags: int) -> int:
    """Bytes of the colour table that the flags announce."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _pass_pieces(file: BinaryIO) -> None:
    while (size := file.read(1)) and size[0]:
        file.seek(size[0], 1)


def _read_pieces(file: BinaryIO, most: int) -> bytes:
    pieces = b""
    while (size := file.read(1)) and size[0]:
        piece = file.read(size[0])
        if len(pieces) < most:
            pieces += piece
    return pieces[: max(0, most)]
