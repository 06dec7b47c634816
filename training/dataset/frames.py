"""Stores the frames of a video as single files in one archive, from which any stretch can be read
directly.
"""

from __future__ import annotations

import os
import struct
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

import cv2
import numpy as np

from media.documents.archives import check_unpacked, open_archive
from media.documents.quoting import reason_of
from media.errors import DatasetError, DocumentError

COMPRESSION = 1
"""PNG's compression level, 0 to 9: more costs far more time than it saves space."""
MOST_PIXELS = 2**25
"""The largest size of a frame; prepared ones have 512x512, and 8K video has this many."""
_PNG = b"\x89PNG\r\n\x1a\n"
_HEAD = struct.Struct(">8s8x2L")
"""Signature, width and height of a PNG file."""
_PIECE = struct.Struct(">L4s")
"""Length and kind of a piece, which its bytes and a checksum follow."""
_CHECKSUM = 4
_LOCAL_HEADER = struct.Struct("<26xHH")
"""The lengths of name and extra field, after which an entry's bytes begin."""


class FrameArchive:
    """A zip of stored PNG files `000000.png` and so on, 25 for each second of the video.

    Keeps the positions of the frames and no open file, so it can be copied into other processes.
    """

    def __init__(self, path: Path | str) -> None:
        """Read the archive's index. Raises DatasetError if it is missing or not such an archive."""
        self.path = Path(path)
        try:
            size = self.path.stat().st_size
            with open_archive(self.path) as archive:
                check_unpacked(archive, size)
                entries = sorted(archive.infolist(), key=lambda entry: entry.filename)
        except (DocumentError, OSError) as error:
            reason = reason_of(error)
            raise DatasetError(
                "The frames {path} cannot be read ({reason}); delete their folder and prepare the videos "
                "again with --resume.",
                path=self.path,
                reason=reason,
            ) from None
        expected = [f"{number:06d}.png" for number in range(len(entries))]
        stored = all(entry.compress_type == zipfile.ZIP_STORED for entry in entries)
        if [entry.filename for entry in entries] != expected or not stored:
            raise DatasetError(
                "{path} does not contain stored frames named 000000.png to {last:06d}.png; prepare the "
                "videos again.",
                path=self.path,
                last=len(entries) - 1,
            )
        self._places = [(entry.header_offset, entry.file_size) for entry in entries]

    def __len__(self) -> int:
        return len(self._places)

    def read(self, start: int, stop: int) -> np.ndarray:
        """Frames start up to stop: (stop - start, H, W, 3) uint8 RGB.

        Raises IndexError unless 0 <= start < stop <= length, DatasetError for a damaged frame.
        """
        if not 0 <= start < stop <= len(self):
            raise IndexError(f"Frames {start} to {stop} of {len(self)} were asked for.")
        pictures = []
        try:
            with self.path.open("rb") as file:
                for number in range(start, stop):
                    pictures.append(self._frame(file, number))
            return np.stack(pictures)
        except (OSError, ValueError):  # an invalid place, or frames of several sizes
            raise self._damaged(start + len(pictures)) from None

    def _frame(self, file: BinaryIO, number: int) -> np.ndarray:
        offset, size = self._places[number]
        file.seek(offset)
        header = file.read(_LOCAL_HEADER.size)
        name, extra = _LOCAL_HEADER.unpack(header) if len(header) == _LOCAL_HEADER.size else (0, 0)
        file.seek(name + extra, os.SEEK_CUR)
        content = np.frombuffer(file.read(size), np.uint8)
        picture = decode_png(content) if len(content) == size else None
        if picture is None:
            raise self._damaged(number)
        return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)

    def _damaged(self, number: int) -> DatasetError:
        return DatasetError(
            "Frame {number} in {path} is damaged; delete its folder and prepare the videos again with "
            "--resume.",
            number=number,
            path=self.path,
        )


def decode_png(content: np.ndarray, flag: int = cv2.IMREAD_COLOR) -> np.ndarray | None:
    """The frame of a PNG file as OpenCV reads it, (H, W, 3) uint8 BGR or (H, W) for its grey flag.

    None if it is not a PNG, is damaged, or states more pixels than it has or than MOST_PIXELS, for which
    OpenCV would allocate memory first.
    """
    if not _is_whole(content.tobytes()):
        return None
    try:
        return cv2.imdecode(content, flag)
    except cv2.error:
        return None


def _is_whole(content: bytes) -> bool:
    """Whether a PNG has the chunks that it states, and an accepted size."""
    if len(content) < _HEAD.size:
        return False
    signature, width, height = _HEAD.unpack_from(content)
    if signature != _PNG or width * height > MOST_PIXELS:
        return False
    at, kind = len(_PNG), b""
    while kind != b"IEND" and at + _PIECE.size <= len(content):
        length, kind = _PIECE.unpack_from(content, at)
        at += _PIECE.size + length + _CHECKSUM
    return kind == b"IEND" and at <= len(content)


def write_frames(path: Path, frames: Iterable[np.ndarray]) -> int:
    """Write (H, W, 3) uint8 RGB frames into a new archive one by one. Returns their number.

    Nothing is compressed twice, so the size is that of the PNG files.
    """
    count = 0
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for frame in frames:
            done, content = cv2.imencode(
                ".png", cv2.cvtColor(frame, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_PNG_COMPRESSION, COMPRESSION]
            )
            if not done:
                raise ValueError(f"A frame of {frame.shape} {frame.dtype} cannot be written as PNG.")
            archive.writestr(f"{count:06d}.png", content.tobytes())
            count += 1
    return count
