"""Mandarin syllables in zhuyin (bopomofo) to sounds in IPA (after the tables of Duanmu 2007)."""

from __future__ import annotations

_INITIALS = dict(zip(
    "ㄅㄆㄇㄈㄉㄊㄋㄌㄍㄎㄏㄐㄑㄒㄓㄔㄕㄖㄗㄘㄙ",
    "p pʰ m f t tʰ n l k kʰ x tɕ tɕʰ ɕ tʂ tʂʰ ʂ ɻ ts tsʰ s".split(),
    strict=True,
))  # fmt: skip
_MEDIALS = {"ㄧ": ("j", "i"), "ㄨ": ("w", "u"), "ㄩ": ("ɥ", "y")}
"""Before a vowel, and alone."""
_FINALS = {
    "ㄚ": "a", "ㄛ": "o", "ㄜ": "ɤ", "ㄝ": "ɛ", "ㄞ": "a ɪ", "ㄟ": "e ɪ", "ㄠ": "a ʊ", "ㄡ": "o ʊ",
    "ㄢ": "a n", "ㄣ": "ə n", "ㄤ": "a ŋ", "ㄥ": "ə ŋ", "ㄦ": "ə ɻ",
    # A medial changes the vowel that follows it.
    "ㄧㄣ": "i n", "ㄧㄥ": "i ŋ", "ㄨㄥ": "ʊ ŋ", "ㄩㄣ": "y n", "ㄩㄥ": "j ʊ ŋ", "ㄧㄢ": "j ɛ n",
    "ㄩㄢ": "ɥ ɛ n",
}  # fmt: skip
_UNWRITTEN = {
    **dict.fromkeys("ㄅㄆㄇㄈ", "o"),
    **dict.fromkeys("ㄉㄊㄋㄌㄍㄎㄏ", "ɤ"),
    **dict.fromkeys("ㄐㄑㄒ", "i"),
}
"""The vowel with which an initial is said alone; after the others it is the one of zhi and si."""


def sounds(name: str) -> list[str]:
    """The sounds of one syllable; tones and other signs are dropped. [] for a name that is not a syllable."""
    rest = "".join(
        letter for letter in name if letter in _INITIALS or letter in _MEDIALS or letter in _FINALS
    )
    found = []
    if rest and rest[0] in _INITIALS:
        found.append(_INITIALS[rest[0]])
        rest = rest[1:]
    if not rest:
        initial = next((letter for letter in name if letter in _INITIALS), "")
        return [*found, _UNWRITTEN.get(initial, "ɨ")] if found else []
    if rest not in _FINALS and rest[0] in _MEDIALS:
        before, alone = _MEDIALS[rest[0]]
        if len(rest) == 1:
            return [*found, alone]
        found.append(before)
        rest = rest[1:]
    return found + _FINALS.get(rest, "").split()
