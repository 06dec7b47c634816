"""`animate`: a portrait and a voice become a video."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from commands.flags import anchor_points, typed
from commands.one_video import make_video


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
    from studio.job import Job
    from studio.presets import load_preset

    values = load_preset(engine, preset).values if preset else {}
    job = Job(
        engine=engine,
        portrait=Path(portrait),
        speech=Path(voice),
        options=values | typed(flags),
        preset=preset,
        seed=seed,
        face_index=face_index,
        anchors=anchor_points(anchors),
        motion=Path(motion) if motion else None,
        output=Path(output) if output else None,
    )
    make_video(job, as_json=as_json)
