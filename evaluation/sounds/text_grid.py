"""TextGrid files of Praat, long and short, as MFA, MAUS, WebMAUS, Charsiu and Praat itself write them.

Praat reads both forms by one rule: what counts is the order of the texts in quotation marks, the numbers that
stand by themselves and the flags in angle brackets. Everything else is a remark for people.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from evaluation.sounds.tiers import Label
from media.documents.quoting import quoted
from media.errors import DocumentError

BINARY = "ooBinaryFile"
_TOKEN = re.compile(
    r'"(?P<text>[^"]*+(?:""[^"]*+)*+)"'
    r"|(?<!\S)(?P<number>[-+]?\d[\d.eE+-]*+)(?!\S)"
    r"|(?<!\S)<(?P<flag>[a-z]{1,20})>(?!\S)"
    r"|(?P<remark>![^\n]*+)"
    r'|[^\s"]++'
)
MOST_TIERS = 1000
MOST_LABELS = 1_000_000


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str


class _Tokens:
    """The parts of a file that count, one after another."""

    def __init__(self, text: str) -> None:
        self._parts = self._read(text)

    def _read(self, text: str) -> Iterator[_Token]:
        for found in _TOKEN.finditer(text):
            kind = found.lastgroup
            if kind in ("text", "number", "flag"):
                yield _Token(kind, found[kind])

    def next(self, kind: str, what: str) -> str:
        """The next part, which has to be of a kind. Raises DocumentError."""
        part = next(self._parts, None)
        if part is None:
            raise DocumentError("it ends where {what} should stand", what=what)
        if part.kind != kind:
            raise DocumentError(
                'it has "{text}" where {what} should stand', text=quoted(part.text, 40), what=what
            )
        return part.text.replace('""', '"') if kind == "text" else part.text

    def number(self, what: str) -> float:
        """The next part as a number. Raises DocumentError."""
        text = self.next("number", what)
        try:
            return float(text[:100])
        except ValueError:
            raise DocumentError('"{text}" is not a number', text=quoted(text, 40)) from None

    def count(self, what: str, most: int) -> int:
        """The next part as a number of things. Raises DocumentError for more than `most`."""
        count = self.number(what)
        if not 0 <= count <= most or count != int(count):
            raise DocumentError(
                "it claims to have {count:g} {what}; at most {most} are read",
                count=count,
                what=what,
                most=most,
            )
        return int(count)


def is_text_grid(text: str) -> bool:
    """Whether a text begins as a TextGrid does."""
    return text.lstrip()[:40].startswith(("File type", '"ooTextFile', BINARY))


def read_text_grid(text: str) -> dict[str, list[Label]]:
    """The labels of every tier of intervals, by the tier's name. Raises DocumentError."""
    if text.startswith(BINARY):
        raise DocumentError("it is a binary TextGrid; save it in Praat with Save as text file")
    tokens = _Tokens(text)
    kind = tokens.next("text", '"ooTextFile"')
    about = tokens.next("text", '"TextGrid"')
    if not kind.startswith("ooTextFile") or about != "TextGrid":
        raise DocumentError('it is not a TextGrid but "{about}"', about=quoted(about, 40))
    tokens.number("its beginning")
    tokens.number("its end")
    tiers: dict[str, list[Label]] = {}
    if tokens.next("flag", "<exists>") != "exists":
        return tiers
    for _ in range(tokens.count("tiers", MOST_TIERS)):
        _read_tier(tokens, tiers)
    return tiers


def _read_tier(tokens: _Tokens, tiers: dict[str, list[Label]]) -> None:
    kind, name = tokens.next("text", "the class of a tier"), tokens.next("text", "the name of a tier")
    tokens.number("the beginning of a tier")
    tokens.number("the end of a tier")
    count = tokens.count("labels", MOST_LABELS)
    if kind == "TextTier":  # points in time
        for _ in range(count):
            tokens.number("the time of a point")
            tokens.next("text", "the mark of a point")
        return
    labels = tiers.setdefault(name, [])
    for _ in range(count):
        start, end = tokens.number("the beginning of an interval"), tokens.number("the end of an interval")
        labels.append((start, end, tokens.next("text", "the text of an interval")))
