"""`curves`: a voice becomes curves for other programs, without a portrait."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from typing import Annotated, Any

import typer

from commands.option_flags import typed
from commands.progress_line import ProgressLine
from media.documents.paths import given_path
from media.documents.quoting import whole

UNUSED = ("animation_mode", "rest_mouth", "breathing", "fps")
"""Options of the preview engine that are about the portrait, or that have a flag of their own here."""


def curves(
    voice: Annotated[str, typer.Argument(metavar="VOICE", help="An audio or video file with a voice.")],
    output: Annotated[
        str,
        typer.Option("--output", "-o", metavar="FILE", help="The file to write, such as take.livelink.csv."),
    ],
    format: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="NAME",
            help="live-link-face, audio2face-json, audio2face-csv, vrma, vrma-arkit, rhubarb-json, "
            "rhubarb-tsv, rhubarb-xml, moho, oculus or keyframes. Default: what the name of the file says.",
        ),
    ] = None,
    fps: Annotated[
        str | None,
        typer.Option(
            "--fps",
            metavar="INTEGER",
            help="Frames per second. [12 to 60; default 30; moho: 24 to 100, default 24]",
        ),
    ] = None,
    seed: Annotated[
        str | None,
        typer.Option("--seed", metavar="INTEGER", help="The same seed gives the same curves. Default: 0."),
    ] = None,
    audio_track: Annotated[
        int | None,
        typer.Option(
            "--audio-track",
            metavar="INTEGER",
            min=1,
            help="Which audio track of the file to use, from 1. Default: the one most like a voice.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object about the file.")] = False,
    **flags: Any,
) -> None:
    """Write a voice's mouth, blinks, brows and head as curves: for Unreal, Blender, VTuber programs or Moho.

    Left and right are the person's, as ARKit means them. In place of VOICE, a .motion.safetensors file of
    JoyVASA becomes LivePortrait's motion template (.pkl).
    """
    from studio.curves import curve_request, write_curves
    from studio.live_portrait import is_template, write_template
    from studio.settings import Settings

    target = given_path(output)
    if is_template(target, format):
        frames = write_template(given_path(voice), target)
        about = {"path": str(target), "format": "liveportrait", "frames": frames}
        print(
            json.dumps(about)
            if as_json
            else f"{whole(target)}: LivePortrait motion template, {frames} frames"
        )
        return
    request = curve_request(
        voice, target, format=format, fps=fps, options=typed(flags), seed=seed, track=audio_track
    )
    line = ProgressLine(sys.stderr)
    work = write_curves(request, target, Settings())
    try:
        with closing(work):
            while True:
                line.show_text("curves", next(work), None)
    except StopIteration as end:
        written = end.value
    finally:
        line.clear()
    if as_json:
        print(json.dumps(written.as_json()))
        return
    for note in written.notes:
        print(f"note: {note}")
    count = f"{written.cues} cues"
    if written.kind.frames is not None:
        count = f"{written.frames} frames at {written.fps} per second"
    print(f"{whole(target)}: {written.kind.title}, {written.duration:.1f} s, {count}")
