"""Starts the web page: `python app.py`. Also what a Hugging Face Space starts."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from typing import Any

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # as in cli.py


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the page until it is stopped; returns 2 if it cannot start, with one line about the reason.

    arguments: of `python cli.py app`; None for those of the process.
    """
    import typer

    from commands.app import app
    from commands.main import run

    program = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    program.command()(app)
    return run(program, sys.argv[1:] if arguments is None else arguments)


def __getattr__(name: str) -> Any:
    """`demo`, the page itself, for tools that look for it here; built only when it is used."""
    if name != "demo":
        raise AttributeError(name)
    from media.startup_shortcuts import without_garbage_rounds
    from studio.hosting.spaces import prepare
    from studio.settings import Settings

    prepare()
    from ui.gradio_start import import_gradio

    with without_garbage_rounds():
        import_gradio()
        from ui.app import build

        return build(Settings())


if __name__ == "__main__":
    sys.exit(main())
