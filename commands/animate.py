"""`animate`: a portrait and a voice become a video."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any

import typer

from commands.flags import typed
from commands.progress_line import ProgressLine
from media.errors import OptionError


def animate(
    portrait: Annotated[str, typer.Argument(metavar="PORTRAIT", help="A picture with a face.")],
    voice: Annotated[str, typer.Argument(metavar="VOICE", help="A sound or video file with a voice.")],
    output: Annotated[
        str | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="The .mp4 to write; none takes a new name in outputs/."
        ),
    ] = None,
    engine: Annotated[
        str, typer.Option("--engine", metavar="NAME", help="Which engine renders; see `engines`.")
    ] = "preview",
    preset: Annotated[
        str | None,
        typer.Option(
            "--preset", metavar="NAME", help="Begin with a named set of options; flags go before it."
        ),
    ] = None,
    seed: Annotated[str, typer.Option("--seed", metavar="INTEGER", help="Same seed, same video.")] = "0",
    face_index: Annotated[
        str, typer.Option("--face-index", metavar="INTEGER", help="Which face, counted from the largest.")
    ] = "0",
    anchors: Annotated[
        tuple[str, str, str] | None,
        typer.Option(
            "--anchors",
            metavar="X,Y X,Y X,Y",
            help="An animal's left eye, right eye and mouth, in pixels of the picture.",
        ),
    ] = None,
    motion: Annotated[
        str | None,
        typer.Option(
            "--motion",
            metavar="FILE",
            help="Render the motion that an earlier job kept beside its video, without sampling it again.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object about the video.")] = False,
    **flags: Any,
) -> None:
    """Make a talking video from a portrait and a voice.

    Put `--` before file names that begin with a dash.
    """
    from studio.events import Finished, Progress
    from studio.job import Job
    from studio.presets import load_preset
    from studio.run import run

    values = load_preset(engine, preset).values if preset else {}
    job = Job(
        engine=engine,
        portrait=Path(portrait),
        speech=Path(voice),
        options=values | typed(flags),
        preset=preset,
        seed=seed,
        face_index=face_index,
        anchors=tuple(map(_point, anchors)) if anchors else None,
        motion=Path(motion) if motion else None,
        output=Path(output) if output else None,
    )
    line = ProgressLine(sys.stderr)
    try:
        with closing(run(job)) as events:
            for event in events:
                if isinstance(event, Progress):
                    line.show(event)
                elif isinstance(event, Finished):
                    result = event.result
    finally:
        line.clear()
    if as_json:
        print(json.dumps(result.as_json()))
        return
    for note in result.notes:
        print(f"note: {note}")
    print(
        f"{result.path}: {result.duration:.1f} s of video in {result.seconds:.1f} s, "
        f"{result.size[0]}x{result.size[1]}, {result.fps} frames per second"
    )
    if result.motion and not motion:
        print(f"{result.motion}: its motion, for other sliders without sampling again (--motion)")


def _point(text: str) -> tuple[float, float]:
    """Read `x,y`."""
    try:
        x, y = text.split(",")
        return float(x), float(y)
    except ValueError:
        raise OptionError(
            f"--anchors takes three points such as 120,80, but one of them is {text!r}."
        ) from None
