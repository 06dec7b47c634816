"""Sentences that keep their template, so that translations can be found by the template.

A message prints its English. `Message.template` is that English with "…" for each name or number; as in
gettext, translations are found by it. `Message.values` are those names and numbers. A value that is itself a
message can be translated as well.

    said("{name} is empty ({size} bytes).", name=name, size=size)

`media.errors.JoyStudioError` takes the same arguments.
"""

from __future__ import annotations

from collections.abc import Callable
from string import Formatter
from typing import Any, Self

GAP = "…"
"""In a template, in place of a name or a number, as in docs/errors.md."""
MOST_VALUES = 16
DEEPEST = 4
"""Largest depth of messages within messages that come from another process."""


class Message(str):
    """A finished English text that remembers its template and values. Without values, it is its own
    template.
    """

    template: str
    values: tuple[str, ...]

    def __new__(cls, text: str, template: str | None = None, values: tuple[str, ...] = ()) -> Self:
        """template: with one GAP for each of `values`, which are finished texts or messages."""
        made = super().__new__(cls, text)
        made.template = str(text) if template is None else template
        made.values = values
        return made

    def __str__(self) -> str:
        """The message itself: `str` of a message, and of an error that holds one, stays a message."""
        return self

    def __getnewargs__(self) -> tuple[str, str, tuple[str, ...]]:  # type: ignore[override]
        return self[:], self.template, self.values

    def then(self, rest: Message) -> Message:
        """This message and the rest of its sentence, as one message with both templates joined."""
        return Message(self[:] + rest[:], self.template + rest.template, (*self.values, *rest.values))

    def mapped(self, change: Callable[[str], str]) -> Message:
        """The same message with each text in it changed: the whole, and the values at every depth."""
        values = tuple(
            value.mapped(change) if isinstance(value, Message) else change(value) for value in self.values
        )
        return Message(change(self[:]), self.template, values)

    def with_names(self, call: Callable[[str], str]) -> Message:
        """The same message with the name that a shell, a page or a list has for each option in it."""
        parts = self.template.split(GAP)
        if not self.values or len(parts) != len(self.values) + 1:
            return self
        values = tuple(
            call(value[:]) if isinstance(value, OptionName)
            else value.with_names(call) if isinstance(value, Message)
            else value
            for value in self.values
        )  # fmt: skip
        text = "".join(part for pair in zip(parts, (*values, ""), strict=True) for part in pair)
        return Message(text, self.template, values)


class OptionName(Message):
    """The name of an option in a message, as programs write it: `max_turn`. A shell calls it `--max-turn`,
    and a page has a label for it; see `Message.with_names`.
    """

    def mapped(self, change: Callable[[str], str]) -> Message:
        """Itself: it has nothing of a stranger's text."""
        return self


def said(template: str, /, **fields: Any) -> Message:
    """The message of a template with fields in braces, as in `str.format` with names only.

    A field may be a message, or an error, which stands for its message; all other values are formatted as the
    field says.
    """
    gaps, text, values = [], [], []
    for before, name, form, conversion in Formatter().parse(template):
        gaps.append(before)
        text.append(before)
        if name is not None:
            value = _written(fields[name], form or "", conversion)
            gaps.append(GAP)
            text.append(value)
            values.append(value)
    return Message("".join(text), "".join(gaps), tuple(values))


def advised(sentence: str, advice: str) -> str:
    """The sentence with the advice after it, if there is any; each is translated on its own."""
    return said("{sentence} {advice}", sentence=sentence, advice=advice) if advice else sentence


def _written(value: Any, form: str, conversion: str | None) -> str:
    if not form and not conversion:
        if isinstance(value, BaseException):
            value = str(value)
        if isinstance(value, Message):
            return value
    if conversion:
        value = repr(value) if conversion == "r" else str(value)
    return format(value, form)


def packed(text: str) -> str | list[Any]:
    """A text as plain data for another process or a file: a message keeps its template and its values."""
    if not isinstance(text, Message) or not text.values:
        return text[:]
    return [text.template, *map(packed, text.values)]


def unpacked(data: Any, most: int, depth: int = 0) -> str:
    """A text from the result of `packed`. most: characters of the whole.

    Raises ValueError for anything else: the data may come from a process that is not trusted.
    """
    match data:
        case str():
            if len(data) > most:
                raise ValueError(f"a text of {len(data)} characters where {most} are taken")
            return data
        case [str(template), *rest] if rest and len(rest) <= MOST_VALUES and depth < DEEPEST:
            parts = template.split(GAP)
            if len(parts) != len(rest) + 1:
                raise ValueError(f"a message of {len(parts) - 1} gaps with {len(rest)} values")
            values = tuple(unpacked(one, most, depth + 1) for one in rest)
            text = "".join(part for pair in zip(parts, (*values, ""), strict=True) for part in pair)
            if len(text) > most:
                raise ValueError(f"a text of {len(text)} characters where {most} are taken")
            return Message(text, template, values)
    raise ValueError("no text")
