"""The languages in which a text can be spoken, and their scripts."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

LATIN, GREEK, CYRILLIC, HAN = "LATIN", "GREEK", "CYRILLIC", "CJK"
"""Scripts, as the first word of a letter's Unicode name."""


@dataclass(frozen=True)
class Language:
    """title: in English. script: of its own letters. Latin letters are read in every language."""

    title: str
    script: str = LATIN


LANGUAGES = {
    "en": Language("English (United States)"),
    "en-GB": Language("English (United Kingdom)"),
    "zh": Language("Mandarin", HAN),
    "es": Language("Spanish"),
    "fr": Language("French"),
    "de": Language("German"),
    "it": Language("Italian"),
    "pt": Language("Portuguese (Brazil)"),
    "nl": Language("Dutch"),
    "pl": Language("Polish"),
    "tr": Language("Turkish"),
    "vi": Language("Vietnamese"),
    "id": Language("Indonesian"),
    "ru": Language("Russian", CYRILLIC),
    "uk": Language("Ukrainian", CYRILLIC),
    "el": Language("Greek", GREEK),
    "hi": Language("Hindi", "DEVANAGARI"),
    "ja": Language("Japanese", "HIRAGANA"),
    "ko": Language("Korean", "HANGUL"),
    "ar": Language("Arabic", "ARABIC"),
}
"""By code (BCP 47). Not every engine has a voice for each."""

_SPELLED = frozenset({GREEK})
"""Scripts whose single letters, as in "α", are read by name in texts of every language."""
_ALSO = {"ja": frozenset({HAN, "KATAKANA"})}


def script_of(sign: str) -> str:
    """The script of a letter, as in "LATIN"; "" for other characters."""
    if not unicodedata.category(sign).startswith("L"):
        return ""
    return unicodedata.name(sign, "").partition(" ")[0].partition("-")[0]


def guessed(text: str) -> str:
    """The language that the letters of a text suggest: Mandarin for Chinese characters, English for Latin
    ones and if no letter decides.
    """
    found = {script_of(sign) for sign in text}
    if found & {"HIRAGANA", "KATAKANA"}:
        return "ja"
    for code, language in LANGUAGES.items():
        if language.script in found - {LATIN, GREEK}:
            return code
    return "el" if GREEK in found and LATIN not in found else "en"


def foreign(text: str, language: str) -> str:
    """The letters of a text that a language does not read, in order; single Greek ones are read."""
    own = {LATIN, LANGUAGES[language].script, *_ALSO.get(language, ())}
    runs: list[tuple[str, str]] = []
    for sign in text:
        script = script_of(sign)
        if runs and runs[-1][0] == script:
            runs[-1] = (script, runs[-1][1] + sign)
        else:
            runs.append((script, sign))
    return "".join(
        letters
        for script, letters in runs
        if script and script not in own and not (script in _SPELLED and len(letters) == 1)
    )
