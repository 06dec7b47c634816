"""The flags that every command has which makes one video."""

from __future__ import annotations

from typing import Annotated

import typer

Text = Annotated[
    str | None, typer.Option("--text", metavar="TEXT", help="A text to speak, instead of VOICE.")
]
Preset = Annotated[
    str | None,
    typer.Option("--preset", metavar="NAME", help="A named set of options; flags override it."),
]
Seed = Annotated[
    str | None,
    typer.Option("--seed", metavar="INTEGER", help="The same seed gives the same video. Default: 0."),
]
AudioTrack = Annotated[
    str | None,
    typer.Option(
        "--audio-track",
        metavar="INTEGER",
        help="Which audio track of VOICE to use, from 1. Default: the one that most resembles a voice.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object about the video.")]
