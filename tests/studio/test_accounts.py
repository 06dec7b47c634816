"""The file of accounts: valid lines, and refusals with their line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.errors import JoyStudioError, OptionError, OutputError
from studio.accounts import LONGEST_NAME, Accounts, check_name, clean_name, read_accounts, write_account
from studio.passwords import PasswordHash

ANN, BEN = PasswordHash.of("ann's password", ln=10), PasswordHash.of("ben's password", ln=10)


def written(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def test_accounts_are_read_among_comments_and_empty_lines(tmp_path: Path) -> None:
    path = written(tmp_path / "accounts", f"\ufeff# The lab\n\n ann:{ANN}\r\nbén dot:{BEN}\n")
    accounts = read_accounts(path)
    assert set(accounts.hashes) == {"ann", "bén dot"}
    assert accounts.notes == ()
    assert accounts.fits("ann", "ann's password")
    assert accounts.fits(" be\u0301n dot ", "ben's password")
    assert not accounts.fits("ann", "ben's password")
    assert not accounts.fits("ANN", "ann's password")
    assert not accounts.fits("nobody", "ann's password")
    assert not Accounts({}).fits("", "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "contains no account"),
        ("# nothing\n", "contains no account"),
        (f"ann:{ANN}\nben\n", "Line 2 of .* has no colon"),
        (f"\n\nann:{ANN}\nben:secret word\n", "Line 4 of .* not a hash"),
        (f"ann:{ANN}\nann:{BEN}\n", "Line 2 of .* the name 'ann' again"),
        (f":{ANN}\n", "Line 1 of .* cannot be the name"),
        (f"a\x07b:{ANN}\n", "Line 1 of .* cannot be the name"),
        (f"{'x' * 65}:{ANN}\n", "Line 1 of .* cannot be the name"),
        ("ann:$scrypt$ln=30,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$" + "A" * 43, "Line 1 of .* cost is out of range"),
        ("x" * (1 << 20) + "\n", "more than 1048576 bytes"),
    ],
    ids=["empty", "comment", "colon", "hash", "twice", "no-name", "control", "long", "cost", "size"],
)
def test_errors_are_reported_with_their_line(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path / "accounts", text)
    with pytest.raises(OptionError, match=said) as caught:
        read_accounts(path)
    assert "secret word" not in str(caught.value)


def test_a_missing_file_or_one_that_is_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match=r"cannot be read: No such file.* password NAME --file"):
        read_accounts(tmp_path / "nothing")
    with pytest.raises(OptionError, match="cannot be read: Is a directory"):
        read_accounts(tmp_path)
    (tmp_path / "accounts").write_bytes(b"ann:\xff\xfe")
    with pytest.raises(OptionError, match="not UTF-8 text at byte 4"):
        read_accounts(tmp_path / "accounts")


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_may_change_is_refused(tmp_path: Path, mode: int) -> None:
    path = written(tmp_path / "accounts", f"ann:{ANN}\n", mode)
    with pytest.raises(OptionError, match=rf"may change .* mode is {mode:o}.*chmod 600"):
        read_accounts(path)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o444])
def test_a_file_that_others_may_read_is_used_and_noted(tmp_path: Path, mode: int) -> None:
    """Docker and Kubernetes hand secrets over like that."""
    accounts = read_accounts(written(tmp_path / "accounts", f"ann:{ANN}\n", mode))
    assert accounts.fits("ann", "ann's password")
    assert f"mode is {mode:o}" in accounts.notes[0]


@given(st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read_or_refused_with_a_sentence(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any-accounts"
    path.write_bytes(data)
    path.chmod(0o600)
    with pytest.raises(JoyStudioError):
        read_accounts(path)


def test_an_account_is_added_and_changed_and_the_rest_stays(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "accounts"
    assert not write_account(path, "ann", ANN)
    assert path.stat().st_mode & 0o777 == 0o600
    path.write_text(f"# The lab\n{path.read_text(encoding='utf-8')}", encoding="utf-8")
    assert not write_account(path, "ben", BEN)
    assert write_account(path, " ann ", BEN)
    assert path.read_text(encoding="utf-8") == f"# The lab\nben:{BEN}\nann:{BEN}\n"
    assert [each.name for each in path.parent.iterdir()] == ["accounts"]


def test_a_file_that_cannot_be_used_is_left_as_it_is(tmp_path: Path) -> None:
    path = written(tmp_path / "accounts", "not an account\n")
    with pytest.raises(OptionError, match="Line 1"):
        write_account(path, "ann", ANN)
    assert path.read_text(encoding="utf-8") == "not an account\n"
    with pytest.raises(OutputError, match="cannot be written"):
        write_account(tmp_path / "accounts" / "below", "ann", ANN)


@pytest.mark.parametrize("name", ["", " ", "a:b", "#ann", "a\nb", "x" * 65, "\ud800"])
def test_a_name_that_no_file_could_hold_is_refused(name: str) -> None:
    with pytest.raises(OptionError, match="cannot be the name of an account"):
        check_name(name)


def test_a_name_of_any_length_is_cut_before_it_is_normalized() -> None:
    assert clean_name(f"  {'a' * 1_000_000}  ") == "a" * 4 * LONGEST_NAME
    assert clean_name("  ann ") == "ann"
    with pytest.raises(OptionError):
        check_name("a" * 1_000_000)
