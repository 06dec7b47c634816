"""`export`, `join` and `beside`: edits of finished videos."""

from __future__ import annotations

import json
import sys
from collections.abc import Generator
from contextlib import closing
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands.option_flags import typed, with_model_flags
from commands.progress_line import ProgressLine
from commands.render import INCOMPLETE
from media.documents.paths import given_path
from media.documents.quoting import whole
from studio.clips.options import BesideOptions, ExportOptions, JoinOptions, clip_options

if TYPE_CHECKING:
    from studio.clips.events import ClipEvent, Edited

Output = Annotated[
    str, typer.Option("--output", "-o", metavar="FILE", help="The .mp4, .webm or .gif file to write.")
]
Videos = Annotated[list[str], typer.Argument(metavar="VIDEO...", help="Two videos or more, in order.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object about the file.")]
FontFile = Annotated[
    str | None,
    typer.Option("--font", metavar="FILE", help="A font to draw text with. Default: one of this machine's."),
]


def _export(
    video: Annotated[str, typer.Argument(metavar="VIDEO", help="A finished video.")],
    output: Output,
    subtitles: Annotated[
        str | None,
        typer.Option("--subtitles", metavar="FILE", help="A .srt or .vtt file to draw on the frames."),
    ] = None,
    font: FontFile = None,
    as_json: AsJson = False,
    **flags: Any,
) -> None:
    """Export a video for another place: vertical, square, as GIF or WebM, with subtitles.

    The ending of the output decides the file type.
    """
    from studio.clips.export import export

    options = clip_options(ExportOptions, typed(flags))
    events = export(
        given_path(video),
        given_path(output),
        options,
        subtitles=given_path(subtitles) if subtitles else None,
        font=given_path(font) if font else None,
    )
    raise typer.Exit(_follow(events, as_json))


def _join(videos: Videos, output: Output, as_json: AsJson = False, **flags: Any) -> None:
    """Join takes: play several videos one after the other.

    The first one decides the size, the quickest one the frame rate.
    """
    from studio.clips.join import join

    options = clip_options(JoinOptions, typed(flags))
    events = join([given_path(video) for video in videos], given_path(output), options)
    raise typer.Exit(_follow(events, as_json))


def _beside(
    videos: Videos,
    output: Output,
    label: Annotated[
        list[str] | None,
        typer.Option("--label", metavar="TEXT", help="The text above a video; give one for each."),
    ] = None,
    font: FontFile = None,
    as_json: AsJson = False,
    **flags: Any,
) -> None:
    """Show videos side by side, from left to right, at one height."""
    from studio.clips.beside import beside

    options = clip_options(BesideOptions, typed(flags))
    events = beside(
        [given_path(video) for video in videos],
        given_path(output),
        options,
        labels=label or (),
        font=given_path(font) if font else None,
    )
    raise typer.Exit(_follow(events, as_json))


def _named(command: Any, name: str, model: Any) -> Any:
    flagged = with_model_flags(command, model)
    flagged.__name__ = name
    return flagged


export = _named(_export, "export", ExportOptions)
join = _named(_join, "join", JoinOptions)
beside = _named(_beside, "beside", BesideOptions)


def _follow(events: Generator[ClipEvent, None, None], as_json: bool) -> int:
    """Show progress, print what was written, and return the exit code."""
    from studio.clips.events import ClipProgress

    line = ProgressLine(sys.stderr)
    edited: Edited | None = None
    try:
        with closing(events):
            for event in events:
                if isinstance(event, ClipProgress):
                    line.show_text(event.stage, event.fraction, event.seconds_left)
                else:
                    edited = event
    finally:
        line.clear()
    assert edited is not None  # the last event, unless an error was raised
    _tell(edited, as_json)
    return INCOMPLETE if edited.incomplete else 0


def _tell(edited: Edited, as_json: bool) -> None:
    if as_json:
        print(json.dumps(edited.as_json()))
        return
    for note in edited.notes:
        print(f"note: {note}")
    print(
        f"{whole(edited.path)}: {edited.duration:.1f} s of video, {edited.size[0]}x{edited.size[1]}, "
        f"{edited.fps:g} frames per second, {edited.bytes / 1e6:.1f} MB"
    )
