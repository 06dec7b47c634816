"""The Chinese texts, found by the English ones."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "zh"
GAP = "…"
"""Stands for a name or a number, in the English as in docs/errors.md and in the Chinese in the same order;
{2} in the Chinese is the second one, where the order is another."""
SHORT = 8
NUMBER = r"(-?\d[\w.,: ]{0,12}?)"


@dataclass(frozen=True)
class Pattern:
    """A text with gaps, and how it goes in Chinese."""

    english: str
    chinese: str
    shape: re.Pattern[str]

    @classmethod
    def of(cls, english: str, chinese: str) -> Pattern:
        """For an entry of a catalogue."""
        parts = [re.escape(part) for part in english.split(GAP)]
        # "… files" says too little to be recognised by; without numbers it is another sentence.
        gap = NUMBER if len(english.replace(GAP, "")) < SHORT else "(.*?)"
        return cls(english, chinese, re.compile(gap.join(parts), re.DOTALL))

    def fill(self, words: tuple[str, ...]) -> str:
        """The Chinese text with these words in its gaps."""
        in_order = iter(words)

        def word(gap: re.Match[str]) -> str:
            return words[int(gap[1]) - 1] if gap[1] else next(in_order, "")

        return re.sub(rf"{GAP}|\{{(\d)\}}", word, self.chinese)


@cache
def exact() -> dict[str, str]:
    """Every text without a gap, and its Chinese."""
    return {english: chinese for english, chinese in _entries().items() if GAP not in english}


@cache
def patterns() -> tuple[Pattern, ...]:
    """Every text with gaps; those that say most come first."""
    found = [Pattern.of(english, text) for english, text in _entries().items() if GAP in english]
    return tuple(sorted(found, key=lambda one: -len(one.english.replace(GAP, ""))))


def chinese(english: str) -> str | None:
    """A text in Chinese; None where the catalogue has none.

    What stands in a gap is a name or a number, or a text that is in the catalogue itself.
    """
    if english in exact():
        return exact()[english]
    for pattern in patterns():
        if found := pattern.shape.fullmatch(english):
            return pattern.fill(tuple(_word(word, english) for word in found.groups()))
    return None


def _word(word: str, sentence: str) -> str:
    if not word or f'"{word}"' in sentence:  # a file's name
        return word
    return chinese(word) or word


@cache
def _entries() -> dict[str, str]:
    import yaml

    entries: dict[str, str] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        for english, text in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).items():
            entries[str(english)] = str(text)
    return entries
