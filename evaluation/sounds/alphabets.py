"""How aligners spell sounds: IPA, ARPAbet, pinyin and SAMPA, each to letters of IPA."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from media.documents.quoting import quoted
from media.errors import DocumentError
from media.spoken_sounds import KIND, OPENING

_ARPABET = {
    "aa": "ɑ", "ae": "æ", "ah": "ʌ", "ao": "ɔ", "aw": "aʊ", "ax": "ə", "axr": "ɚ", "ax-h": "ə", "ay": "aɪ",
    "b": "b", "bcl": "b", "ch": "tʃ", "d": "d", "dcl": "d", "dh": "ð", "dx": "ɾ", "eh": "ɛ", "el": "l",
    "em": "m", "en": "n", "eng": "ŋ", "er": "ɚ", "ey": "eɪ", "f": "f", "g": "ɡ", "gcl": "ɡ", "hh": "h",
    "hv": "h", "ih": "ɪ", "ix": "ɨ", "iy": "i", "jh": "dʒ", "k": "k", "kcl": "k", "l": "l", "m": "m",
    "n": "n", "ng": "ŋ", "nx": "n", "ow": "oʊ", "oy": "ɔɪ", "p": "p", "pcl": "p", "q": "ʔ", "r": "ɹ",
    "s": "s", "sh": "ʃ", "t": "t", "tcl": "t", "th": "θ", "uh": "ʊ", "uw": "u", "ux": "ʉ", "v": "v",
    "w": "w", "y": "j", "z": "z", "zh": "ʒ",
}  # fmt: skip
"""Of the CMU dictionary, TIMIT's closures among them."""
_PINYIN = {
    "b": "p", "p": "p", "m": "m", "f": "f", "d": "t", "t": "t", "n": "n", "l": "l", "g": "k", "k": "k",
    "h": "x", "j": "tɕ", "q": "tɕ", "x": "ɕ", "zh": "tʂ", "ch": "tʂ", "sh": "ʂ", "r": "ɻ", "z": "ts",
    "c": "ts", "s": "s", "y": "j", "w": "w", "a": "a", "o": "o", "e": "ɤ", "i": "i", "ii": "ɨ", "iii": "ɨ",
    "u": "u", "v": "y", "ai": "aɪ", "ei": "eɪ", "ao": "aʊ", "ou": "oʊ", "an": "an", "en": "ən", "ang": "aŋ",
    "eng": "əŋ", "ong": "ʊŋ", "er": "ɚ", "ia": "ja", "ie": "jɛ", "iao": "jaʊ", "iu": "joʊ", "iou": "joʊ",
    "ian": "jɛn", "in": "in", "iang": "jaŋ", "ing": "iŋ", "iong": "jʊŋ", "ua": "wa", "uo": "wo",
    "uai": "waɪ", "ui": "weɪ", "uei": "weɪ", "uan": "wan", "un": "wən", "uen": "wən", "uang": "waŋ",
    "ueng": "wəŋ", "ve": "ɥɛ", "ue": "ɥɛ", "van": "ɥɛn", "vn": "yn",
}  # fmt: skip
"""Initials and finals."""
_SAMPA = {
    "@": "ə", "6": "ɐ", "E": "ɛ", "O": "ɔ", "I": "ɪ", "U": "ʊ", "Y": "ʏ", "2": "ø", "9": "œ", "{": "æ",
    "V": "ʌ", "A": "ɑ", "Q": "ɒ", "3": "ɜ", "}": "ʉ", "1": "ɨ", "M": "ɯ", "7": "ɤ", "8": "ɵ", "S": "ʃ",
    "Z": "ʒ", "T": "θ", "D": "ð", "N": "ŋ", "R": "ʁ", "C": "ɕ", "J": "ɲ", "L": "ʎ", "H": "ɥ", "G": "ɣ",
    "X": "χ", "?": "ʔ", "4": "ɾ", "5": "ɫ",
    **{letter: letter for letter in "abdefghijklmnopqrstuvwxyz"},
}  # fmt: skip
"""Letter by letter, as MAUS writes it."""
_LIGATURES = {
    "ʧ": "tʃ", "ʤ": "dʒ", "ʦ": "ts", "ʣ": "dz", "ʨ": "tɕ", "ʥ": "dʑ", "ꭧ": "tʂ", "ɱ": "ʋ", "ç": "ɕ",
}  # fmt: skip
_LONGEST = 4
"""Letters of one sound: a name of more of them is a word."""
_MOST_UNKNOWN = 0.3
"""Part of the names that may be in no alphabet: noises, laughter, marks of an annotator."""
_SILENT = frozenset(
    "sil sp spn pau eps <eps> <sil> <unk> <p:> <p> <usb> <nib> _ # ## h# nsn oov brth epi noise".split()
)
_PLACE_IN_WORD = re.compile(r"_[BIES]$")
"""What Kaldi adds: at the begin, inside or at the end of a word, or a word of one sound."""


