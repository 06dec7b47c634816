"""Reads the text of the option `emotion`: a mixture such as "happy 0.6, surprised 0.2", or words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache

from engines.emotion.shapes import NAMES
from engines.emotion.words import DEGREES, FILLERS, meanings
from media.documents.quoting import quoted
from media.errors import OptionError

NEUTRAL = "neutral"
LONGEST = 200
"""Characters of the text."""
_PART = re.compile(r"[,;+、。\n]|\b(?:and|but)\b|但是?|又|(?<!柔)和(?!善)")
"""柔和 and 和善 are words for emotions."""
_ENDS = " \t.!?"
_DECIMALS = 4
_STRENGTH = r"([+-]?\d+(?:\.\d+)?|[+-]?\.\d+)\s*(%?)"
_AFTER = re.compile(rf"[\s:=*]*{_STRENGTH}\s*$")
_BEFORE = re.compile(rf"{_STRENGTH}[\s*]*")
_ENGLISH = re.compile(r"[a-z]+(?:['-][a-z]+)*")
_MEANINGS = meanings()
_KNOWN = {*_MEANINGS, *DEGREES, *FILLERS}
_LONGEST_WORD = max(map(len, _KNOWN))


@lru_cache(maxsize=256)
def strengths_of(text: str) -> Mapping[str, float]:
    """The strength, above 0 and up to 1, of every emotion that a text names; empty for a neutral face.

    A part is a name or words, and may begin or end with a strength: 0.6, or 60%. Of an emotion that is named
    twice, the greater strength counts. Raises OptionError for a word that is not known, and for a strength
    out of range.
    """
    if len(text) > LONGEST:
        raise OptionError(
            "The emotion has {count} characters, but at most {most} are read. Use a name, or a few words.",
            count=len(text),
            most=LONGEST,
        )
    found: dict[str, float] = {}
    for part in _PART.split(_plain(text)):
        for name, strength in _meant(part.rstrip(_ENDS).strip()):
            found[name] = max(found.get(name, 0.0), round(strength, _DECIMALS))
    return {name: found[name] for name in NAMES if found.get(name) and name != NEUTRAL}


def emotion_named(name: str) -> str:
    """The emotion that a name or one of its synonyms means at full strength, or ""."""
    emotion, strength = _MEANINGS.get(_plain(name).strip(), ("", 0.0))
    return emotion if strength == 1 and emotion != NEUTRAL else ""


def emotion_text(strengths: Mapping[str, float]) -> str:
    """The shortest text with these strengths; `strengths_of` reads it back."""
    parts = [
        name if strengths[name] == 1 else f"{name} {strengths[name]:.4g}"
        for name in NAMES
        if strengths.get(name)
    ]
    return ", ".join(parts) or NEUTRAL


def _plain(text: str) -> str:
    """The text in lower case, with letters, digits and signs of full width as usual ones."""
    return unicodedata.normalize("NFKC", text).lower()


def _meant(part: str) -> Iterator[tuple[str, float]]:
    """The emotions of one part of the text."""
    number = _AFTER.search(part) or _BEFORE.match(part)
    words = part[: number.start()] + part[number.end() :] if number else part
    given = None
    if number:
        given = float(number[1]) / (100 if number[2] else 1)
        if not 0 <= given <= 1:
            raise OptionError(
                "The strength of {emotion} is {value}, but takes 0 to 1.",
                emotion=quoted(words.strip() or "the emotion", 40),
                value=quoted(number[0].strip(" :=*"), 20),
            )
    degree, named = None, False
    for word in _words(words):
        if word in DEGREES:
            degree = DEGREES[word]
        elif word in _MEANINGS:
            name, much = _MEANINGS[word]
            named = True
            usual = much if degree is None or much < 1 else degree
            yield name, usual if given is None else given
    if not named and (number or degree is not None):
        raise _unknown(part)


def _words(text: str) -> Iterator[str]:
    """The known words of a text: English ones, and Chinese by the longest match."""
    at = 0
    while at < len(text):
        if text[at].isspace() or text[at] in "!.?":
            at += 1
            continue
        english = _ENGLISH.match(text, at)
        if english:
            if english[0] not in _KNOWN:
                raise _unknown(english[0])
            yield english[0]
            at += len(english[0])
            continue
        for length in range(min(_LONGEST_WORD, len(text) - at), 0, -1):
            if text[at : at + length] in _KNOWN:
                yield text[at : at + length]
                at += length
                break
        else:
            raise _unknown(text[at:])


def _unknown(word: str) -> OptionError:
    near = get_close_matches(word, _MEANINGS, n=3, cutoff=0.7)
    names = ", ".join(NAMES)
    if near:
        return OptionError(
            "The emotion {word} is not known; the nearest are {near}. The names are {names}.",
            word=quoted(word, 40),
            near=", ".join(near),
            names=names,
        )
    return OptionError(
        "The emotion {word} is not known; the names are {names}.", word=quoted(word, 40), names=names
    )
