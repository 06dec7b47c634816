"""Hashed passwords: right ones, wrong ones, and invalid hashes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.errors import OptionError
from studio.passwords import LONGEST, PasswordHash, check_new

CHEAP = PasswordHash.parse("$scrypt$ln=10,r=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$" + "A" * 43)


def test_only_the_password_itself_fits_and_no_two_hashes_are_alike() -> None:
    first, second = PasswordHash.of("correct horse", ln=10), PasswordHash.of("correct horse", ln=10)
    assert str(first) != str(second)
    for made in (first, second):
        assert made.fits("correct horse")
        assert not any(made.fits(other) for other in ("", "correct hors", "Correct horse", "correct horse "))
    assert "correct" not in f"{first!r}{first}"
    assert str(PasswordHash.of("correct horse")).startswith("$scrypt$ln=15,r=8,p=3$")


def test_a_hash_survives_a_file() -> None:
    made = PasswordHash.of("Пароль 密码 é", ln=10)
    again = PasswordHash.parse(str(made))
    assert str(again) == str(made)
    assert again.fits("Пароль 密码 é")
    assert again.fits("Пароль 密码 e\u0301")  # as another keyboard writes the é


@given(st.text(max_size=40) | st.just("x" * (LONGEST + 1)) | st.just("\ud800"))
@settings(max_examples=50, deadline=None)
def test_any_text_may_be_tried(password: str) -> None:
    assert not CHEAP.fits(password)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "secret",
        "$scrypt$",
        "$argon2id$v=19$m=65536,t=3,p=4$AAAAAAAAAAAAAAAAAAAAAA$" + "A" * 43,
        "$scrypt$ln=15,r=8,p=3$short$" + "A" * 43,
        "$scrypt$ln=15,r=8,p=3$AAAAAAAAAAAAAAAAAAAAAA$short",
        "$scrypt$ln=15,r=8,p=3$AAAAAAAAAAAAAAAAA$" + "A" * 43,
        str(CHEAP) + " ",
    ],
)
def test_invalid_hashes_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a hash"):
        PasswordHash.parse(text)


@pytest.mark.parametrize("cost", ["ln=9,r=8,p=1", "ln=21,r=1,p=1", "ln=20,r=32,p=1", "ln=15,r=8,p=99"])
def test_a_cost_that_protects_nothing_or_fills_the_machine_is_refused(cost: str) -> None:
    with pytest.raises(ValueError, match="out of range"):
        PasswordHash.parse(f"$scrypt${cost}$AAAAAAAAAAAAAAAAAAAAAA$" + "A" * 43)


def test_a_new_password_has_a_length() -> None:
    assert check_new("eight888") == "eight888"
    for password in ("", "seven77", "x" * (LONGEST + 1)):
        with pytest.raises(OptionError, match=f"has {len(password)} characters"):
            check_new(password)
