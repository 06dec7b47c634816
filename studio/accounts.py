"""Who may use the page: names with hashed passwords, one `name:hash` on each line of a file."""

from __future__ import annotations

import os
import stat
import tempfile
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from media.errors import OptionError, OutputError
from studio.passwords import PasswordHash

LARGEST = 1 << 20
"""Largest size of the file, in bytes; a line takes about 100."""
LONGEST_NAME = 64


@dataclass(frozen=True)
class Accounts:
    """The names that may log in.

    hashes: by name. notes: warnings for the owner about the file.
    """

    hashes: Mapping[str, PasswordHash]
    notes: tuple[str, ...] = ()

    def fits(self, name: str, password: str) -> bool:
        """Whether the password belongs to the name. An unknown name takes the same time to check."""
        known = self.hashes.get(clean_name(name))
        return (known or self._unknown_name).fits(password) and known is not None

    @cached_property
    def _unknown_name(self) -> PasswordHash:
        like = next(iter(self.hashes.values()), None) or PasswordHash.of("")
        return PasswordHash(like.ln, like.r, like.p, bytes(16), bytes(len(like.sum)))


def clean_name(name: str) -> str:
    """A name in the form in which names are compared: without surrounding spaces, in one Unicode form.

    Names that are too long are cut first: normalising takes time that grows with the square of the length.
    """
    return unicodedata.normalize("NFC", name.strip()[: 4 * LONGEST_NAME])


def check_name(name: str) -> str:
    """Check a name for a new account. Raises OptionError for a name that the file cannot hold."""
    name = clean_name(name)
    if not 1 <= len(name) <= LONGEST_NAME or ":" in name or name.startswith("#") or not name.isprintable():
        raise OptionError(
            "{name!r} cannot be the name of an account. Use 1 to {longest} letters, digits, dots or dashes, "
            "without a colon.",
            name=name[:LONGEST_NAME],
            longest=LONGEST_NAME,
        )
    return name


def read_accounts(path: Path) -> Accounts:
    """Read a file of accounts; empty lines and lines that begin with # are skipped.

    Raises OptionError for a file that does not exist, cannot be read, can be changed by other users of the
    machine, or contains no account, and for an invalid line, with its number.
    """
    lines, notes = _read_lines(path)
    hashes = _parse_lines(lines, path)
    if not hashes:
        raise OptionError(
            "The file of accounts {path} contains no account. Add one with: python cli.py password NAME "
            "--file {path}",
            path=path,
        )
    return Accounts(hashes, notes)


def write_account(path: Path, name: str, password: PasswordHash) -> bool:
    """Write an account to a file, in place of an earlier one of that name. Returns whether there was one.

    Only the owner can read and write the file. Its other lines stay unchanged. Raises OptionError if the name
    or the file cannot be used, and OutputError if the file cannot be written.
    """
    name, path = check_name(name), path.resolve()
    lines = _read_lines(path)[0] if path.exists() else []
    _parse_lines(lines, path)
    kept = [line for line in lines if clean_name(line.partition(":")[0]) != name]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, new = tempfile.mkstemp(
            dir=path.parent, prefix=f".{path.name}."
        )  # readable by its owner only
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write("".join(f"{line}\n" for line in (*kept, f"{name}:{password}")))
            Path(new).replace(path)
        finally:
            Path(new).unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(
            "The file of accounts {path} cannot be written: {reason}.", path=path, reason=error.strerror
        ) from error
    return len(kept) < len(lines)


def _read_lines(path: Path) -> tuple[list[str], tuple[str, ...]]:
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise OptionError(
            "The file of accounts {path} cannot be read: {reason}. Create one with: python cli.py password "
            "NAME --file {path}",
            path=path,
            reason=error.strerror,
        ) from error
    notes = _check_mode(path, mode)
    if len(data) > LARGEST:
        raise OptionError(
            "The file of accounts {path} has more than {largest} bytes; a line takes about 100. Check that "
            "it is the right file.",
            path=path,
            largest=LARGEST,
        )
    try:
        return data.decode("utf-8-sig").splitlines(), notes
    except UnicodeDecodeError as error:
        raise OptionError(
            "The file of accounts {path} is not UTF-8 text at byte {start}. Save it as UTF-8.",
            path=path,
            start=error.start,
        ) from error


def _parse_lines(lines: list[str], path: Path) -> dict[str, PasswordHash]:
    hashes: dict[str, PasswordHash] = {}
    for number, line in enumerate(map(str.strip, lines), 1):
        if not line or line.startswith("#"):
            continue
        name, colon, text = line.partition(":")
        try:
            if not colon:
                raise ValueError("it has no colon")
            name, parsed = check_name(name), PasswordHash.parse(text.strip())
        except (ValueError, OptionError) as error:
            raise OptionError(
                "Line {number} of {path} is not an account: {reason}. A line is a name, a colon and a hash; "
                "python cli.py password NAME prints one.",
                number=number,
                path=path,
                reason=error,
            ) from error
        if name in hashes:
            raise OptionError(
                "Line {number} of {path} has the name {name!r} again. Remove one of the two.",
                number=number,
                path=path,
                name=name,
            )
        hashes[name] = parsed
    return hashes


def _check_mode(path: Path, mode: int) -> tuple[str, ...]:
    if os.name != "posix":
        return ()
    if mode & 0o022:
        raise OptionError(
            "Other users of this machine may change the file of accounts {path} (its mode is {mode:03o}). "
            "Run: chmod 600 {path}",
            path=path,
            mode=mode,
        )
    if mode & 0o044:
        return (
            f"Other users of this machine may read the file of accounts {path} (its mode is {mode:03o}); "
            f"chmod 600 {path} keeps it to yourself.",
        )
    return ()
