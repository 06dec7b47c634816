"""A text to be spoken as the voice of a job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ModelWrapValidatorHandler, ValidationError, model_validator

from engines.marks.tagged import emotion_tag
from media.documents.quoting import quoted, shown
from media.errors import OptionError, TextError
from media.messages import OptionName
from speech import registry
from speech.base import SpeechVoice
from speech.languages import LANGUAGES, foreign, guessed
from speech.registry import DEFAULT_SPEECH
from speech.text import check_language, checked_text
from studio.options import explain, option

LONGEST = 100_000
"""Characters of any text; the settings limit it further when it is spoken."""


FIELDS = {
    "text": "text",
    "language": "language",
    "speech_engine": "engine",
    "speech_voice": "voice",
    "speed": "speed",
}
"""The names of a spoken text's parts in lists, forms and programs."""


def asked_for(fields: Mapping[str, Any]) -> SpokenText | None:
    """The text in the fields of a line or a form; None if there is none.

    Raises OptionError for fields about a missing text, and the errors of `SpokenText`.
    """
    given = {part: fields[name] for name, part in FIELDS.items() if fields.get(name) not in (None, "")}
    if "text" in given:
        return SpokenText.model_validate(given)
    if given:
        named = next(name for name, part in FIELDS.items() if part in given)
        raise OptionError(
            "The value {name} is for a text to speak. Give a text, too, or leave it out.",
            name=OptionName(named),
        )
    return None


class SpokenText(BaseModel):
    """A text and its voice: frozen, checked and hashable.

    Raises OptionError for a speech engine, a language or a voice that does not exist, and TextError for a
    text that cannot be spoken.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: str = Field(max_length=LONGEST, description="What the voice says.")
    engine: str = Field(DEFAULT_SPEECH, description="The speech engine.")
    language: str | None = Field(None, description="Code of the language; none goes by the letters.")
    voice: str | None = Field(None, description="The voice; none takes the language's first.")
    speed: float = Field(
        1.0, ge=0.5, le=2.0, allow_inf_nan=False, description="How fast it speaks; 2 is twice as fast."
    )

    @model_validator(mode="wrap")
    @classmethod
    def _speak_plainly(cls, values: Any, handler: ModelWrapValidatorHandler[SpokenText]) -> SpokenText:
        try:
            made = handler(values)
        except ValidationError as error:
            flat = {part: name for name, part in FIELDS.items()}
            raise OptionError(explain(error, cls, lambda part: option(flat.get(part, part)))) from error
        made.chosen_voice()
        check_language(checked_text(made.text, LONGEST), made.chosen_language())
        if tag := emotion_tag(made.text):
            raise TextError(
                "The tag {tag} would be spoken: its words have no times yet. Leave it out, speak the text, "
                "and set marks at times of the voice.",
                tag=quoted(tag, 40),
            )
        return made

    def chosen_language(self) -> str:
        """The given language, the voice's own, or the one that the letters suggest. Raises OptionError."""
        spec = registry.spec_of(self.engine)
        if self.language is not None:
            language = self.language
        else:
            language = guessed(self.text)
            for voice in spec.voices:
                reads = voice.languages[0]
                if voice.name == self.voice and language not in voice.languages:
                    language = language if foreign(self.text, reads) else reads
        if language not in spec.languages:
            title = LANGUAGES[language].title if language in LANGUAGES else shown(language)
            raise OptionError(
                "The speech engine {engine} does not speak {language}; it speaks {languages}. Choose one of "
                "these, or another speech engine.",
                engine=self.engine,
                language=title,
                languages=", ".join(spec.languages),
            )
        return language

    def chosen_voice(self) -> SpeechVoice:
        """The given voice, or the first one of the language. Raises OptionError."""
        spec, language = registry.spec_of(self.engine), self.chosen_language()
        voices = spec.voices_of(language)
        if self.voice is None:
            return voices[0]
        for voice in voices:
            if voice.name == self.voice:
                return voice
        raise OptionError(
            "The speech engine {engine} has no voice {voice} for {language}; it has {voices}.",
            engine=self.engine,
            voice=shown(self.voice),
            language=LANGUAGES[language].title,
            voices=", ".join(voice.name for voice in voices),
        )
