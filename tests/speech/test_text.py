"""Which texts are spoken, and the messages about the others."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from media.errors import TextError
from speech.languages import LANGUAGES, foreign, guessed, script_of
from speech.text import check_language, checked_text

ANY_TEXT = st.text(st.characters(), max_size=200)
"""Every character that Python has, halves of characters and unassigned ones among them."""


@given(ANY_TEXT)
@example("\ud800")
@example("\u0958" * 80)
@example("a\x00b\u202ec")
def test_any_text_becomes_one_that_can_be_spoken_or_is_refused(text: str) -> None:
    try:
        kept = checked_text(text, 200)
    except TextError:
        return
    assert 0 < len(kept) <= 200
    assert kept == kept.strip()
    assert not {unicodedata.category(sign) for sign in kept} & {"Cs", "Cn", "Co"}
    assert not any(unicodedata.category(sign) == "Cc" for sign in kept if sign != "\n")
    assert checked_text(kept, 200) == kept
    kept.encode("utf-8")


@given(ANY_TEXT)
def test_the_guessed_language_reads_what_decided_it(text: str) -> None:
    language = guessed(text)
    assert language in LANGUAGES
    assert foreign("", language) == ""
    assert set(foreign(text, language)) <= set(text)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hello", "en"),
        ("123 + 4", "en"),
        ("你好", "zh"),
        ("用 Python 说话", "zh"),
        ("Привет", "ru"),
        ("नमस्ते", "hi"),
        ("ありがとう", "ja"),
        ("東京へ行く", "ja"),
        ("안녕", "ko"),
        ("Γεια σου", "el"),
        ("The α particle", "en"),
    ],
)
def test_the_letters_tell_the_language(text: str, language: str) -> None:
    assert guessed(text) == language
    assert foreign(text, language) == ""


def test_letters_of_another_script_are_counted_and_shown() -> None:
    with pytest.raises(TextError, match=r"^2 characters .* English \(United States\), such as 你好\."):
        check_language("Hello 你好", "en")
    check_language("The α particle, 5 €, 🙂", "en")
    with pytest.raises(TextError, match=r"^4 characters"):
        check_language("Γεια", "zh")


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\x00", "\u200b\ufeff"])
def test_an_empty_text_is_refused(text: str) -> None:
    with pytest.raises(TextError, match="empty"):
        checked_text(text)


@pytest.mark.parametrize("text", ["...", "—！？", "“”"])
def test_punctuation_alone_is_refused(text: str) -> None:
    with pytest.raises(TextError, match="no words"):
        checked_text(text)


@pytest.mark.parametrize("text", ["%", "& ...", "§", "+", "5"])
def test_what_is_read_by_its_name_is_no_punctuation(text: str) -> None:
    assert checked_text(text) == text


def test_a_long_text_is_refused_with_its_length() -> None:
    assert len(checked_text("a" * 20, 20)) == 20
    with pytest.raises(TextError, match="has 21 characters; at most 20"):
        checked_text("a" * 21, 20)


def test_values_that_are_not_text_are_refused() -> None:
    with pytest.raises(TextError, match="not int"):
        checked_text(5)


def test_other_characters_than_letters_have_no_script() -> None:
    assert [script_of(sign) for sign in "a你5🙂 "] == ["LATIN", "CJK", "", "", ""]
