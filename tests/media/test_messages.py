"""Messages: finished English that keeps its template and its values."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from media import errors
from media.errors import DocumentError, InputError, JoyStudioError, PortraitError
from media.messages import MOST_VALUES, Message, packed, said, unpacked
from tests.templates import templates


def test_a_message_prints_as_the_same_f_string_would():
    name, share = "a\tb.png", 0.256
    message = said("{name!r} lacks {share:.1%} ({{}}).", name=name, share=share)
    assert message == f"{name!r} lacks {share:.1%} ({{}})."
    assert message.template == "… lacks … ({})."
    assert message.values == (repr(name), "25.6%")


def test_a_message_within_a_message_and_an_error_within_an_error_stay_messages():
    inner = PortraitError("{size} bytes are missing", size=7)
    outer = InputError("{name} cannot be read: {reason}.", name="a.png", reason=inner)
    assert str(outer) == "a.png cannot be read: 7 bytes are missing."
    reason = outer.message.values[1]
    assert isinstance(reason, Message)
    assert (reason.template, reason.values) == ("… bytes are missing", ("7",))


def test_an_error_without_values_may_hold_braces():
    assert str(DocumentError("it has no {")) == "it has no {"


def test_an_error_is_printable_at_every_depth():
    error = InputError("{name} is empty.", name=said("{file}", file="a\x1b[2J\ud800.png"))
    assert str(error).isprintable()
    inner = error.message.values[0]
    assert isinstance(inner, Message)
    assert all(value.isprintable() for value in (inner, *inner.values))


@pytest.mark.parametrize("again", [copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_copies_of_messages_and_errors_are_the_same(again):
    error = again(InputError("{count} files", count=said("{number}", number=3)))
    assert (str(error), error.message.template) == ("3 files", "… files")
    assert isinstance(error.message.values[0], Message)


def test_a_message_can_be_sent_as_plain_data():
    message = said("{what}: {reason} (…)", what="a", reason=said("{size} bytes", size=3))
    plain = json.loads(json.dumps(packed(said("{what}: {reason}", what="a", reason=message.values[1]))))
    found = unpacked(plain, 100)
    assert isinstance(found, Message)
    assert (found, found.template, found.values) == ("a: 3 bytes", "…: …", ("a", "3 bytes"))
    assert unpacked(packed("no values"), 100) == "no values"


@pytest.mark.parametrize(
    "data",
    [
        *(None, 3, {}, [], ["alone"], ["…", 3], ["… and …", "one"], ["no gap", "value"], [3, "…"]),
        ["…", "x" * 101],
        ["… …", "x" * 60, "x" * 60],
        ["…" * (MOST_VALUES + 1), *["x"] * (MOST_VALUES + 1)],
        ["…", ["…", ["…", ["…", ["…", "deep"]]]]],
    ],
)
def test_invalid_data_is_refused(data):
    with pytest.raises(ValueError, match=r"a text|a message|no text"):
        unpacked(data, 100)


def test_every_template_gets_the_fields_that_it_names():
    found = list(templates())
    assert len(found) > 400
    assert [one for one in found if one.fields - one.given] == []


def test_every_field_says_what_its_value_is():
    """A number behind a name, as in {size_2}, tells a reader of the code nothing."""
    assert [one for one in templates() if any(field[-1].isdigit() for field in one.given)] == []


def test_the_tree_of_errors_at_the_head_of_their_module_is_the_real_one():
    def drawn(error: type[JoyStudioError], depth: int = 1) -> str:
        below = (one for one in error.__subclasses__() if one.__module__ == errors.__name__)
        return "    " * depth + error.__name__ + "\n" + "".join(drawn(one, depth + 1) for one in below)

    assert errors.__doc__ is not None
    assert errors.__doc__.endswith(f"\n\n{drawn(JoyStudioError)}")
