"""Opens a sound file, or a part of one, without letting it open anything else."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import av
from av.container import InputContainer

from media.documents.quoting import LONG, quoted
from media.errors import VoiceError
from media.sound.file_part import FilePart
from media.unreadable_kinds import encrypted, unreadable

# Playlists and the like name further files and addresses: a voice must not make us open those.
OPEN_OPTIONS = {
    "protocol_whitelist": "file",
    "format_whitelist": ",".join(
        (
            "wav,w64,aiff,caf,au,mp3,aac,flac,ogg,matroska,webm,mov,mp4,m4a,3gp,asf,avi,mpegts,mpeg,flv",
            "ac3,eac3,amr,amrnb,amrwb,ape,wv,tta,voc,mp2,oma,dts,tak,mpc,mpc8,sox,rm,xwma,nut,dsf,iff",
        )
    ),
}


@contextlib.contextmanager
def opened(path: Path, part: FilePart | None = None) -> Iterator[InputContainer]:
    """The container, closed at the end of the block. Raises VoiceError if it cannot be opened."""
    with contextlib.ExitStack() as stack:
        try:
            file = str(path.absolute()) if part is None else stack.enter_context(part.open())
            container = av.open(file, options=OPEN_OPTIONS, metadata_errors="replace")
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise cannot_open(path, error) from None
        yield stack.enter_context(container)


def no_decoder(path: Path) -> VoiceError:
    """The error for a track whose codec FFmpeg does not know, or cannot detect because of encryption."""
    if kind := encrypted(path):
        return VoiceError(
            '"{name}" is not a readable audio file: it is {kind}; {advice}',
            name=path.name,
            kind=kind.name,
            advice=kind.advice,
        )
    return VoiceError('The sound in "{name}" has an unknown codec; export it as WAV or MP3.', name=path.name)


def cannot_open(path: Path, error: Exception) -> VoiceError:
    """The error for a file that cannot be opened."""
    if isinstance(error, FileNotFoundError):
        return VoiceError('There is no voice at "{path}"; check the path.', path=quoted(str(path), LONG))
    if isinstance(error, (PermissionError, IsADirectoryError)):
        return VoiceError(
            'The voice "{path}" cannot be read: {reason}.',
            path=quoted(str(path), LONG),
            reason=error.strerror,
        )
    try:
        size = path.stat().st_size
    except OSError:
        size = 0
    if size == 0:
        return VoiceError('The voice "{name}" is empty (0 bytes); record it again.', name=path.name)
    if kind := unreadable(path):
        return VoiceError(
            '"{name}" is not a readable audio file: it is {kind}; {advice}',
            name=path.name,
            kind=kind.name,
            advice=kind.advice,
        )
    reason = getattr(error, "strerror", None) or str(error)
    return VoiceError(
        '"{name}" ({size} bytes) is not a readable audio file ({reason}); use WAV, MP3, M4A, FLAC, OGG or '
        "WebM, or a video with sound.",
        name=path.name,
        size=size,
        reason=reason,
    )
