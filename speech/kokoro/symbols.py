"""The symbols that Kokoro reads, and their numbers (the vocabulary of Kokoro-82M's config.json)."""

from __future__ import annotations

from collections.abc import Iterable

NUMBERS = {
    **dict(zip(";:,.!?", range(1, 7), strict=True)), "—": 9, "…": 10, '"': 11, "(": 12, ")": 13,
    "“": 14, "”": 15, " ": 16, "\u0303": 17, "ʣ": 18, "ʥ": 19, "ʦ": 20, "ʨ": 21, "ᵝ": 22, "ꭧ": 23,
    "A": 24, "I": 25, "O": 31, "Q": 33, "S": 35, "T": 36, "W": 39, "Y": 41, "ᵊ": 42, "a": 43,
    "b": 44, "c": 45, "d": 46, "e": 47, "f": 48, "h": 50, "i": 51, "j": 52, "k": 53, "l": 54,
    "m": 55, "n": 56, "o": 57, "p": 58, "q": 59, "r": 60, "s": 61, "t": 62, "u": 63, "v": 64,
    "w": 65, "x": 66, "y": 67, "z": 68, "ɑ": 69, "ɐ": 70, "ɒ": 71, "æ": 72, "β": 75, "ɔ": 76,
    "ɕ": 77, "ç": 78, "ɖ": 80, "ð": 81, "ʤ": 82, "ə": 83, "ɚ": 85, "ɛ": 86, "ɜ": 87, "ɟ": 90,
    "ɡ": 92, "ɥ": 99, "ɨ": 101, "ɪ": 102, "ʝ": 103, "ɯ": 110, "ɰ": 111, "ŋ": 112, "ɳ": 113,
    "ɲ": 114, "ɴ": 115, "ø": 116, "ɸ": 118, "θ": 119, "œ": 120, "ɹ": 123, "ɾ": 125, "ɻ": 126,
    "ʁ": 128, "ɽ": 129, "ʂ": 130, "ʃ": 131, "ʈ": 132, "ʧ": 133, "ʊ": 135, "ʋ": 136, "ʌ": 138,
    "ɣ": 139, "ɤ": 140, "χ": 142, "ʎ": 143, "ʒ": 147, "ʔ": 148, "ˈ": 156, "ˌ": 157, "ː": 158,
    "ʰ": 162, "ʲ": 164, "↓": 169, "→": 171, "↗": 172, "↘": 173, "ᵻ": 177,
}  # fmt: skip
COUNT = 178
"""The number of symbol numbers, from 0; 0 begins and ends every text."""
MOST = 510
"""Largest number of symbols that the network accepts at once."""
PIECE = 200
"""Number of symbols after which a new sentence begins a new piece: about 12 seconds of speech."""
ENDS = ".!?…"
PAUSES = ",;:—"


def numbers(symbols: Iterable[str]) -> list[int]:
    """The numbers of symbols, between zeros."""
    return [0, *(NUMBERS[symbol] for symbol in symbols), 0]


def pieces(symbols: str) -> list[str]:
    """A text's symbols in pieces that the network accepts.

    A piece ends with a sentence, once it has PIECE symbols; a sentence that is too long is cut at its last
    pause, else at its last space, else anywhere.
    """
    found: list[str] = []
    rest = symbols.strip()
    while rest:
        cut = _cut(rest)
        if piece := rest[:cut].strip():
            found.append(piece)
        rest = rest[cut:].strip()
    return found


def _cut(text: str) -> int:
    if len(text) <= PIECE:
        return len(text)
    ends = [place + 1 for place, symbol in enumerate(text[:MOST]) if symbol in ENDS]
    beyond = [place for place in ends if place >= PIECE]
    if beyond:
        return beyond[0]
    if len(text) <= MOST:
        return len(text)
    for signs in (ENDS, PAUSES, " "):
        if places := [place + 1 for place, symbol in enumerate(text[:MOST]) if symbol in signs]:
            return places[-1]
    return MOST
