"""Numbers in Mandarin: every number is read as one that gives the number back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.kokoro.numerals import in_words

DIGITS = "零一二三四五六七八九"
SMALL = {"十": 10, "百": 100, "千": 1000}
LARGE = {"万": 10**4, "亿": 10**8}


def value_of(words: str) -> int:
    """The number that characters stand for."""
    total = group = 0
    digit = None
    for sign in words:
        if sign in DIGITS:
            digit = DIGITS.index(sign) or None
        elif sign in SMALL:
            group += (1 if digit is None else digit) * SMALL[sign]
            digit = None
        else:
            group += digit or 0
            digit = None
            if LARGE[sign] == 10**8 and total:
                total = (total + group) * 10**8
            else:
                total += group * LARGE[sign]
            group = 0
    return total + group + (digit or 0)


@given(st.integers(0, 10**12 - 1))
def test_a_number_is_read_as_itself(number: int) -> None:
    assert value_of(in_words(str(number))) == number
    assert in_words(f"{number:,}") == in_words(str(number))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("0", "零"),
        ("10", "十"),
        ("12", "十二"),
        ("105", "一百零五"),
        ("110", "一百一十"),
        ("1010", "一千零一十"),
        ("10005", "一万零五"),
        ("120000", "十二万"),
        ("100000010", "一亿零一十"),
        ("3.14", "三点一四"),
        ("-20", "负二十"),
        ("3.5%", "百分之三点五"),
        ("2024年", "二零二四年"),
        ("007", "零零七"),
        ("12345678901234567", "一二三四五六七八九零一二三四五六七"),
        ("第3章有21页", "第三章有二十一页"),
    ],
)
def test_numbers_are_read_as_in_a_text(written: str, read: str) -> None:
    assert in_words(written) == read


@given(st.text(st.characters(exclude_categories=["Nd", "Cs"]), max_size=50))
def test_a_text_without_numbers_stays(text: str) -> None:
    assert in_words(text) == text
