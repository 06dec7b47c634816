"""The text in the text box, and the last spoken one."""

from __future__ import annotations

from typing import NamedTuple

from studio.spoken_text import SpokenText


class SpokenFile(NamedTuple):
    """The last spoken file, and its text."""

    path: str
    wish: SpokenText


def typed_text(text: str | None, language: str | None, chosen: str, speed: float) -> SpokenText | None:
    """The text in the box; None if it is empty. Raises the errors of `SpokenText`.

    chosen: as in the list of voices, such as "espeak/woman".
    """
    return wish_of(text, language, chosen, speed) if text and text.strip() else None


def wish_of(text: str, language: str | None, chosen: str, speed: float) -> SpokenText:
    """The same for a text that may be empty, which `SpokenText` refuses."""
    engine, _, voice = chosen.partition("/")
    return SpokenText(text=text, engine=engine, language=language or None, voice=voice, speed=speed)
