"""What the rest of the program knows about a speech engine before it imports it."""

from __future__ import annotations

from dataclasses import dataclass, field

from engines.packages import Packages
from engines.spec import NAME, PLACE, WeightsSpec
from speech.base import SpeechEngine, SpeechVoice
from speech.languages import LANGUAGES


@dataclass(frozen=True, kw_only=True)
class SpeechSpec:
    """One speech engine, as the command line, the page and the API see it.

    name: lower-case letters, digits and underscores; typed by users. title: its proper name. about: one or
    two sentences on how it sounds and what it needs. licence: of the engine and its voices, in words. engine:
    "module:Class" of its `SpeechEngine`, or the class itself. voices: at least one; the first one for a
    language is that language's default. weights: where its weight files are described; None for an engine
    without downloads. packages: its dependencies that the page alone does not install.

    Raises TypeError or ValueError for an invalid value.
    """

    name: str
    title: str
    about: str
    licence: str
    engine: str | type[SpeechEngine]
    voices: tuple[SpeechVoice, ...]
    weights: WeightsSpec | None = None
    packages: Packages = field(default_factory=Packages)

    def __post_init__(self) -> None:
        for name in ("name", "title", "about", "licence"):
            if not isinstance(getattr(self, name), str):
                raise TypeError(f"{name} has to be a text.")
        if not NAME.fullmatch(self.name):
            raise ValueError(
                f"The name {self.name!r} has to be 1 to 32 lower case letters, digits and underscores, and "
                "begin with a letter."
            )
        is_class = isinstance(self.engine, type) and issubclass(self.engine, SpeechEngine)
        if not is_class and not (isinstance(self.engine, str) and PLACE.fullmatch(self.engine)):
            raise TypeError('engine has to be "module:Class" or a subclass of SpeechEngine.')
        if not self.voices or not all(isinstance(voice, SpeechVoice) for voice in self.voices):
            raise TypeError("voices has to be a tuple with at least one SpeechVoice.")
        names = [voice.name for voice in self.voices]
        if len(set(names)) < len(names):
            raise ValueError("Two voices have the same name.")
        unknown = sorted({code for voice in self.voices for code in voice.languages} - LANGUAGES.keys())
        if unknown or not all(voice.languages for voice in self.voices):
            raise ValueError(
                f"Every voice needs languages of speech/languages.py; unknown: {', '.join(unknown) or '-'}."
            )

    @property
    def languages(self) -> tuple[str, ...]:
        """The codes of its languages, in the order of its voices."""
        return tuple(dict.fromkeys(code for voice in self.voices for code in voice.languages))

    def voices_of(self, language: str) -> tuple[SpeechVoice, ...]:
        """The voices for a language."""
        return tuple(voice for voice in self.voices if language in voice.languages)
