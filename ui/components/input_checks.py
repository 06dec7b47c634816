"""Checks that a visitor's inputs are complete, and which clicks belong to them."""

from __future__ import annotations

from pathlib import Path

from media.errors import PortraitError, SpeechError
from ui.components.portrait_picker import Picked


def portrait_and_voice(portrait: str | None, voice: str | None) -> tuple[Path, Path]:
    """The two files. Raises PortraitError or SpeechError for the missing one."""
    picture = needed_portrait(portrait)
    if not voice:
        raise SpeechError(
            "There is no voice yet. Upload a recording, record your voice, type a text and press Listen, or "
            "choose an example."
        )
    return picture, Path(voice)


def needed_portrait(portrait: str | None) -> Path:
    """The portrait's file. Raises PortraitError if there is none."""
    if not portrait:
        raise PortraitError(
            "There is no portrait yet. Upload one, take one with the camera or choose an example."
        )
    return Path(portrait)


def current_pick(picked: Picked | None, portrait: str | None) -> Picked | None:
    """The chosen face and points, if they belong to this image: examining a new one takes a moment."""
    return picked if picked is not None and picked.portrait == portrait else None
