"""Texts become values within bounds, or a short reason why not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.documents.bounds import LINE, RECORD, SETTINGS, Bounds, check_value
from media.documents.json_text import parse_json
from media.documents.quoting import quoted, shown
from media.documents.yaml_text import parse_yaml
from media.errors import DocumentError, InputError

SINGLE = (
    st.none()
    | st.booleans()
    | st.integers(-(10**50), 10**50)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=30)
)
NAMES = st.text(st.characters(codec="ascii"), max_size=9)
PLAIN = st.recursive(
    SINGLE,
    lambda inside: st.lists(inside, max_size=5) | st.dictionaries(NAMES, inside, max_size=5),
    max_leaves=20,
)


@given(PLAIN)
@settings(deadline=None, max_examples=100)
def test_plain_values_come_back(value: Any) -> None:
    assert parse_json(json.dumps(value)) == value
    assert parse_json(json.dumps(value, ensure_ascii=False).encode()) == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[" * 20_000, "33 or more nested levels; at most 32"),
        ('{"a":' * 40 + "1" + "}" * 40, "nested levels"),
        ("[" + "0," * 60_000 + "0]", "at most 50000 are allowed"),
        ("9" * 5000, "a number of 5000 digits; at most 100"),
        ("9" * 101, "a number of 101 digits"),
        ("[NaN]", "it contains nan"),
        ("[1e999]", "it contains inf"),
        ('["\\ud800"]', r"half of a character \(\\ud800\)"),
        (json.dumps("x" * 30_000), "has 30000 characters"),
        ('"' + '\\"' * 100_000, "it is not JSON"),
        ("{", "it is not JSON"),
        ("", "it is not JSON"),
        (" " * 500_000, "at most 400000 are allowed"),
    ],
)
def test_what_is_out_of_bounds_is_said_with_the_number(text: str, said: str) -> None:
    with pytest.raises(DocumentError, match=said) as caught:
        parse_json(text)
    assert len(str(caught.value)) < 200


def test_brackets_and_commas_in_texts_are_no_values() -> None:
    value = {"a": "[" * 15_000, "b": '"' * 9000, "c": "," * 19_000}
    assert parse_json(json.dumps(value)) == value
    assert parse_json("[" * 30 + "]" * 30, LINE_OF_30) is not None


LINE_OF_30 = Bounds(1000, depth=30)


def test_records_of_our_own_may_hold_what_is_not_finite() -> None:
    value = parse_json('{"a": NaN, "b": "caf\\udce9.png"}', RECORD)
    assert value["b"] == "caf\udce9.png"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("a: 1\nb: [x, 2.5, true, null]\n", {"a": 1, "b": ["x", 2.5, True, None]}),
        ("base: &b {x: 1}\nother: {<<: *b, y: 2}\n", {"base": {"x": 1}, "other": {"x": 1, "y": 2}}),
        ("a: &a [1, 2]\nb: *a\n", {"a": [1, 2], "b": [1, 2]}),
        ("day: 2026-02-30", {"day": "2026-02-30"}),
    ],
)
def test_yaml_of_json_s_kinds_is_read(text: str, value: Any) -> None:
    assert parse_yaml(text) == value


NINEFOLD = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
"""Each alias repeats the one before nine times: 9**12 values in 500 bytes."""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (NINEFOLD, "or more values; at most 50000"),
        ("a: &a [*a]", "refers to itself"),
        ("[" * 3000, "nested levels"),
        ("- " * 3000, "nested levels"),
        ("seed: " + "9" * 5000, "a number of 5000 digits"),
        ("a: 0b_", "it is not YAML"),
        ("a: !!float x", "it is not YAML"),
        ("a: !!int ''", "it is not YAML"),
        ("a: !!int '-'", "it is not YAML"),
        ("a: !!float '_'", "it is not YAML"),
        ("a: 1" + ":59" * 100_000, "a number of 200001 digits"),
        ("a: !!python/object:os.system x", "it is not YAML"),
        ("a: !!set {b}", "it is not YAML"),
        ("? [a]\n: b", "it is not YAML"),
        ("a: " + ":".join(["59"] * 300) + ".0", "it is not YAML"),
        ("a: .nan", "it contains nan"),
        ("a: \x00", "it is not YAML"),
        ("a: [1, 2", "line 1"),
    ],
)
def test_yaml_that_is_out_of_bounds_is_refused(text: str, said: str) -> None:
    with pytest.raises(DocumentError, match=said) as caught:
        parse_yaml(text)
    assert len(str(caught.value)) < 250


def test_values_of_a_program_are_bounded_as_well() -> None:
    inside_itself: list[Any] = []
    inside_itself.append(inside_itself)
    for value in (inside_itself, [0] * 20_000, {"a": "x" * 30_000}, 10**200, ["\udfff"]):
        with pytest.raises(DocumentError):
            check_value(value, LINE)
    check_value({"a": [1, 2.5, "text", None, True, b"bytes"]}, SETTINGS)


@given(st.text(st.characters(), max_size=300) | st.integers() | st.lists(st.integers()))
@settings(deadline=None, max_examples=200)
def test_what_is_quoted_is_short_and_printable(value: Any) -> None:
    text = quoted(value) if isinstance(value, str) else shown(value)
    assert len(text) <= 170
    text.encode()
    assert all(sign.isprintable() or sign == "\u3000" or sign.isspace() for sign in text)


def test_numbers_of_many_digits_are_quoted_by_their_count() -> None:
    assert shown(10**5000) == "a number of 5001 digits"
    assert shown([[[[1]]]]) == "[[[...]]]" or "..." in shown([[[[1]]]])
    assert "\n" not in shown("a\nb")


def test_every_message_is_short_and_printable() -> None:
    message = str(InputError("x" * 100_000 + "\ud800\x1b[31m"))
    assert len(message) <= 1000
    message.encode()
    assert "\x1b" not in message
    assert str(InputError("两行\n文字")) == "两行\n文字"
