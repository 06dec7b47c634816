"""`python inference.py -r IMAGE -a AUDIO`: the command line of the original JoyVASA, with this pipeline."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.main import run
from commands.option_flags import anchor_points, typed, with_engine_flags
from commands.original_flags import plain_arguments, sentence
from commands.render import Yes, ask_before_long, make_video, tell
from media.errors import JoyStudioError, OptionError, OutputError

if TYPE_CHECKING:
    from studio.settings import Settings

ENGINE = "joyvasa"


def inference(
    reference: Annotated[
        str, typer.Option("--reference", "-r", metavar="IMAGE", help="The portrait.", show_default=False)
    ],
    audio: Annotated[
        str, typer.Option("--audio", "-a", metavar="FILE", help="The voice.", show_default=False)
    ],
    output_dir: Annotated[
        str, typer.Option("--output-dir", "-o", metavar="FOLDER", help="The folder for IMAGE_AUDIO.mp4.")
    ] = "animations/",
    flag_do_torch_compile: Annotated[
        bool,
        typer.Option(
            "--flag-do-torch-compile/--no-flag-do-torch-compile", help=("The same as --compile compiled.")
        ),
    ] = False,
    flag_use_half_precision: Annotated[
        bool | None,
        typer.Option(
            "--flag-use-half-precision/--no-flag-use-half-precision",
            help="Use 16 bits if the device handles them well, otherwise 32; see --precision.",
            show_default=False,
        ),
    ] = None,
    device_id: Annotated[
        int | None, typer.Option(metavar="INTEGER", help="The GPU to use, from 0.", min=0, show_default=False)
    ] = None,
    flag_force_cpu: Annotated[
        bool, typer.Option("--flag-force-cpu/--no-flag-force-cpu", help="Use no GPU.")
    ] = False,
    source_max_dim: Annotated[
        str | None, typer.Option(metavar="PIXELS", help="Longest side of the video.", show_default=False)
    ] = None,
    preset: Annotated[str | None, typer.Option(metavar="NAME", help="A named set of options.")] = None,
    anchors: Annotated[
        tuple[str, str, str] | None,
        typer.Option(
            metavar="X,Y X,Y X,Y", help="An animal's left eye, right eye and mouth.", show_default=False
        ),
    ] = None,
    seed: Annotated[str, typer.Option(metavar="INTEGER", help="The same seed gives the same video.")] = "0",
    yes: Yes = False,
    **flags: Any,
) -> None:
    """Make a talking video with the flags of the original JoyVASA, written with underscores or dashes.

    The defaults are those of this program, not those of the original.
    """
    from studio.job import Job
    from studio.presets import load_preset

    options = typed(flags)
    if flag_use_half_precision is not None:
        options.setdefault("precision", "auto" if flag_use_half_precision else "fp32")
    if flag_do_torch_compile:
        options.setdefault("compile", "compiled")
    values = load_preset(ENGINE, preset).values if preset else {}
    picture, voice = Path(reference), Path(audio)
    job = Job(
        engine=ENGINE,
        portrait=picture,
        voice=voice,
        options=values | options,
        preset=preset,
        seed=seed,
        anchors=anchor_points(anchors),
        output=_made(Path(output_dir)) / f"{picture.stem}_{voice.stem}.mp4",
    )
    settings = _settings(device_id, flag_force_cpu, source_max_dim)
    if not yes:
        ask_before_long([job], settings)
    raise typer.Exit(tell(make_video(job, settings), as_json=False))


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            "The folder {folder} cannot be created ({reason}); choose another.",
            folder=folder,
            reason=error.strerror,
        ) from error
    return folder


def _settings(device_id: int | None, force_cpu: bool, max_side: str | None) -> Settings:
    """The owner's settings, with a GPU if there is one and no other device is set."""
    from studio.settings import Settings

    given: dict[str, Any] = {} if max_side is None else {"max_side": max_side}
    if force_cpu and device_id is not None:
        raise OptionError("--device-id names a GPU and --flag-force-cpu forbids it. Leave one out.")
    if force_cpu:
        return Settings(device="cpu", **given)
    if device_id is not None:
        return Settings(device=f"cuda:{device_id}", **given)
    settings = Settings(**given)
    return settings if "device" in settings.model_fields_set else Settings(device=_usual_device(), **given)


def _usual_device() -> str:
    """The first GPU, as in the original; without torch "cpu", and the engine names the missing package."""
    try:
        import torch
    except ImportError:
        return "cpu"
    return "cuda" if torch.cuda.is_available() else "cpu"


def main(arguments: Sequence[str] | None = None) -> int:
    """Make one video and return the exit code, as `commands.main.run`; without arguments, show the help."""
    try:
        plain, dropped = plain_arguments((sys.argv[1:] if arguments is None else arguments) or ["--help"])
    except JoyStudioError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if dropped:
        print(f"note: {sentence(dropped)}", file=sys.stderr)
    program = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    program.command()(with_engine_flags(inference, [ENGINE]))
    return run(program, plain)
