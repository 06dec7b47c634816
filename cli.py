"""JoyStudio on the command line: `python cli.py animate PORTRAIT VOICE -o out.mp4`."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence

if __name__ == "__main__" and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    # Until commands.signals takes over, Ctrl-C ends the program as quietly as SIGTERM does, and not with the
    # traceback of an import.
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import typer

from commands.animate import animate
from commands.app import app
from commands.batch import batch
from commands.compare import compare
from commands.curves import UNUSED, curves
from commands.deploy import deploy
from commands.dub import dub
from commands.edit import beside, export, join
from commands.evaluate import evaluate
from commands.history import history
from commands.inspect import inspect
from commands.listings import engines, options, presets
from commands.live import live
from commands.main import run
from commands.option_flags import with_engine_flags
from commands.password import password
from commands.portrait import portrait
from commands.prepare import prepare
from commands.speak import speak, voices
from commands.train import build as build_train
from commands.weights import weights
from engines.dub_options import unused_in_dubs
from engines.registry import specs


def build() -> typer.Typer:
    """The commands, with a flag for every option of every available engine."""
    cli = typer.Typer(
        help="A portrait and a voice become a talking video.",
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )
    plain = (engines, presets, options, batch, evaluate, compare, app, inspect, deploy, prepare, password)
    edits = (portrait, export, join, beside)
    live_form = with_engine_flags(live, [spec.name for spec in specs() if spec.live])
    curves_form = with_engine_flags(curves, ["preview"], lambda _: UNUSED)
    dub_form = with_engine_flags(dub, [spec.name for spec in specs() if spec.dubs], unused_in_dubs)
    for command in (
        with_engine_flags(animate),
        live_form,
        curves_form,
        dub_form,
        speak,
        voices,
        *edits,
        *plain,
    ):
        cli.command()(command)
    cli.add_typer(history, name="history")
    cli.add_typer(weights, name="weights")
    cli.add_typer(build_train(), name="train")
    return cli


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code, as `commands.main.run`.

    arguments: None for those of the process; without any, the help is shown.
    """
    return run(build(), (sys.argv[1:] if arguments is None else arguments) or ["--help"])


if __name__ == "__main__":
    sys.exit(main())
