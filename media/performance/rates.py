"""Frames per second as people write them: 30, 23.976, 30000/1001."""

from __future__ import annotations

import re
from fractions import Fraction

from media.documents.quoting import shown
from media.errors import OptionError

LOWEST, HIGHEST = 1, 240
NTSC = {24: Fraction(24000, 1001), 30: Fraction(30000, 1001), 60: Fraction(60000, 1001)}
_WRITTEN = re.compile(r"\d{1,6}(\.\d{1,6})?|\d{1,6}/\d{1,6}")


def rate_of(text: str | int | float) -> Fraction:
    """Frames per second. 23.98, 29.97 and 59.94 stand for the rates of television. Raises OptionError."""
    written = str(text).strip()
    if _WRITTEN.fullmatch(written) and not re.search(r"/0+$", written):
        rate = Fraction(written)
        rate = next((one for one in NTSC.values() if abs(one - rate) < Fraction(1, 100)), rate)
        if LOWEST <= rate <= HIGHEST:
            return rate
    raise OptionError(
        "The frame rate is {rate}, but takes {lowest} to {highest} frames per second, such as 30 or "
        "30000/1001.",
        rate=shown(text),
        lowest=LOWEST,
        highest=HIGHEST,
    )
