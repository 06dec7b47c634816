"""`password`: an account for the page, with its password hashed."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path
from typing import Annotated

import typer

from media.errors import OptionError


def password(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name to log in with.")],
    file: Annotated[
        Path | None,
        typer.Option(
            "--file",
            metavar="FILE",
            help=("Add the account to this file, or change its password in this file."),
        ),
    ] = None,
) -> None:
    """Ask for a password, and print the account's line or add it to a file (JOYSTUDIO_AUTH_FILE)."""
    from studio.accounts import check_name, write_account
    from studio.passwords import PasswordHash, check_new

    name = check_name(name)
    hashed = PasswordHash.of(check_new(ask(f"Password for {name}: ", again=True)))
    if file is None:
        print(f"{name}:{hashed}")
        return
    changed = write_account(file, name, hashed)
    print(f"{'Changed' if changed else 'Added'} {name} in {file}. Restart the page to apply the change.")


def ask(question: str, *, again: bool = False) -> str:
    """A password typed without echo in a terminal, or the first line of a pipe.

    again: whether it is typed twice. Raises OptionError if the two differ.
    """
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass.getpass(question)
    if again and getpass.getpass("The same again: ") != first:
        raise OptionError("The two passwords differ. Nothing was changed; run the command again.")
    return first
