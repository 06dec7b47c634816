"""Mandarin to the symbols that Kokoro reads: characters by their pinyin, Latin words as in English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from typing import Any

from speech.kokoro import english, pinyin
from speech.kokoro.numerals import in_words
from speech.languages import HAN, script_of

_LATIN = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"
_RUNS = re.compile(rf"([{_LATIN}][{_LATIN}0-9'’.+#-]*(?: +[{_LATIN}][{_LATIN}0-9'’.+#-]*)*)")
_PAUSES, _SIGNS = ",.!?;:—…", ",.!?;:—…()“”"
_INTERJECTIONS = {
    "n": "en",
    "ng": "eng",
    "m": "mu",
    "hm": "hen",
    "hng": "heng",
    "yo": "you",
    "o": "o",
    "e": "e",
}
"""Syllables outside the pinyin scheme, and the nearest ones inside it."""
_ALONE = {"长": "cháng", "得": "de", "地": "de"}
"""Readings of characters outside the words in pypinyin's dictionary, whose own readings are rarer there."""


def symbols_of(text: str) -> tuple[str, str]:
    """The symbols of a Mandarin text, and the characters that were left out, each once.

    Raises the errors of `speech.espeak.process.spelling_of`.
    """
    parts = _RUNS.split(english.plain_signs(in_words(text)))
    latin = iter(english.spelled(parts[1::2])) if len(parts) > 1 else iter(())
    found, left = "", ""
    for number, part in enumerate(parts):
        if number % 2:
            found += f" {next(latin)} "
            continue
        for symbols, lost in _read(part):
            found += symbols
            left += lost
    found = re.sub(r" +([,.!?;:…”)])", r"\1", re.sub(" +", " ", found))
    found = re.sub(r"([(“]) +", r"\1", found).strip()
    return found, "".join(dict.fromkeys(left))


def _read(text: str) -> Iterator[tuple[str, str]]:
    """The symbols of each character outside Latin words, and the character itself if it has none."""
    for is_han, signs in groupby(text, lambda sign: script_of(sign) == HAN):
        run = "".join(signs)
        if is_han:
            names = _pinyin(run)
            for sign, name in zip(run, names, strict=True):
                symbols = _syllable(name)
                yield symbols, "" if symbols else sign
            continue
        for sign in run:
            if sign in _SIGNS:
                yield f"{sign} " if sign in _PAUSES else sign, ""
            else:
                yield " ", "" if sign.isspace() else sign


@cache
def _corrected() -> Any:
    """The package pypinyin, with the corrected readings."""
    import pypinyin

    pypinyin.load_single_dict({ord(sign): name for sign, name in _ALONE.items()})
    return pypinyin


def _pinyin(run: str) -> list[str]:
    """The numbered pinyin of each character; the character itself if it has none."""
    package = _corrected()
    names: list[str] = package.lazy_pinyin(
        run, style=package.Style.TONE3, neutral_tone_with_five=True, errors=list
    )
    return names


def _syllable(name: str) -> str:
    letters, tone = name[:-1], name[-1:]
    for candidate in (name, f"{_INTERJECTIONS.get(letters, letters)}{tone}"):
        try:
            return "".join(symbol.text for symbol in pinyin.symbols(candidate))
        except ValueError:
            continue
    return ""
