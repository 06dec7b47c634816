"""English to the symbols that Kokoro reads: espeak-ng spells, and its sounds are rewritten.

The symbols are those of misaki, with which Kokoro was trained (its page EN_PHONES.md lists them): diphthongs
and affricates are one symbol, and the stress mark is before the vowel, as in espeak-ng.
"""

from __future__ import annotations

import re

from speech.espeak.process import spelling_of

_SHARED = (
    ("ʔˌn\u0329", "tᵊn"), ("ʔn\u0329", "tᵊn"), ("n\u0329", "ᵊn"), ("l\u0329", "ᵊl"), ("aɪ", "I"), ("aʊ", "W"),
    ("dʒ", "ʤ"), ("eɪ", "A"), ("tʃ", "ʧ"), ("ɔɪ", "Y"), ("ɚ", "əɹ"), ("r", "ɹ"), ("x", "k"), ("ç", "k"),
    ("ɐ", "ə"), ("ɬ", "l"), ("ɫ", "l"), ("g", "ɡ"), ("\u0303", ""), ("\u0361", ""), ("ʲ", ""),
)  # fmt: skip
_AMERICAN = (
    ("oʊ", "O"),
    ("əʊ", "O"),
    ("ɜːɹ", "ɜɹ"),
    ("ɜː", "ɜɹ"),
    ("ɪə", "iə"),
    ("ɾ", "T"),
    ("ʔ", "t"),
    ("ː", ""),
)
_BRITISH = (("əʊ", "Q"), ("oʊ", "Q"), ("eə", "ɛː"), ("iə", "ɪə"), ("ʔ", "t"), ("ɾ", "t"))
_LANGUAGE = re.compile(r"\([a-z-]+\)")
"""espeak-ng's mark of a word that it reads in another language."""
_WRITTEN = {
    "，": ",", "、": ",", "。": ".", "．": ".", "！": "!", "？": "?", "；": ";", "：": ":", "（": "(",
    "）": ")", "《": "“", "》": "”", "「": "“", "」": "”", "『": "“", "』": "”", "–": "—", "―": "—",
    "\n": ".", "·": " ", "⋯": "…",
}  # fmt: skip
_PARTS = re.compile(r"""(["“”()—…]|[;:,.!?]+(?=[\s"”)—]|$))""")
"""The punctuation between clauses; a point or a comma within a number is read with it."""


def plain_signs(text: str) -> str:
    """A text with the punctuation that Kokoro knows; the end of a line ends a sentence."""
    opened = iter("“”" * text.count('"'))
    text = "".join(next(opened) if sign == '"' else sign for sign in text)
    text = "".join(map(_sign, text))
    return re.sub(r"([.!?…;:,]) *\.(?= |$)", r"\1", text)


def _sign(sign: str) -> str:
    written = _WRITTEN.get(sign)
    if written is None:
        return sign
    return f" {written}" if written in "(“" else f"{written} "


def symbols_of(text: str, *, british: bool = False) -> str:
    """The symbols of an English text. Raises the errors of `speech.espeak.process.spelling_of`."""
    return spelled([text], british=british)[0]


def spelled(texts: list[str], *, british: bool = False) -> list[str]:
    """The symbols of several texts, spelled by espeak-ng in one process."""
    parts = [[part for part in _PARTS.split(plain_signs(text)) if part.strip()] for text in texts]
    words = [part for each in parts for part in each if not _PARTS.fullmatch(part)]
    found = iter(spelling_of(words, "en" if british else "en-us") if words else [])
    return [
        _joined(each, {part: next(found) for part in each if not _PARTS.fullmatch(part)}, british)
        for each in parts
    ]


def _joined(parts: list[str], spelling: dict[str, list[list[str]]], british: bool) -> str:
    text = ""
    for part in parts:
        if part in spelling:
            words = " ".join("".join(_symbol(sound, british) for sound in word) for word in spelling[part])
            text += f" {words}" if text and text[-1] not in '(“"' else words
        elif part in '(“"':
            text += f" {part}" if text else part
        else:
            text += part[0]
    return re.sub(" +", " ", text).strip()


def _symbol(sound: str, british: bool) -> str:
    """One of espeak-ng's sounds in Kokoro's symbols."""
    sound = _LANGUAGE.sub("", sound)
    sound = {"əl": "ᵊl"}.get(sound, sound)
    for written, symbol in (*_SHARED, *(_BRITISH if british else _AMERICAN)):
        sound = sound.replace(written, symbol)
    return sound
