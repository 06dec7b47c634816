"""`password` and `--auth`: no password is shown, or appears on a command line."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

import app
import cli
from studio.accounts import read_accounts
from studio.settings import Settings
from ui.serve import PageAccess

ROOT = Path(__file__).resolve().parents[1]


def piped(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


def test_the_line_of_an_account_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    piped(monkeypatch, "a long password\n")
    assert cli.main(["password", "ann"]) == 0
    printed = capsys.readouterr().out
    (tmp_path / "accounts").write_text(printed, encoding="utf-8")
    (tmp_path / "accounts").chmod(0o600)
    assert read_accounts(tmp_path / "accounts").fits("ann", "a long password")
    assert "a long password" not in printed


def test_an_account_is_kept_in_a_file_and_changed_there(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "accounts"
    for password, said in (("a long password", "Added ann"), ("another password", "Changed ann")):
        piped(monkeypatch, f"{password}\n")
        assert cli.main(["password", "ann", "--file", str(path)]) == 0
        assert said in capsys.readouterr().out
        assert read_accounts(path).fits("ann", password)


@pytest.mark.parametrize(
    ("name", "typed", "said"), [("ann", "short\n", "5 characters"), ("a:b", "", "'a:b' cannot")]
)
def test_invalid_accounts_are_refused(
    name: str, typed: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    piped(monkeypatch, typed)
    assert cli.main(["password", name]) == 2
    assert said in capsys.readouterr().err


def test_a_typed_password_is_not_shown(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "cli.py", "password", "ann", "--file", str(tmp_path / "accounts")]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    ) as process:
        os.close(theirs)
        shown = b""
        for question in (b"Password for ann: ", b"The same again: "):
            while question not in shown:
                shown += os.read(ours, 1024)
            os.write(ours, b"a long password\n")
        while b"Added ann" not in shown:
            shown += os.read(ours, 1024)
        assert process.wait() == 0
    os.close(ours)
    assert b"a long password" not in shown
    assert read_accounts(tmp_path / "accounts").fits("ann", "a long password")


def started_with(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> PageAccess:
    """The access that a page would have been started with."""
    given: list[PageAccess] = []
    monkeypatch.setattr("ui.serve.serve", lambda settings, access: given.append(access))
    assert app.main(arguments) == 0
    return given[0]


def test_the_password_of_auth_comes_from_the_setting(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JOYSTUDIO_AUTH_PASSWORD", "a long password")
    access = started_with(monkeypatch, "--auth", "ann")
    accounts = access.accounts()
    assert accounts is not None
    assert accounts.fits("ann", "a long password")
    assert capsys.readouterr().err == ""
    assert "a long password" not in repr(Settings())


def test_a_password_without_a_name_opens_no_page(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JOYSTUDIO_AUTH_PASSWORD", "a long password")
    assert app.main([]) == 2
    assert "Add --auth NAME" in capsys.readouterr().err


def test_a_password_on_the_command_line_works_and_is_noted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    accounts = started_with(monkeypatch, "--share", "--auth", "ann:a:b").accounts()
    assert accounts is not None
    assert accounts.fits("ann", "a:b")
    assert (
        "note: other users of this machine can see a password on the command line" in capsys.readouterr().err
    )


def test_a_file_of_accounts_is_enough_for_a_tunnel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "accounts"
    piped(monkeypatch, "ben's password\n")
    assert cli.main(["password", "ben", "--file", str(path)]) == 0
    settings = Settings(auth_file=path)
    options = PageAccess(share=True).launch_options(settings)
    assert options["share"] is True
    assert callable(options["auth"])
    both = PageAccess(auth="ann:ann's password").accounts(settings)
    assert both is not None
    assert set(both.hashes) == {"ann", "ben"}
