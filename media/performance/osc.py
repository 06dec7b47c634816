"""Packs messages of Open Sound Control 1.0, in which programs for avatars exchange poses over UDP."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

LARGEST_BUNDLE = 1400
"""Bytes that fit into one packet of Ethernet. Networks cut a larger one, and lose all of it with any part."""
_AT_ONCE = struct.pack(">Q", 1)


def message(address: str, *values: str | int | float) -> bytes:
    """A message. Whole numbers are int32, other numbers float32."""
    tags, body = ",", b""
    for value in values:
        match value:
            case str():
                tags, part = tags + "s", _text(value)
            case int():
                tags, part = tags + "i", struct.pack(">i", value)
            case _:
                tags, part = tags + "f", struct.pack(">f", value)
        body += part
    return _text(address) + _text(tags) + body


def bundles(messages: Iterable[bytes]) -> Iterator[bytes]:
    """The messages in as few bundles as LARGEST_BUNDLE allows, in their order, to be used at once."""
    head = _text("#bundle") + _AT_ONCE
    held = head
    for one in messages:
        part = struct.pack(">i", len(one)) + one
        if len(held) + len(part) > LARGEST_BUNDLE and held != head:
            yield held
            held = head
        held += part
    if held != head:
        yield held


def _text(text: str) -> bytes:
    """A text with the zero that ends it, in whole groups of four bytes."""
    coded = text.encode() + b"\0"
    return coded + b"\0" * (-len(coded) % 4)
