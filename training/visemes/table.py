"""What the mouth does for each sound: the phoneme-to-viseme table.

Sounds are keyed by one IPA letter; the names of flite and festival are translated to IPA first.
"""

from __future__ import annotations

import unicodedata
from typing import NamedTuple


class Shape(NamedTuple):
    """Target of one sound, each value 0..1, and how firmly it holds against its neighbours.

    `hold_jaw` and `hold_lips` are the heights of the dominance functions for the jaw and for rounding and
    spreading: 1 for a vowel, near 0 for a sound that takes the shape of whatever stands around it.
    """

    jaw: float
    rounding: float = 0.0
    spreading: float = 0.0
    hold_jaw: float = 1.0
    hold_lips: float = 1.0


SILENCE = ""
BILABIAL = frozenset("pbm")
LABIODENTAL = frozenset("fvɱʋ")
TONGUE_TIP = frozenset("tdnszlɫɾθð")
"""Sounds in which the tip of the tongue is seen at the upper teeth or just behind them."""
ASPIRATION = "h"

OPEN_VOWELS = frozenset("aɑæɐɒʌ")

_VOWELS = {
    "a": Shape(1.00, 0.00, 0.10),
    "ɑ": Shape(1.00, 0.00, 0.00),
    "æ": Shape(0.88, 0.00, 0.30),
    "ɐ": Shape(0.72, 0.00, 0.05),
    "ʌ": Shape(0.70, 0.00, 0.00),
    "ɒ": Shape(0.80, 0.35, 0.00),
    "ɔ": Shape(0.66, 0.55, 0.00),
    "o": Shape(0.48, 0.75, 0.00),
    "ɛ": Shape(0.60, 0.00, 0.40),
    "e": Shape(0.42, 0.00, 0.60),
    "ø": Shape(0.36, 0.75, 0.00),
    "œ": Shape(0.50, 0.60, 0.00),
    "ə": Shape(0.38, 0.05, 0.10, 0.6, 0.5),
    "ɜ": Shape(0.46, 0.20, 0.00),
    "ɚ": Shape(0.38, 0.30, 0.00, 0.8, 0.8),
    "ɝ": Shape(0.46, 0.30, 0.00),
    "ɵ": Shape(0.36, 0.50, 0.00),
    "ɤ": Shape(0.42, 0.00, 0.10),
    "ɘ": Shape(0.36, 0.00, 0.20),
    "i": Shape(0.22, 0.00, 1.00),
    "ɪ": Shape(0.30, 0.00, 0.65),
    "ɨ": Shape(0.22, 0.00, 0.45),
    "u": Shape(0.20, 1.00, 0.00),
    "ʊ": Shape(0.28, 0.70, 0.00),
    "ʉ": Shape(0.22, 0.85, 0.00),
    "ɯ": Shape(0.22, 0.00, 0.35),
    "y": Shape(0.18, 0.90, 0.10),
    "ʏ": Shape(0.24, 0.70, 0.10),
}

_CONSONANTS = {
    **{letter: Shape(0.08, 0.0, 0.0, 0.55, 0.1) for letter in BILABIAL},
    **{letter: Shape(0.14, 0.0, 0.1, 0.75, 0.4) for letter in LABIODENTAL},
    # Approximants, as the b of Spanish "lobo": the lips come near each other and do not meet.
    **{letter: Shape(0.12, 0.1, 0.0, 0.7, 0.3) for letter in "ɸβ"},
    **{letter: Shape(0.10, 0.0, 0.35, 0.85, 0.35) for letter in "sz"},
    **{letter: Shape(0.14, 0.5, 0.0, 0.85, 0.7) for letter in "ʃʒ"},
    **{letter: Shape(0.16, 0.3, 0.0, 0.80, 0.5) for letter in "ʂʐɻ"},
    **{letter: Shape(0.12, 0.0, 0.5, 0.85, 0.6) for letter in "ɕʑç"},
    **{letter: Shape(0.18, 0.0, 0.15, 0.6, 0.2) for letter in "tdnɾʈɖɳ"},
    **{letter: Shape(0.26, 0.0, 0.1, 0.5, 0.2) for letter in "lɫɭʎɬ"},
    **{letter: Shape(0.22, 0.0, 0.2, 0.6, 0.3) for letter in "θð"},
    **{letter: Shape(0.22, 0.35, 0.0, 0.6, 0.5) for letter in "ɹrʀʁɽ"},
    **{letter: Shape(0.28, 0.0, 0.0, 0.3, 0.1) for letter in "kɡgŋxχɣqɢħʕ"},
    **{letter: Shape(0.35, 0.0, 0.0, 0.15, 0.05) for letter in "hɦʔ"},
    **{letter: Shape(0.20, 0.0, 0.7, 0.6, 0.7) for letter in "jɲ"},
    **{letter: Shape(0.16, 0.95, 0.0, 0.8, 1.0) for letter in "wʍ"},
    "ɥ": Shape(0.16, 0.85, 0.0, 0.8, 1.0),
}

SHAPES = {**_VOWELS, **_CONSONANTS}
VOWELS = frozenset(_VOWELS)

# The names of the CMU phone set, as flite and festival's English voices write them.
CMU = {
    "aa": "ɑ", "ae": "æ", "ah": "ʌ", "ao": "ɔ", "aw": "aʊ", "ax": "ə", "axr": "ɚ", "ay": "aɪ", "b": "b",
    "ch": "tʃ", "d": "d", "dh": "ð", "dx": "ɾ", "eh": "ɛ", "el": "əl", "em": "əm", "en": "ən", "er": "ɚ",
    "ey": "eɪ", "f": "f", "g": "ɡ", "hh": "h", "hv": "ɦ", "ih": "ɪ", "iy": "i", "jh": "dʒ", "k": "k",
    "l": "l", "m": "m", "n": "n", "ng": "ŋ", "nx": "n", "ow": "oʊ", "oy": "ɔɪ", "p": "p", "r": "ɹ",
    "s": "s", "sh": "ʃ", "t": "t", "th": "θ", "uh": "ʊ", "uw": "u", "v": "v", "w": "w", "y": "j", "z": "z",
    "zh": "ʒ", "pau": SILENCE, "sil": SILENCE, "ssil": SILENCE, "brth": SILENCE, "#": SILENCE, "h#": SILENCE,
}  # fmt: skip


# Signs of espeak-ng that are not one IPA letter, or that the table has under another letter.
_RESPELLED = (
    ("s.", "ʂ"), ("i.", "ɨ"), ("i̪", "ɨ"), ("o-", "ɤ"), ("ᵻ", "ɨ"), ("ε", "ɛ"), ("ʲ", "j"), ("ɟ", "d"),
    ("c", "t"), ("?", "ʔ"), ("ç", "ɕ"),
)  # fmt: skip


def letters(name: str) -> str:
    """The letters of an IPA name that have a shape, in order: "ˈaɪ" gives "aɪ", "pʰ" and "ph" give "p".

    Marks (stress, length, nasality) are dropped, and so is the aspiration at the end of a stop. Silence,
    a change of language such as "(en)", and unknown signs give "".
    """
    if name.startswith("("):
        return ""
    for sign, letter in _RESPELLED:
        name = name.replace(sign, letter)
    name = unicodedata.normalize("NFD", name)
    known = "".join(letter for letter in name if letter in SHAPES)
    if len(known) > 1 and known[-1] in "hɦ":
        known = known[:-1]
    return known
