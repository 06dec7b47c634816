"""What the page shows about a voice: its length and its format."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from studio.decoding import decoding_for
from studio.settings import Settings


@dataclass(frozen=True)
class VoiceView:
    """duration: seconds. description: the file in a few words, as in "mp3, 44100 Hz, stereo, 12.3 s".

    notes: for the user. track, tracks: which of the file's audio tracks it is, from 1, and their number.
    """

    duration: float
    description: str
    notes: tuple[str, ...] = ()
    track: int | None = None
    tracks: int = 1


def view_voice(
    source: Path | str, *, settings: Settings | None = None, track: int | None = None
) -> VoiceView:
    """Read a voice as a job would. Raises VoiceError for an unusable one."""
    from media.voice import open_voice  # late: imports the decoders

    settings = settings or Settings()
    speech = open_voice(
        source, max_seconds=settings.max_seconds, decoding=decoding_for(settings), track=track
    )
    return VoiceView(speech.duration, speech.description, speech.notes, speech.track, speech.tracks)
