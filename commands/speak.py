"""`speak` and `voices`: speak a text into a sound file, and list the voices."""

from __future__ import annotations

import json
import sys
from typing import Annotated

import typer

from commands.speech_flags import Language, SpeechEngine, SpeechVoice, Speed, spoken_text
from media.documents.paths import given_path
from media.documents.quoting import whole
from media.documents.text import decoded
from media.errors import DocumentError, OutputError, TextError
from speech import registry
from speech.languages import LANGUAGES

STANDARD_INPUT = "-"
SUFFIX = ".wav"
MOST_BYTES = 1_000_000
"""Read from the standard input; far more than any text that is spoken."""


def speak(
    text: Annotated[
        str, typer.Argument(metavar="TEXT", help="What the voice says; - reads the standard input.")
    ],
    output: Annotated[
        str, typer.Option("--output", "-o", metavar="FILE", help="The .wav file to write.")
    ] = "voice.wav",
    language: Language = None,
    speech_engine: SpeechEngine = None,
    speech_voice: SpeechVoice = None,
    speed: Speed = None,
) -> None:
    """Speak a text into a sound file, as the voice of later videos.

    The file says that its voice is generated, and a video made from it says so, too.
    """
    from studio.settings import Settings
    from studio.speaking import write_spoken

    path = given_path(output)
    settings = Settings()
    if path.suffix.lower() != SUFFIX:
        raise OutputError(
            "{path} would be a WAV file; name it {name}.", path=path, name=path.with_suffix(SUFFIX).name
        )
    if text == STANDARD_INPUT:
        text = _standard_input()
    wish = spoken_text(text, language, speech_engine, speech_voice, speed)
    for note in write_spoken(wish, path, settings):
        print(f"note: {note}")
    print(f"{whole(path)}: {wish.chosen_voice().name}, {LANGUAGES[wish.chosen_language()].title}")


def _standard_input() -> str:
    try:
        return decoded(sys.stdin.buffer.read(MOST_BYTES))
    except DocumentError as error:
        raise TextError("The text on the standard input cannot be read: {reason}.", reason=error) from error


def voices(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List the speech engines, their languages and their voices."""
    if as_json:
        facts = {
            spec.name: {
                "title": spec.title,
                "about": spec.about,
                "licence": spec.licence,
                "voices": {voice.name: list(voice.languages) for voice in spec.voices},
            }
            for spec in registry.specs()
        }
        print(json.dumps(facts))
        return
    for spec in registry.specs():
        print(f"{spec.name}: {spec.title}. {spec.about} {spec.licence}.")
        for language in spec.languages:
            names = ", ".join(voice.name for voice in spec.voices_of(language))
            print(f"  {language:<6} {LANGUAGES[language].title}: {names}")
