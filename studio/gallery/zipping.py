"""Several takes as one zip that is written while it is sent: nothing is stored, and memory stays constant."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from typing import IO

from media.errors import InputError
from studio.downloads import GONE, Download, DownloadKind, download_of
from studio.gallery.spoken_texts import spoken_text_of
from studio.gallery.takes import Take
from studio.settings import Settings

MOST = 20
"""Takes in one zip."""
KINDS: tuple[DownloadKind, ...] = ("video", "settings", "preset")
CHUNK = 1 << 20
"""Bytes read from a video at a time."""


def zip_of(takes: Sequence[Take], settings: Settings, look: Callable[[], object]) -> Iterator[bytes]:
    """The bytes of a zip with a folder for each take: its video, its settings and its preset.

    look: called before each piece; raises InputError once a take may no longer be read. Also raises
    InputError for a missing file, and OutputError if the history cannot be used.
    """
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as packed:  # videos do not compress further
        for number, take in enumerate(takes, 1):
            spoken = spoken_text_of(take.entry.result.job_id, settings)
            for kind in KINDS:
                look()
                file = download_of(take.entry.result, kind, spoken=spoken)
                info = zipfile.ZipInfo(
                    f"{number:02}-{_folder(take)}/{file.name}",
                    take.entry.created.astimezone().timetuple()[:6],
                )
                for _ in _written(packed, info, file):
                    yield from sink.taken()
                    look()
    yield from sink.taken()


def _written(packed: zipfile.ZipFile, info: zipfile.ZipInfo, file: Download) -> Iterator[None]:
    """Write a file into a zip; a piece after each step."""
    if isinstance(file.content, bytes):
        packed.writestr(info, file.content)
        yield
        return
    try:
        with file.content.open("rb") as source:
            info.file_size = file.content.stat().st_size  # beyond 2 GB, the format is another
            with packed.open(info, "w") as target:
                yield from _copied(source, target)
    except OSError as error:
        raise InputError(GONE) from error


def _copied(source: IO[bytes], target: IO[bytes]) -> Iterator[None]:
    while piece := source.read(CHUNK):
        target.write(piece)
        yield


def _folder(take: Take) -> str:
    """The take's name in characters that every file system accepts."""
    plain = re.sub(r"[^\w-]+", "-", take.name).strip("-")[:40]
    return plain or f"take-{take.number}"


class _Sink(io.RawIOBase):
    """A stream that cannot go back; `taken` gives what was written since the last call."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: object) -> int:
        self._pieces.append(bytes(piece))  # type: ignore[call-overload]
        return len(self._pieces[-1])

    def taken(self) -> Iterator[bytes]:
        pieces, self._pieces = self._pieces, []
        yield from pieces
