"""Runs a command and reports its end: in one line, and by the exit code."""

from __future__ import annotations

import contextlib
import io
import sys
from collections.abc import Sequence

import typer

from commands.flag_names import as_flags
from commands.signals import signals_as_interrupts
from media.errors import JoyStudioError, NoFaceError

SIGNALLED = 128
"""A shell adds this to the number of the signal that ended a program."""
CANCELLED = SIGNALLED + 2


def run(command_line: typer.Typer, arguments: Sequence[str]) -> int:
    """Run a command and return the exit code.

    0: done. 1: partly done, as the command says. 2: not done, with one line about the reason, and after it
    the other points that are proposed for an animal. 130 for Ctrl-C, 143 for SIGTERM and 129 for SIGHUP,
    after unfinished files were removed.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file name can be anything
    with signals_as_interrupts() as signals:
        try:
            code = command_line(args=arguments, standalone_mode=False)
        except (JoyStudioError, typer.TyperException) as error:
            message = _usage(error) if isinstance(error, typer.TyperException) else as_flags(error.message)
            print(f"error: {' '.join(message.split())}", file=sys.stderr)
            if isinstance(error, NoFaceError) and error.proposals[1:]:
                print(_others(error), file=sys.stderr)
            return 2
        except KeyboardInterrupt:
            code = CANCELLED
    if code == CANCELLED:
        code = SIGNALLED + signals[0] if signals else code
        with contextlib.suppress(OSError):  # the terminal is gone
            print("cancelled", file=sys.stderr)
    return code if isinstance(code, int) else 0


def _others(error: NoFaceError) -> str:
    """The proposals after the first, which the message has."""
    from media.anchors import anchors_flag

    lines = (f"  --anchors {anchors_flag(points)}" for points in error.proposals[1:])
    return "\n".join(("Other proposals:", *lines))


def _usage(error: typer.TyperException) -> str:
    message: str = error.format_message()
    if type(error).__name__ == "NoSuchOption" and not message.endswith("?"):
        message += ". If it is a text or a file, put -- before it, and every option before that."
    return message
