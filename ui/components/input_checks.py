"""Checks that a visitor's inputs are complete, and which clicks belong to them."""

from __future__ import annotations

from pathlib import Path

from media.errors import PortraitError, VoiceError
from studio.spoken_text import SpokenText
from ui.components.portrait_picker import Picked
from ui.components.typed_text import SpokenFile


def portrait_and_voice(portrait: str | None, voice: str | None) -> tuple[Path, Path]:
    """The two files. Raises PortraitError or VoiceError for the missing one."""
    picture = needed_portrait(portrait)
    return picture, Path(needed_voice(voice))


def portrait_and_sound(
    portrait: str | None, voice: str | None, spoken: SpokenFile | None, typed: SpokenText | None
) -> tuple[Path, Path | SpokenText]:
    """The portrait, and the sound of `sound_of`. Raises PortraitError or VoiceError for the missing one."""
    return needed_portrait(portrait), sound_of(voice, spoken, typed)


def sound_of(voice: str | None, spoken: SpokenFile | None, typed: SpokenText | None) -> Path | SpokenText:
    """The voice or, without one, the text to speak.

    spoken: the last spoken text. If the text has changed since, the new one counts. typed: None without a
    text. Raises VoiceError if there is neither.
    """
    changed = spoken is not None and spoken.path == voice and spoken.wish != typed
    if typed is not None and (changed or not voice):
        return typed
    return Path(needed_voice(voice))


def needed_portrait(portrait: str | None) -> Path:
    """The portrait's file. Raises PortraitError if there is none."""
    if not portrait:
        raise PortraitError(
            "There is no portrait yet. Upload one, take one with the camera or choose an example."
        )
    return Path(portrait)


def needed_voice(voice: str | None) -> str:
    """The voice. Raises VoiceError if there is none."""
    if not voice:
        raise VoiceError(
            "There is no voice yet. Upload a recording, record your voice, type a text, or choose an example."
        )
    return voice


def current_pick(picked: Picked | None, portrait: str | None) -> Picked | None:
    """The chosen face and points, if they belong to this image: examining a new one takes a moment."""
    return picked if picked is not None and picked.portrait == portrait else None
