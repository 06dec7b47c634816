"""`compare`: one portrait and one voice through several engines, side by side."""

from __future__ import annotations

import sys
from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from commands.desk_flags import Background, Crop, Shape, Turn, portrait_edit
from commands.progress_line import ProgressLine
from commands.render import Yes, ask_before_long
from commands.speech_flags import Language, SpeechEngine, SpeechVoice, Speed, spoken_text
from media.documents.paths import given_path
from media.errors import OptionError

if TYPE_CHECKING:
    from studio.comparison.run import ColumnDone


def compare(
    portrait: Annotated[
        str, typer.Option("--portrait", "--reference", "-r", metavar="IMG", help="An image with a face.")
    ],
    voice: Annotated[
        str | None,
        typer.Option("--voice", "--audio", "-a", metavar="WAV", help="An audio file with a voice."),
    ] = None,
    text: Annotated[
        str | None,
        typer.Option("--text", metavar="TEXT", help="A text to speak, instead of --voice."),
    ] = None,
    language: Language = None,
    speech_engine: SpeechEngine = None,
    speech_voice: SpeechVoice = None,
    speed: Speed = None,
    more: Annotated[
        list[str] | None, typer.Argument(metavar="COLUMN...", help="More columns.", show_default=False)
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option(
            "--columns",
            metavar="COLUMN",
            help="ENGINE, ENGINE:PRESET, or either with ,option=value; more may follow.",
        ),
    ] = None,
    out: Annotated[
        str, typer.Option("--out", "-o", metavar="FOLDER", help="The folder for the videos and the report.")
    ] = "comparison",
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same videos.")] = 0,
    audio_track: Annotated[
        int | None,
        typer.Option("--audio-track", min=1, help="Which audio track of the file to use, from 1."),
    ] = None,
    turn: Turn = None,
    crop: Crop = None,
    shape: Shape = None,
    background: Background = None,
    metrics: Annotated[
        str, typer.Option("--metrics", metavar="NAMES", help="The metrics to measure, as in `evaluate`.")
    ] = "builtin",
    yes: Yes = False,
) -> None:
    """Make the same video in several ways, score them and write a page that plays them in sync.

    Example: compare --columns preview preview:lively joyvasa:balanced,cfg_scale=3 -r IMG -a WAV -o DIR
    """
    given = [*(columns or []), *(more or [])]
    if not given:
        raise OptionError("Name the columns to compare, as in --columns preview joyvasa:balanced.")
    from evaluation.catalogue import chosen
    from studio.comparison.jobs import Subject, column_jobs
    from studio.comparison.run import ColumnDone, ColumnProgress, Compared, Finishing, compare, parse_column
    from studio.settings import Settings

    typed = spoken_text(text, language, speech_engine, speech_voice, speed)
    if (voice is None) == (typed is None):
        raise OptionError("Give either a recording with --voice or a text with --text.")
    edit = portrait_edit(turn, crop, shape, background)
    names = chosen(metrics)
    parsed = [parse_column(text) for text in given]
    picture = given_path(portrait)
    sound = typed if typed is not None else given_path(voice or "")
    if not yes:
        presets = Settings().presets
        ask_before_long(column_jobs(parsed, picture, sound, presets, audio_track=audio_track))
    line = ProgressLine(sys.stderr)
    try:
        with closing(
            compare(
                parsed,
                picture,
                sound,
                given_path(out),
                seed=seed,
                subject=Subject(edit=edit),
                audio_track=audio_track,
                metrics=names,
            )
        ) as events:
            for event in events:
                if isinstance(event, ColumnProgress):
                    line.show_text(event.column.title, event.fraction, event.seconds_left)
                elif isinstance(event, Finishing):
                    line.show_text(event.what, event.fraction, None)
                elif isinstance(event, ColumnDone):
                    line.clear()
                    print(_line(event))
                elif isinstance(event, Compared):
                    line.clear()
                    print(next(path for path in event.files if path.suffix == ".html"))
                    print(event.archive)
    finally:
        line.clear()


def _line(done: ColumnDone) -> str:
    if done.result is None:
        return f"note: {done.column.title} was not made: {done.error}"
    return f"{done.result.path}: {done.result.duration:.1f} s of video in {done.result.seconds:.1f} s"
