"""Checks a text before any speech engine sees it."""

from __future__ import annotations

import unicodedata

from media.documents.quoting import quoted
from media.errors import TextError
from speech.languages import LANGUAGES, foreign

MOST_CHARACTERS = 5000
"""Characters of a text, unless the settings say otherwise: about six minutes of speech."""
_JOINERS = "\u200c\u200d"
"""Invisible, but part of words in Hindi, and of many emoji."""
_SAID = frozenset("LNS")
"""Unicode categories of what can be heard: letters, numbers and symbols such as +."""
_NAMED = frozenset("%&@#§")
"""Punctuation that is read by its name."""


def checked_text(text: object, most: int = MOST_CHARACTERS) -> str:
    """The text in Unicode's composed form, without control characters.

    Raises TextError for a text that is empty, has more than `most` characters, or has nothing to speak.
    """
    if not isinstance(text, str):
        raise TextError("The text to speak has to be a text, not {kind}.", kind=type(text).__name__)
    _check_length(text, most)
    kept = unicodedata.normalize("NFC", "".join(map(_readable, text)))
    _check_length(kept, most)  # a few characters have no composed form and become longer
    kept = "\n".join(line for line in (" ".join(each.split()) for each in kept.splitlines()) if line)
    if not kept:
        raise TextError("The text is empty. Type what the voice should say.")
    if not any(unicodedata.category(sign)[0] in _SAID or sign in _NAMED for sign in kept):
        raise TextError("The text has no words: {text}. Type what the voice should say.", text=quoted(kept))
    return kept


def check_language(text: str, language: str) -> None:
    """Raise TextError for letters that a language does not have, with their number and the first of them."""
    strange = foreign(text, language)
    if strange:
        raise TextError(
            "1 character of the text is not read in {language}: {first}. Choose the language of the text, or "
            "write it in its letters."
            if len(strange) == 1
            else "{count} characters of the text are not read in {language}, such as {first}. Choose the "
            "language of the text, or write them in its letters.",
            count=len(strange),
            language=LANGUAGES[language].title,
            first=quoted("".join(dict.fromkeys(strange))[:5]),
        )


def _check_length(text: str, most: int) -> None:
    if len(text) > most:
        raise TextError(
            "The text has {count} characters; at most {most} are spoken at once. Shorten it, or make "
            "several videos and join them.",
            count=len(text),
            most=most,
        )


def _readable(sign: str) -> str:
    category = unicodedata.category(sign)
    if category in ("Cc", "Zl", "Zp"):
        return "\n" if sign in "\n\r\u0085\u2028\u2029\v\f" else " "
    if category.startswith("C"):
        return sign if sign in _JOINERS else ""
    return sign
