"""Makes strange inputs from real ones: the same for the same seed, and without storing them."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Sequence
from typing import Any

TOKENS: tuple[bytes, ...] = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\r", b"\n", b"\n\n", b"\x1b[2J", b'"',
    b"'", b"\\", b"\\ud800", b"\\u0000", b"NaN", b"-Infinity", b"1e999", b"-1", b"0", b"null", b"true",
    b"{}", b"[]", b"[[[[[", b"{" * 40, b"[" * 3000, b"- " * 3000, b"{a: " * 200, b"9" * 30, b"9" * 5000,
    b"0x_", b"0b_", b".inf", b"1:1:1.5", b"&a [*a, *a]", b"*a", b"&b ", b"<<: *a",
    b"!!python/object:os.system x", b"!!binary ====", b"!!set {a}", b"!!timestamp x", b"!!float x",
    b"? [1]", b"%YAML 9.9", b"2001-99-99", b"~nobodyhere/x", b"~", b"/dev/null", b"../" * 20,
    b"a" * 300, b"b" * 5000, b"c" * 120_000, b",", b";", b"\t", b'","', b"\xe8\x82\x96",
    b"\xe2\x80\xae", b"(", b")", b".", b"R", b"cos\nsystem\n", b"\x80\x05", b"\x8a\xff",
    b"r\xff\xff\xff\x7f", b"\xff\xff\xff\xff", b"\x00\x00\x00\x80", b"\xff" * 8, b"\x7f" * 8,
    b"PK\x05\x06", b"__metadata__", b"F64", b"portrait", b"options",
)  # fmt: skip
"""Bytes to insert into documents: characters and numbers at the limits of formats."""


def deep(levels: int) -> Any:
    """Nested lists."""
    value: Any = []
    for _ in range(levels):
        value = [value]
    return value


VALUES: tuple[Callable[[], Any], ...] = (
    lambda: None, lambda: True, lambda: "", lambda: 0, lambda: -1, lambda: 2**31, lambda: 2**64,
    lambda: 10**90, lambda: 10**400, lambda: 10**4000, lambda: 0.5, lambda: -0.0, lambda: 1e308,
    lambda: math.nan, lambda: math.inf, lambda: "\ud800", lambda: "caf\udce9.png", lambda: "\x00",
    lambda: "a\nb\x1b[1m", lambda: "x" * 300, lambda: "y" * 6000, lambda: "z" * 110_000,
    lambda: "~nobodyhere/a.png", lambda: "~", lambda: "..", lambda: "../../etc/passwd",
    lambda: "C:\\a.png", lambda: "1" * 200, lambda: "9" * 5000, lambda: "nan", lambda: "1e999",
    lambda: "0x10", lambda: "1_000", lambda: "\u0661\u0662", lambda: "肖像.png", lambda: "\u202eabc",
    list, dict, lambda: [1, 2, 3], lambda: ["a", None, 2.5], lambda: {"a": 1}, lambda: {"": {"": []}},
    lambda: deep(20), lambda: deep(200), lambda: [[1, 2], [3, 4], [5, 6]], lambda: [0] * 3000,
    lambda: [[math.nan, 1], [2, 3], [4, 5]], lambda: {str(i): i for i in range(300)},
    lambda: {"k" * 3000: 1},
)  # fmt: skip
"""Replacements for a value."""


class Mutator:
    """One stream of random choices. seed: the same seed makes the same inputs."""

    def __init__(self, seed: int | str) -> None:
        self.random = random.Random(seed)

    def changed(self, documents: Sequence[bytes]) -> bytes:
        """One of the documents, changed in one to five places."""
        content = self.random.choice(documents)
        for _ in range(self.random.choice((1, 1, 1, 2, 3, 5))):
            content = self.random.choice(_CHANGES)(self.random, content, documents)
        return content[:2_000_000]

    def value(self, values: Sequence[Any]) -> Any:
        """One of the values (of JSON's kinds), with one to four entries replaced, added or left out."""
        value = json.loads(self.random.choice([json.dumps(one) for one in values]))
        for _ in range(self.random.choice((1, 1, 2, 4))):
            value = self._replaced(value)
        return value

    def json(self, values: Sequence[Any]) -> bytes:
        """The same as text, now and then changed in its bytes as well."""
        text = json.dumps(_writable(self.value(values)), ensure_ascii=self.random.random() < 0.5)
        content = text.encode("utf-8", "surrogatepass")
        return self.changed([content]) if self.random.random() < 0.3 else content

    def _replaced(self, value: Any) -> Any:
        holders = [value, *_containers(value)]
        holder = self.random.choice(holders)
        new = self.random.choice(VALUES)()
        if isinstance(holder, dict) and holder:
            key = self.random.choice(list(holder))
            way = self.random.random()
            if way < 0.7:
                holder[key] = new
            elif way < 0.85:
                del holder[key]
            else:
                holder[
                    self.random.choice((str(new)[:5000] if not isinstance(new, int) else "n", "x", ""))
                ] = 1
        elif isinstance(holder, list) and holder:
            at = self.random.randrange(len(holder))
            holder[at : at + self.random.randrange(2)] = [new] * self.random.choice((0, 1, 1, 3))
        else:
            return new
        return value


def _containers(value: Any) -> list[Any]:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    found = [one for one in inside if isinstance(one, dict | list)]
    return found + [deeper for one in found[:50] for deeper in _containers(one)[:50]]


def _writable(value: Any) -> Any:
    """Integers that Python refuses to write become texts of as many digits."""
    if isinstance(value, dict):
        return {key: _writable(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_writable(one) for one in value]
    return value if not isinstance(value, int) or value.bit_length() < 14_000 else "9" * 5000


Change = Callable[[random.Random, bytes, Sequence[bytes]], bytes]


def _flip(rng: random.Random, content: bytes, _: Sequence[bytes]) -> bytes:
    changed = bytearray(content or b"\0")
    for _n in range(rng.choice((1, 1, 4, 32))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _byte(rng: random.Random, content: bytes, _: Sequence[bytes]) -> bytes:
    changed = bytearray(content or b"\0")
    changed[rng.randrange(len(changed))] = rng.choice(
        (0, 1, 0x7F, 0x80, 0xFF, 0x0A, 0x22, rng.randrange(256))
    )
    return bytes(changed)


def _token(rng: random.Random, content: bytes, _: Sequence[bytes]) -> bytes:
    at = rng.randrange(len(content) + 1)
    return content[:at] + rng.choice(TOKENS) + content[at + rng.choice((0, 0, 1, 4, 16)) :]


def _cut(rng: random.Random, content: bytes, _: Sequence[bytes]) -> bytes:
    return content[: rng.randrange(len(content) + 1)]


def _leave_out(rng: random.Random, content: bytes, _: Sequence[bytes]) -> bytes:
    at = rng.randrange(len(content) + 1)
    return content[:at] + content[at + rng.choice((1, 2, 7, 50, 400)) :]


def _repeat(rng: random.Random, content: bytes, _: Sequence[bytes]) -> bytes:
    at = rng.randrange(len(content) + 1)
    piece = content[at : at + rng.choice((1, 2, 8, 40, 300))]
    return content[:at] + piece * rng.choice((2, 2, 10, 500)) + content[at:]


def _splice(rng: random.Random, content: bytes, documents: Sequence[bytes]) -> bytes:
    other = rng.choice(documents)
    return content[: rng.randrange(len(content) + 1)] + other[rng.randrange(len(other) + 1) :]


def _number(rng: random.Random, content: bytes, _: Sequence[bytes]) -> bytes:
    """Put a large or small number where one of two, four or eight bytes may be."""
    size = rng.choice((2, 4, 8))
    number = rng.choice((0, 1, 2 ** (8 * size - 1) - 1, 2 ** (8 * size) - 1, rng.randrange(2 ** (8 * size))))
    at = rng.randrange(max(1, len(content) - size))
    return content[:at] + number.to_bytes(size, rng.choice(("little", "big"))) + content[at + size :]


_CHANGES: tuple[Change, ...] = (
    _flip, _byte, _byte, _token, _token, _token, _cut, _leave_out, _repeat, _splice, _number
)  # fmt: skip