def in_ipa(names: Sequence[str]) -> list[str]:
    """Each name as letters of IPA; "" for silence and for everything else that is not a sound.

    One file has one alphabet: that in which the fewest names are unknown. Raises DocumentError if a third of
    them is unknown there, too.
    """
    bare = _without_places([name.strip() for name in names])
    said = [name for name in bare if name and name.lower() not in _SILENT]
    if not said:
        return [""] * len(names)
    unknown = [_unknown(spelled, shortest, said) for spelled, shortest in _ALPHABETS]
    spelled, _ = _ALPHABETS[unknown.index(min(unknown))]
    if min(unknown) > _MOST_UNKNOWN * len(said):
        strange = next(name for name in said if spelled(name) is None)
        raise DocumentError(
            '"{name}" and others are sounds in neither IPA, ARPAbet, pinyin nor SAMPA; give the tier of the '
            "sounds, not that of words or syllables",
            name=quoted(strange, 40),
        )
    # A name in capitals, as M among letters of IPA, is read as if it were not.
    return [
        "" if not name or name.lower() in _SILENT else spelled(name) or spelled(name.lower()) or ""
        for name in bare
    ]


def _unknown(spelled: Callable[[str], str | None], shortest: int, names: Sequence[str]) -> int:
    """How many names an alphabet does not know; all of them if nothing shows that it is meant."""
    knows = {name: spelled(name) is not None for name in set(names)}
    if not any(known and len(name) >= shortest for name, known in knows.items()):
        return len(names)
    return sum(not knows[name] for name in names)


def _without_places(names: list[str]) -> list[str]:
    marked = sum(bool(_PLACE_IN_WORD.search(name)) for name in names)
    if 2 * marked < sum(bool(name) for name in names):
        return names
    return [_PLACE_IN_WORD.sub("", name) for name in names]


def _arpabet(name: str) -> str | None:
    if not name.islower() and not name.isupper():
        return None
    return _ARPABET.get(name.rstrip("012").lower())


def _pinyin(name: str) -> str | None:
    return _PINYIN.get(name.rstrip("0123456").replace("ü", "v"))


def _ipa(name: str) -> str | None:
    for sign, letters in _LIGATURES.items():
        name = name.replace(sign, letters)
    plain = [
        letter for letter in unicodedata.normalize("NFD", name) if unicodedata.category(letter)[0] != "M"
    ]
    if any(letter.isascii() and not letter.islower() and letter not in ":'" for letter in plain):
        return None
    found = "".join(letter for letter in plain if letter in OPENING or letter in KIND)
    return found if 0 < len(found) <= _LONGEST else None


def _sampa(name: str) -> str | None:
    if not name.isascii():
        return None
    plain = re.sub(r"_.|[:~=%\"'`\\<>;-]", "", name)
    found = "".join(_SAMPA.get(letter, "") for letter in plain)
    return found if 0 < len(found) == len(plain) <= _LONGEST else None


_ALPHABETS: tuple[tuple[Callable[[str], str | None], int], ...] = (
    (_arpabet, 2),
    (_pinyin, 2),
    (_ipa, 1),
    (_sampa, 1),
)
"""The first wins where two know as many names, but only if it knows a name of so many letters: p, t and m are
in all of them."""
