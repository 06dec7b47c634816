"""Numbers in a Mandarin text, in words."""

from __future__ import annotations

import re

_DIGITS = "零一二三四五六七八九"
_PLACES = ("", "十", "百", "千")
_GROUPS = ("", "万", "亿", "万亿")
_LONGEST = 16
"""Digits of a number that is read as a whole. Longer ones and those that begin with 0 are read digit by
digit.
"""
_WRITTEN = re.compile(r"(-?)(\d+(?:,\d{3})+(?!\d)|\d+)(?:\.(\d+))?(%?)(?=(年?))")


def in_words(text: str) -> str:
    """The text with its numbers in characters: 3.5% is 百分之三点五, and 2024年 is 二零二四年."""
    return _WRITTEN.sub(_word, text)


def _word(found: re.Match[str]) -> str:
    sign, whole, part, percent, year = found.groups()
    digits = whole.replace(",", "")
    by_digit = (
        (year and len(digits) == 4 and not part)
        or len(digits) > _LONGEST
        or (digits[0] == "0" and len(digits) > 1)
    )
    word = _each(digits) if by_digit else _counted(digits)
    if part:
        word += f"点{_each(part)}"
    return ("负" if sign else "") + ("百分之" if percent else "") + word


def _each(digits: str) -> str:
    return "".join(_DIGITS[int(digit)] for digit in digits)


def _counted(digits: str) -> str:
    if not int(digits):
        return _DIGITS[0]
    word, gap = "", False
    groups = [digits[max(0, end - 4) : end] for end in range(len(digits), 0, -4)][::-1]
    for place, group in zip(range(len(groups) - 1, -1, -1), groups, strict=True):
        if not int(group):
            gap = gap or bool(word)
            continue
        if word and (gap or len(group.lstrip("0")) < 4):
            word += _DIGITS[0]
        word += _group(group) + _GROUPS[place]
        gap = False
    return word[1:] if word.startswith("一十") else word


def _group(digits: str) -> str:
    """A number of up to four digits, not 0."""
    word, gap = "", False
    for place, digit in zip(range(len(digits) - 1, -1, -1), digits, strict=True):
        if digit == "0":
            gap = bool(word)
            continue
        word += (_DIGITS[0] if gap else "") + _DIGITS[int(digit)] + _PLACES[place]
        gap = False
    return word
