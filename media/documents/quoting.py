"""Quotes untrusted text in a message: short, printable, and on one line."""

from __future__ import annotations

import reprlib

from media.errors import printable

QUOTED = 80
"""Characters of untrusted text in a message."""
LONG = 200
"""Characters of a path, if the whole path shows what is wrong."""
LONGEST = 4096
"""Characters of a path in a message that helps you find the file."""
SHOWN = 60
"""Characters of a value in a message."""
_BITS_OF_A_DIGIT = 3.321928094887362
_EXACT = 10_000


class _Short(reprlib.Repr):
    """Python's own short repr, without its failure on integers of many digits."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel, self.maxstring, self.maxother = 2, SHOWN, SHOWN
        self.maxlist = self.maxtuple = self.maxdict = 4

    def repr_int(self, x: int, level: int) -> str:
        return number_text(x)


_SHORT = _Short()


def quoted(text: str, most: int = QUOTED) -> str:
    r"""At most `most` characters of a text, on one line.

    Unprintable characters, including lone surrogates, are written as in Python's source: \x00, \ud800. Three
    dots replace the middle of a long text, because the end of a path says more than its middle.
    """
    if len(text) > most:
        half = (most - 3) // 2
        text = f"{text[:half]}...{text[-half:]}"
    shown = "".join(printable(sign) for sign in text)
    return shown if len(shown) <= 2 * most else f"{shown[:most]}..."


def whole(path: object) -> str:
    """A whole path on one line, as a terminal can show it."""
    return quoted(str(path), LONGEST)


def shown(value: object, most: int = SHOWN) -> str:
    """A value as Python writes it, in at most `most` characters; deep or long values are not traversed."""
    written = repr(value[: most + 1]) if isinstance(value, str) else _SHORT.repr(value)
    text = "".join(printable(sign) for sign in written)
    return text if len(text) <= most else f"{text[: most - 3]}..."


def number_text(value: int) -> str:
    """An integer in digits, or its number of digits if they would fill the line."""
    digits = digits_of(value)
    return repr(value) if digits <= SHOWN else f"a number of {digits} digits"


def digits_of(value: int) -> int:
    """The number of digits of an integer; possibly one less for thousands of digits."""
    digits = int(max(0, value.bit_length() - 1) / _BITS_OF_A_DIGIT) + 1
    return digits + 1 if digits < _EXACT and abs(value) >= 10**digits else digits


def reason_of(error: BaseException, most: int = 100) -> str:
    """The text of an error of the system or of a library, on one short line without a full stop."""
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return quoted(" ".join(str(said)[:10_000].split()), most).rstrip(".")
