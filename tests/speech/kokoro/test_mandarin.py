"""Mandarin in Kokoro's symbols."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speech.kokoro.mandarin import symbols_of
from speech.kokoro.symbols import NUMBERS


@pytest.mark.parametrize(
    ("text", "symbols"),
    [
        ("你好。", "ni↓xa↓u."),
        ("银行，很长，长大", "i↗nxa↗ŋ, xə↓nꭧʰa↗ŋ, ꭧa↓ŋta↘"),
        ("绿色", "ly↘sɤ↘"),
        ("跑得快", "pʰa↓utɤkʰwa↘i"),
        ("3个", "sa→nkɤ↘"),
        ("说 Hello World！", "ʂwo→ həlˈO wˈɜɹld!"),
        ("“好”（吗）", "“xa↓u” (ma)"),
    ],
)
def test_a_text_is_read_by_its_pinyin(text: str, symbols: str) -> None:
    assert symbols_of(text) == (symbols, "")


def test_characters_without_a_sound_are_named() -> None:
    assert symbols_of("好🙂好€🙂") == ("xa↓u xa↓u", "🙂€")


@settings(max_examples=15, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60))
def test_any_text_becomes_symbols_or_is_named(text: str) -> None:
    symbols, left = symbols_of(text)
    assert set(left) <= set(text)
    assert symbols == symbols.strip()
    assert "  " not in symbols
    assert all(sign in NUMBERS or sign in text for sign in symbols)
