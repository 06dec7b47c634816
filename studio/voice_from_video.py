"""Extracts the sound of a video, or of any file that a browser cannot play, into a playable file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from media.errors import OutputError
from studio.decoding import decoding_for
from studio.settings import Settings


@dataclass(frozen=True)
class TakenSound:
    """path: a FLAC file. notes: for the user, such as which of several audio tracks was taken."""

    path: Path
    notes: tuple[str, ...]


def take_sound(source: Path, folder: Path, settings: Settings, *, track: int | None = None) -> TakenSound:
    """Write the sound into an existing folder, under the source's name.

    Raises VoiceError if the source has no readable sound, and OutputError if the file cannot be written.
    """
    import av

    from media.sound.flac import write_flac  # late: imports the encoders

    sound, blocks = decoding_for(settings).open_sound(source, track=track)
    path = folder / f"{source.stem or 'voice'}.flac"
    try:
        late = write_flac(path, sound, blocks, settings.max_seconds)
    except (OSError, av.error.FFmpegError) as error:
        raise OutputError(
            'The sound of "{name}" cannot be stored: {reason}.', name=source.name, reason=error.strerror
        ) from error
    return TakenSound(path, (*sound.notes, *late))
