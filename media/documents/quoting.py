"""Quotes untrusted text in a message: short, printable, and on one line."""

from __future__ import annotations

import reprlib

from media.errors import printable

QUOTED = 80
"""Characters of untrusted text that a message repeats."""
LONG = 200
"""Characters of a path, where the whole of it says what is wrong."""
LONGEST = 4096
"""Characters of a path in a message that helps you find the file."""
SHOWN = 60
"""Characters of a value that a message repeats."""
_BITS_OF_A_DIGIT = 3.321928094887362
_EXACT = 10_000


class _Short(reprlib.Repr):
    """Python's own short repr, without its trouble with integers of many digits."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel, self.maxstring, self.maxother = 2, SHOWN, SHOWN
        self.maxlist = self.maxtuple = self.maxdict = 4

    def repr_int(self, x: int, level: int) -> str:
        return number_text(x)


_SHORT = _Short()


def quoted(text: str, most: int = QUOTED) -> str:
    """At most `most` characters of a text, in one line.

    What cannot be printed, half surrogates among it, is written as in Python's source: \\x00, \\ud800. The
    middle of a long text becomes three dots, because the end of a path says more than its middle.
    """
    if len(text) > most:
        half = (most - 3) // 2
        text = f"{text[:half]}...{text[-half:]}"
    shown = "".join(printable(sign) for sign in text)
    return shown if len(shown) <= 2 * most else f"{shown[:most]}..."


def whole(path: object) -> str:
    """A path as it can be written to a terminal: all of it, in one line."""
    return quoted(str(path), LONGEST)


def shown(value: object, most: int = SHOWN) -> str:
    """A value as Python writes it, in at most `most` characters; nothing deep or long is walked through."""
    written = repr(value[: most + 1]) if isinstance(value, str) else _SHORT.repr(value)
    text = "".join(printable(sign) for sign in written)
    return text if len(text) <= most else f"{text[: most - 3]}..."


def number_text(value: int) -> str:
    """An integer in digits, or how many it has where they would fill the line."""
    digits = digits_of(value)
    return repr(value) if digits <= SHOWN else f"a number of {digits} digits"


def digits_of(value: int) -> int:
    """How many digits an integer has; one less, perhaps, for one of thousands."""
    digits = int(max(0, value.bit_length() - 1) / _BITS_OF_A_DIGIT) + 1
    return digits + 1 if digits < _EXACT and abs(value) >= 10**digits else digits


def reason_of(error: BaseException, most: int = 100) -> str:
    """What an error of the system or of a library says, in one short line without its full stop."""
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return quoted(" ".join(str(said)[:10_000].split()), most).rstrip(".")
