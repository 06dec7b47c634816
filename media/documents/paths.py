"""Paths as users write them."""

from __future__ import annotations

import os
from pathlib import Path

from media.documents.quoting import quoted, reason_of
from media.errors import InputError
from media.messages import said

LONGEST_NAME = 255
"""Bytes of one name on most file systems; characters on Windows."""
LONGEST_PATH = 4096
"""Bytes of a path on Linux, including its final zero byte."""


def given_path(text: str | os.PathLike[str]) -> Path:
    """The given path, with ~ as the home folder.

    Raises InputError for an impossible path: for an unknown user, with a zero byte or a lone surrogate, or
    too long. The caller checks whether the file exists.
    """
    written = os.fspath(text)
    try:
        path = Path(written).expanduser()
        reason = _unusable(str(path))
    except RuntimeError:
        reason = said(
            "this machine knows no home folder for {user}",
            user=quoted(written.partition("/")[0], 40),
        )
    except (OSError, ValueError) as error:
        reason = reason_of(error)
    if reason:
        raise InputError(
            'The path "{path}" cannot be used: {reason}. Name another file.',
            path=quoted(written),
            reason=reason,
        )
    return path


def exists(path: Path) -> bool:
    """Whether the path exists; also False if the system refuses the name."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def is_file(path: Path) -> bool:
    """The same for a regular file."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _unusable(path: str) -> str:
    """Why no file can have this name, or ""."""
    if "\0" in path:
        return "it holds a zero byte"
    try:
        size = len(path) if os.name == "nt" else len(os.fsencode(path))
    except UnicodeEncodeError as error:
        return f"it holds half of a character (\\u{ord(path[error.start]):04x})"
    if size >= LONGEST_PATH:
        return said(
            "it has {size} bytes, and a path takes at most {most}",
            size=size,
            most=LONGEST_PATH - 1,
        )
    for name in path.replace(os.sep, "/").split("/"):
        long = len(name) if os.name == "nt" else len(os.fsencode(name))
        if long > LONGEST_NAME:
            return said(
                "a name in it has {size} bytes, and file systems take at most {most}",
                size=long,
                most=LONGEST_NAME,
            )
    return ""
