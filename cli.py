"""JoyStudio in a shell: `python cli.py animate PORTRAIT VOICE -o out.mp4`."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence

import typer

from commands.animate import animate
from commands.app import app
from commands.catalogue import engines, options, presets
from commands.flags import with_engine_flags
from commands.history import history
from commands.weights import weights
from media.errors import JoyStudioError

CANCELLED = 130  # what a shell expects of a program that was stopped with Ctrl-C


def build() -> typer.Typer:
    """The commands, with a flag for every option of every engine on the list at this moment."""
    cli = typer.Typer(
        help="A portrait and a voice become a talking video.",
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    for command in (with_engine_flags(animate), engines, presets, options, app):
        cli.command()(command)
    cli.add_typer(history, name="history")
    cli.add_typer(weights, name="weights")
    return cli


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give the exit code: 0, 2 with one line about what is wrong, or 130 for Ctrl-C.

    arguments: those of the process when None; with no arguments at all the help is shown.
    """
    arguments = (sys.argv[1:] if arguments is None else arguments) or ["--help"]
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a file name can be anything
    try:
        code = build()(args=arguments, standalone_mode=False)
    except (JoyStudioError, typer.TyperException) as error:
        message = error.format_message() if isinstance(error, typer.TyperException) else str(error)
        print(f"error: {' '.join(message.split())}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        code = CANCELLED
    if code == CANCELLED:
        print("cancelled", file=sys.stderr)
    return code if isinstance(code, int) else 0


if __name__ == "__main__":
    sys.exit(main())
