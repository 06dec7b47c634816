"""Texts become values within limits, or a short reason."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from media.documents import yaml_text
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
def test_an_exceeded_limit_is_reported_with_the_number(text: str, said: str) -> None:
    with pytest.raises(DocumentError, match=said) as caught:
        parse_json(text)
    assert len(str(caught.value)) < 200


def test_brackets_and_commas_in_texts_do_not_count_as_values() -> None:
    value = {"a": "[" * 15_000, "b": '"' * 9000, "c": "," * 19_000}
    assert parse_json(json.dumps(value)) == value
    assert parse_json("[" * 30 + "]" * 30, LINE_OF_30) is not None


LINE_OF_30 = Bounds(1000, depth=30)


def test_our_own_records_may_contain_nan_and_infinity() -> None:
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
def test_yaml_with_the_types_of_json_is_read(text: str, value: Any) -> None:
    assert parse_yaml(text) == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"seed": 1,\n"b": {"seed": 2},\n"seed": 3}', 'gives "seed" on line 1 and again on line 3;'),
        ('[{"a": ":{"},\n{"b": [{"a": 1,\n"\\u0061": 2}]}]', 'gives "a" on line 2 and again on line 3;'),
        ('{"a": 1, "a": 1}', 'gives "a" twice; leave'),
    ],
)
def test_a_duplicate_key_in_json_is_named_with_its_lines(text: str, said: str) -> None:
    with pytest.raises(DocumentError, match=said):
        parse_json(text)
    assert parse_json(text, RECORD) == json.loads(text)  # what a program wrote is read as ever


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("# ours\nfps: 25\nhead: 1\nfps: 30\n", 'gives "fps" on line 2 and again on line 4;'),
        ('a: {b: 1, "b": 2}\n', 'gives "b" twice on line 1;'),
        ("a:\n- 1: x\n  0x1: y\n", 'gives "0x1" on line 2 and again on line 3;'),
    ],
)
def test_a_duplicate_key_in_yaml_is_named_with_its_lines(text: str, said: str) -> None:
    with pytest.raises(DocumentError, match=said):
        parse_yaml(text)


def test_keys_of_different_mappings_and_merged_ones_may_be_the_same() -> None:
    text = "a: &a {x: 1}\nb: &b {x: 2, y: 3}\nc: {<<: *a, <<: *b, x: 4}\n"
    assert parse_yaml(text)["c"] == {"x": 4, "y": 3}


def test_yaml_is_read_the_same_without_libyaml(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a: &a [1, 2.5, true, null, 'x']\nb: {<<: {c: 肖像}, d: *a}\n"
    fast = yaml_text._loader()
    yaml_text._loader.cache_clear()
    monkeypatch.setattr("yaml.__with_libyaml__", False)
    try:
        slow = yaml_text._loader()
        assert issubclass(slow, yaml.SafeLoader)
        assert not issubclass(fast, yaml.SafeLoader)
        values = [loader(text, SETTINGS).get_single_data() for loader in (fast, slow)]
    finally:
        yaml_text._loader.cache_clear()
    assert values[0] == values[1]
    assert values[0]["b"] == {"c": "肖像", "d": [1, 2.5, True, None, "x"]}


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
        ("a: [1, 2", "at the end of line 1"),
        ("a: 1\nb: [1, 2]]\n", "line 2, column 10"),
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
def test_quotes_are_short_and_printable(value: Any) -> None:
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
