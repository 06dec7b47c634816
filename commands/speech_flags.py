"""The flags of a spoken text, for `animate --text` and `speak`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from media.errors import OptionError
from speech.registry import DEFAULT_SPEECH

Language = Annotated[
    str | None,
    typer.Option(
        "--language",
        metavar="CODE",
        help="The language of the text, such as en or zh; see `voices`. Default: the one of its letters.",
    ),
]
SpeechEngine = Annotated[
    str | None,
    typer.Option(
        "--speech-engine",
        metavar="NAME",
        help=f"The speech engine; see `voices`. Default: {DEFAULT_SPEECH}.",
    ),
]
SpeechVoice = Annotated[
    str | None,
    typer.Option(
        "--speech-voice",
        metavar="NAME",
        help="A voice of the speech engine; see `voices`. Default: the first of the language.",
    ),
]
Speed = Annotated[
    str | None,
    typer.Option("--speed", metavar="NUMBER", help="How fast the text is spoken. [0.5 to 2; default 1]"),
]


def spoken_text(
    text: str | None,
    language: str | None,
    speech_engine: str | None,
    speech_voice: str | None,
    speed: str | None,
) -> Any:
    """The text that the flags describe, a `studio.spoken_text.SpokenText`; None without one.

    Raises OptionError for a flag about a missing text, and the errors of `SpokenText`.
    """
    given = {"language": language, "engine": speech_engine, "voice": speech_voice, "speed": speed}
    wish = {name: value for name, value in given.items() if value is not None}
    if text is None:
        if wish:
            raise OptionError(
                "--language, --speech-engine, --speech-voice and --speed are for a text. Give one with "
                "--text, or leave them out."
            )
        return None
    from studio.spoken_text import SpokenText

    return SpokenText.model_validate({"text": text, **wish})
