"""Numbered pinyin to the symbols that Kokoro reads, each with its sound.

The split into initials and finals follows the pinyin scheme (ISO 7098); finals have a medial, a vowel that
carries the tone, and an ending.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Symbol(NamedTuple):
    """One symbol of Kokoro. sound: its IPA letters; "" for a modifier of the previous sound, and for
    a pause.
    """

    text: str
    sound: str = ""


_INITIALS = {
    "zh": (Symbol("ꭧ", "tʂ"),), "ch": (Symbol("ꭧ", "tʂ"), Symbol("ʰ")), "sh": (Symbol("ʂ", "ʂ"),),
    "b": (Symbol("p", "p"),), "p": (Symbol("p", "p"), Symbol("ʰ")), "m": (Symbol("m", "m"),),
    "f": (Symbol("f", "f"),), "d": (Symbol("t", "t"),), "t": (Symbol("t", "t"), Symbol("ʰ")),
    "n": (Symbol("n", "n"),), "l": (Symbol("l", "l"),), "g": (Symbol("k", "k"),),
    "k": (Symbol("k", "k"), Symbol("ʰ")), "h": (Symbol("x", "x"),), "j": (Symbol("ʨ", "tɕ"),),
    "q": (Symbol("ʨ", "tɕ"), Symbol("ʰ")), "x": (Symbol("ɕ", "ɕ"),), "r": (Symbol("ɻ", "ɻ"),),
    "z": (Symbol("ʦ", "ts"),), "c": (Symbol("ʦ", "ts"), Symbol("ʰ")), "s": (Symbol("s", "s"),),
}  # fmt: skip
_FINALS = {
    "a": "a*", "o": "wo*", "e": "ɤ*", "i": "i*", "u": "u*", "v": "y*", "ai": "a*i", "ei": "e*i", "ao": "a*u",
    "ou": "o*u", "an": "a*n", "en": "ə*n", "ang": "a*ŋ", "eng": "ə*ŋ", "ong": "ʊ*ŋ", "er": "ɚ*", "ia": "ja*",
    "ie": "je*", "iao": "ja*u", "iu": "jo*u", "ian": "jɛ*n", "in": "i*n", "iang": "ja*ŋ", "ing": "i*ŋ",
    "iong": "jʊ*ŋ", "ua": "wa*", "uo": "wo*", "uai": "wa*i", "ui": "we*i", "uan": "wa*n", "un": "wə*n",
    "uang": "wa*ŋ", "ueng": "wə*ŋ", "ve": "ɥe*", "van": "ɥɛ*n", "vn": "y*n", "buzz": "ɨ*",
}  # fmt: skip
"""The star marks the place of the tone, after the vowel."""
_ALONE = {
    "yi": "i", "ya": "ia", "yan": "ian", "yang": "iang", "yin": "in", "ying": "ing", "yong": "iong",
    "you": "iu", "ye": "ie", "yao": "iao", "yu": "v", "yue": "ve", "yuan": "van", "yun": "vn", "wu": "u",
    "wa": "ua", "wo": "uo", "wai": "uai", "wei": "ui", "wan": "uan", "wen": "un", "wang": "uang",
    "weng": "ueng",
}  # fmt: skip
"""Finals without an initial, which pinyin spells with y and w."""
_TONES = {"1": "→", "2": "↗", "3": "↓", "4": "↘", "5": ""}
_ENDINGS = {"i": "ɪ", "u": "ʊ"}


def symbols(text: str) -> list[Symbol]:
    """The symbols of a line such as "ni3 hao3, wo3 men5". Raises ValueError for an invalid syllable."""
    found: list[Symbol] = []
    for word in text.split():
        syllable = word.rstrip(",.!?")
        found += _syllable(syllable)
        if word != syllable:
            found += [Symbol(word[-1]), Symbol(" ")]
    return found


def _syllable(name: str) -> list[Symbol]:
    match = re.fullmatch(r"([a-zü]+)([1-5])", name)
    if match is None:
        raise ValueError(f"{name!r} is not a syllable of numbered pinyin")
    letters, tone = match[1].replace("ü", "v"), match[2]
    initial = "" if letters in _ALONE else next((i for i in _INITIALS if letters.startswith(i)), "")
    final = _ALONE.get(letters, letters[len(initial) :])
    if initial in ("j", "q", "x") and final.startswith("u"):
        final = "v" + final[1:]
    if final == "i" and initial in ("zh", "ch", "sh", "r", "z", "c", "s"):
        final = "buzz"
    if final == "ue":
        final = "ve"
    if final not in _FINALS:
        raise ValueError(f"{name!r} is not a syllable of numbered pinyin")
    result = [*_INITIALS.get(initial, ())]
    vowel, _, ending = _FINALS[final].partition("*")
    result += [Symbol(letter, letter) for letter in vowel]
    if _TONES[tone]:
        result.append(Symbol(_TONES[tone]))
    result += [Symbol(letter, _ENDINGS.get(letter, letter)) for letter in ending]
    return result
