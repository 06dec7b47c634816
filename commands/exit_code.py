"""Runs a command line and says in one line, and by the exit code, how it ended."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence

import typer

from media.errors import JoyStudioError

CANCELLED = 130  # what a shell expects of a program that was stopped with Ctrl-C


def run(command_line: typer.Typer, arguments: Sequence[str]) -> int:
    """Give the exit code: 0, 2 with one line about what is wrong, or 130 for Ctrl-C."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file name can be anything
    try:
        code = command_line(args=arguments, standalone_mode=False)
    except (JoyStudioError, typer.TyperException) as error:
        message = error.format_message() if isinstance(error, typer.TyperException) else str(error)
        print(f"error: {' '.join(message.split())}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        code = CANCELLED
    if code == CANCELLED:
        print("cancelled", file=sys.stderr)
    return code if isinstance(code, int) else 0
