"""Texts in the symbols that Kokoro reads, in pieces that it takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.kokoro import english, pinyin
from speech.kokoro.symbols import COUNT, MOST, NUMBERS, PIECE, numbers, pieces

SYMBOLS = st.text(st.sampled_from("".join(NUMBERS)), max_size=3000)


@given(SYMBOLS)
def test_pieces_lose_nothing_but_spaces_and_fit(symbols: str) -> None:
    found = pieces(symbols)
    assert "".join("".join(found).split()) == "".join(symbols.split())
    assert all(0 < len(piece) <= MOST for piece in found)


def test_a_piece_ends_with_a_sentence() -> None:
    sentence = "a" * 70 + ". "
    assert [len(piece) for piece in pieces(sentence * 7)] == [215, 215, 71]
    assert pieces("a" * 60 + ".") == ["a" * 60 + "."]
    assert pieces("") == pieces("   ") == []
    long = "a" * 300 + ", " + "b" * 300
    assert pieces(long) == ["a" * 300 + ",", "b" * 300]
    assert [len(piece) for piece in pieces("c" * 1200)] == [MOST, MOST, 180]
    assert PIECE < MOST


def test_every_symbol_has_a_number_of_its_own() -> None:
    assert len(set(NUMBERS.values())) == len(NUMBERS) == 114
    assert all(0 < number < COUNT for number in NUMBERS.values())
    assert numbers("a b") == [0, 43, 16, 44, 0]


@pytest.mark.parametrize(
    ("text", "american", "british"),
    [
        ("Hello world", "həlˈO wˈɜɹld", "həlˈQ wˈɜːld"),
        ("I say: now!", "I sˈA: nˈW!", "I sˈA: nˈW!"),
        ("church judge", "ʧˈɜɹʧ ʤˈʌʤ", "ʧˈɜːʧ ʤˈʌʤ"),
        ("little butter", "lˈɪTᵊl bˈʌTəɹ", "lˈɪtᵊl bˈʌtə"),
        ("3.5 (or 1,000)", "θɹˈi pYnt fˈIv (ɔɹ wˈʌn θˈWzənd)", "θɹˈiː pYnt fˈIv (ɔː wˈɒn θˈWzənd)"),
        ('He said "no".', "hi sˈɛd “nˈO”.", "hiː sˈɛd “nˈQ”."),
        ("One\nTwo", "wˌʌn. tˈu", "wˌɒn. tˈuː"),
    ],
)
def test_english_is_spelled(text: str, american: str, british: str) -> None:
    assert english.symbols_of(text) == american
    assert english.symbols_of(text, british=True) == british


def test_texts_are_spelled_together() -> None:
    assert english.spelled(["Yes, yes", "...", ""]) == ["jˈɛs, jˈɛs", ".", ""]


def test_signs_of_chinese_texts_are_kokoros() -> None:
    assert english.plain_signs("你好，世界。“好”！") == "你好, 世界. “好”! "


@pytest.mark.parametrize(
    ("name", "symbols"), [("zhong1", "ꭧʊ→ŋ"), ("lv4", "ly↘"), ("er2", "ɚ↗"), ("de5", "tɤ")]
)
def test_a_syllable_has_its_symbols(name: str, symbols: str) -> None:
    assert "".join(symbol.text for symbol in pinyin.symbols(name)) == symbols
