"""The sound of any file or array as a stream of float blocks; only one block is in memory."""

from __future__ import annotations

from media.sound.array import open_array
from media.sound.file import open_file
from media.sound.format import SoundBlocks, SoundFormat, SoundSource
from media.sound.opening import OPEN_OPTIONS

__all__ = ["OPEN_OPTIONS", "SoundBlocks", "SoundFormat", "SoundSource", "open_sound"]


def open_sound(source: SoundSource, *, track: int | None = None) -> tuple[SoundFormat, SoundBlocks]:
    """The format of a sound and its blocks, (n, channels) float32 with full scale 1.

    The first sample is the track's first; later ones are placed by their timestamps, with silence in holes
    (`media.sound.placement`). Close the iterator to close the file; its return value is the notes that only
    reading could show. track: which audio track of a file, from 1; None takes the one most like a voice.

    Raises VoiceError, immediately or during reading, if the sound cannot be decoded.
    """
    if isinstance(source, tuple):
        return open_array(*source)
    return open_file(source, track)
