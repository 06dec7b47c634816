"""The sounds of the festvox Russian voice in IPA."""

from __future__ import annotations

_HARD = {
    "a": "ɐ", "aa": "a", "ae": "ə", "ay": "ɪ", "e": "e", "ee": "ɛ", "i": "ɪ", "ii": "i", "oo": "o", "u": "ʊ",
    "uu": "u", "ur": "ʊ", "y": "ɨ", "yy": "ɨ", "j": "j", "c": "ts", "ch": "tɕ", "h": "x", "sch": "ɕ",
    "sh": "ʂ", "zh": "ʐ", "g": "ɡ",
}  # fmt: skip
_AS_WRITTEN = frozenset("bdfklmnprstvz")


def spelled(name: str) -> str:
    """The IPA letters of a label; "" for a pause or anything else that is not a sound. Soft consonants are as
    hard ones: the lips do not tell them apart.
    """
    if name in _HARD:
        return _HARD[name]
    if name in _AS_WRITTEN:
        return name
    if len(name) == 2 and name[0] == name[1]:  # a soft consonant is written twice
        return spelled(name[0])
    return ""
