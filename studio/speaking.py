"""Speaks a text: as the voice of a job, or into a file."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from media.documents.quoting import quoted
from media.errors import VoiceError
from media.messages import said
from speech import registry
from speech.base import Unspoken
from speech.text import checked_text
from studio.settings import Settings
from studio.spoken_text import SpokenText

if TYPE_CHECKING:
    import numpy as np

    from media.voice import Voice

UNSPOKEN = 5
"""Number of unspoken characters that a note quotes."""


@dataclass(frozen=True)
class Speaking:
    """A text while it is spoken: the facts of the voice, and its sound block by block.

    rate: samples per second. facts: with the keys of `media.sound.generated`. blocks: (n,) float32 mono.
    Closing them stops the work. left: the unspoken characters, complete when the blocks have ended.
    """

    rate: int
    facts: dict[str, Any]
    blocks: Generator[np.ndarray, None, None]
    left: list[str]

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes for the user, once the blocks have ended."""
        letters = "".join(dict.fromkeys("".join(self.left)))
        if not letters:
            return ()
        return (
            said(
                "1 character of the text was not spoken: {first}."
                if len(letters) == 1
                else "{count} characters of the text were not spoken: {first}.",
                count=len(letters),
                first=quoted(letters[:UNSPOKEN]),
            ),
        )


def start_speaking(wish: SpokenText, settings: Settings) -> Speaking:
    """Start to speak a text.

    Raises TextError for a text that is empty or too long, OptionError for a voice that does not exist,
    WeightsMissing and EngineError if the speech engine cannot start. The blocks raise VoiceError beyond the
    longest voice, and the errors of `SpeechEngine.speak`.
    """
    text = checked_text(wish.text, settings.text_characters)
    voice, language = wish.chosen_voice(), wish.chosen_language()
    engine = registry.load(wish.engine)
    facts: dict[str, Any] = {
        "engine": wish.engine, "voice": voice.name, "language": language, "speed": wish.speed,
    }  # fmt: skip
    if engine.random_weights:
        facts["random_weights"] = True
    left: list[str] = []

    def blocks() -> Generator[np.ndarray, None, None]:
        most, count = settings.max_seconds * engine.rate, 0
        pieces = engine.speak(text, language, voice, wish.speed)
        try:
            for piece in pieces:
                if isinstance(piece, Unspoken):
                    left.append(piece.characters)
                    continue
                count += len(piece)
                if count > most:
                    raise VoiceError(
                        "The text takes longer than {max_seconds:g} s to speak; shorten it, or raise its "
                        "speed from {speed:g}.",
                        max_seconds=settings.max_seconds,
                        speed=wish.speed,
                    )
                yield piece
        finally:
            if isinstance(pieces, Generator):
                pieces.close()

    return Speaking(engine.rate, facts, blocks(), left)


def spoken_speech(wish: SpokenText, settings: Settings) -> Voice:
    """The voice of a job that has a text. Raises the errors of `start_speaking`, and VoiceError for
    silence.
    """
    import numpy as np

    from media.voice import open_voice

    speaking = start_speaking(wish, settings)
    with closing(speaking.blocks) as blocks:
        pieces = [np.round(block.clip(-1, 1) * 32767).astype(np.int16) for block in blocks]
    sound = np.concatenate([np.zeros(0, np.int16), *pieces])
    speech = open_voice((speaking.rate, sound), max_seconds=settings.max_seconds, generated=speaking.facts)
    return replace(speech, notes=(*speech.notes, *speaking.notes))


def write_spoken(wish: SpokenText, path: Path, settings: Settings) -> tuple[str, ...]:
    """Speak a text into a WAV file, whose metadata says that it is generated. Returns notes for the user.

    Raises the errors of `start_speaking`, and OutputError.
    """
    seconds = speaking_into(wish, path, settings)
    while True:
        try:
            next(seconds)
        except StopIteration as end:
            notes: tuple[str, ...] = end.value
            return notes


def speaking_into(
    wish: SpokenText, path: Path, settings: Settings
) -> Generator[float, None, tuple[str, ...]]:
    """The same step by step: yields the seconds spoken so far.

    The file gets its name at the end of the generator; closing it earlier leaves no file.
    """
    from media.output_file import OutputFile, explain_output_error
    from media.sound.generated import write_wav

    speaking = start_speaking(wish, settings)
    file = OutputFile(path)
    try:
        with closing(speaking.blocks) as blocks:
            for samples in write_wav(file.path, speaking.rate, blocks, speaking.facts):
                yield samples / speaking.rate
    except OSError as error:
        file.discard()
        raise explain_output_error(error, path) from None
    except BaseException:
        file.discard()
        raise
    file.keep()
    return speaking.notes
