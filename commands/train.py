"""`train KIND`: from a dataset to a checkpoint that an engine loads."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError

from commands.option_flags import typed, with_model_flags
from commands.progress_line import ProgressLine, clock
from media.documents.paths import given_path
from media.errors import OptionError
from studio.options import explain
from training.configuration import read_config
from training.kinds import KINDS, Kind, open_recipe, options_of

if TYPE_CHECKING:
    from training.loop.events import TrainingEvent
    from training.loop.options import LoopOptions

Data = Annotated[str, typer.Option("--data", "-d", metavar="FOLDER", help="A dataset created by `prepare`.")]
Out = Annotated[
    str,
    typer.Option("--out", "-o", metavar="FOLDER", help=("The folder for checkpoints, logs and the result.")),
]
Config = Annotated[
    str | None,
    typer.Option(
        "--config", "-c", metavar="FILE", help=("A file with options, such as those in presets/training.")
    ),
]
Resume = Annotated[bool, typer.Option("--resume", help="Resume from the last checkpoint in the folder.")]


def build() -> typer.Typer:
    """`train` with a command for every kind."""
    app = typer.Typer(help="Train the networks of an engine.", no_args_is_help=True)
    for name, kind in KINDS.items():
        app.command(name, help=kind.help)(with_model_flags(_command(name, kind), options_of(name)))
    return app


def _command(name: str, kind: Kind) -> Callable[..., None]:
    def with_data(data: Data, out: Out, config: Config = None, resume: Resume = False, **flags: Any) -> None:
        _train(name, given_path(data), out, config, resume, typed(flags))

    def alone(out: Out, config: Config = None, resume: Resume = False, **flags: Any) -> None:
        _train(name, None, out, config, resume, typed(flags))

    return with_data if kind.data else alone


def _train(
    name: str, data: Path | None, out: str, config: str | None, resume: bool, given: Mapping[str, Any]
) -> None:
    options = read_options(name, config, given)
    from training.loop.run import train

    recipe = open_recipe(name, data, options)
    with closing(train(recipe, options, given_path(out), resume=resume)) as events:
        _show(events, options)


def read_options(name: str, config: str | None, given: Mapping[str, Any]) -> LoopOptions:
    """A training's options from a file and from typed flags, which take precedence. Raises OptionError."""
    model = options_of(name)
    read = read_config(given_path(config), name) if config else {}
    try:
        return model.model_validate({**read, **given})
    except ValidationError as error:
        raise OptionError(explain(error, model)) from error


def _show(events: Any, options: LoopOptions) -> None:
    """Show progress on one line, and print the events to keep."""
    from training.loop.events import Began

    line = ProgressLine(sys.stderr)
    silent = False
    try:
        for event in events:
            silent = silent or (isinstance(event, Began) and not event.main)
            if not silent:
                _show_one(event, options, line)
    finally:
        line.clear()


def _show_one(event: TrainingEvent, options: LoopOptions, line: ProgressLine) -> None:
    from training.loop.events import Began, Exported, Noted, Saved, Stepped, Validated

    if isinstance(event, Stepped):
        if event.step % options.log_every == 0 or event.step in (1, options.steps):
            line.clear()
            print(event_line(event, options.steps), flush=True)
        line.show_text("training", event.step / options.steps, event.seconds_left)
        return
    line.clear()
    if isinstance(event, Began):
        print(
            f"{event.parameters:,} numbers are trained on {event.device}, {event.processes} process(es), "
            f"{event.samples_per_step} sample(s) a step, from step {event.step + 1} to {event.steps}",
            flush=True,
        )
    elif isinstance(event, Noted):
        print(f"note: {event.text}", flush=True)
    elif isinstance(event, Saved):
        print(f"saved {event.path}", flush=True)
    elif isinstance(event, Validated | Exported):
        for path in event.files:
            print(path, flush=True)


def event_line(event: TrainingEvent, steps: int) -> str:
    """A step in one line."""
    from training.loop.events import Stepped

    assert isinstance(event, Stepped)
    terms = "".join(f"  {name} {value:.4g}" for name, value in event.terms.items())
    return (
        f"step {event.step}/{steps}  loss {event.loss:.5g}{terms}  gradient {event.gradient_norm:.3g}  "
        f"{event.samples_per_second:.3g} samples/s  {clock(event.seconds_left)} left"
    )
