"""`evaluate`: scores finished videos and writes a report."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from commands.progress_line import ProgressLine
from commands.render import Yes, ask_before_long_list
from engines.registry import DEFAULT_ENGINE
from evaluation.catalogue import DEFAULT_METRICS
from media.documents.paths import exists, given_path
from media.documents.quoting import quoted
from media.errors import OptionError

if TYPE_CHECKING:
    from evaluation.clips import Clip
    from evaluation.metric_options import MetricOptions


def evaluate(
    videos: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="VIDEOS...", help="Video files, or folders with video files.", show_default=False
        ),
    ] = None,
    audio: Annotated[
        str | None,
        typer.Option(
            "--audio",
            metavar="PATH",
            help=(
                "Audio to use instead of the videos' own: a file, or a folder "
                "with a file of each video's name."
            ),
        ),
    ] = None,
    reference: Annotated[
        str | None,
        typer.Option("--reference", metavar="PATH", help="The person's portrait: a file, or a folder."),
    ] = None,
    phonemes: Annotated[
        str | None,
        typer.Option(
            "--phonemes",
            metavar="PATH",
            help=(
                "Times of the spoken sounds, from any aligner: a TextGrid, CTM, JSON or CSV file, or a "
                "folder. Default: VIDEO.TextGrid or VIDEO.phonemes.csv next to each video."
            ),
        ),
    ] = None,
    metrics: Annotated[
        str, typer.Option("--metrics", metavar="NAMES", help="The metrics to measure, separated by commas.")
    ] = ",".join(DEFAULT_METRICS),
    sync_mode: Annotated[
        str,
        typer.Option(
            "--sync-mode",
            metavar="pipeline|demo",
            help="Sync: follow and crop the face, or treat the whole frame as a face crop.",
        ),
    ] = "pipeline",
    vshift: Annotated[
        int,
        typer.Option(
            "--vshift", metavar="FRAMES", help=("Sync: the largest shift of the sound in either direction.")
        ),
    ] = 15,
    reference_conversion: Annotated[
        bool,
        typer.Option(
            "--reference-conversion",
            help="Sync: convert to AVI and MP3 first, with the delay that the original's conversion adds.",
        ),
    ] = False,
    fp16: Annotated[
        bool, typer.Option("--fp16", help="Background: round to float16, as the original does on a GPU.")
    ] = False,
    out: Annotated[
        str, typer.Option("--out", "-o", metavar="FOLDER", help="The folder for the report.")
    ] = "report",
    pairs: Annotated[
        str | None,
        typer.Option(
            "--pairs",
            metavar="FILE",
            help="Make the videos first, from a CSV file with the columns portrait and voice.",
        ),
    ] = None,
    engine: Annotated[
        str, typer.Option("--engine", metavar="NAME", help="With --pairs: the engine to use.")
    ] = DEFAULT_ENGINE,
    preset: Annotated[
        str | None,
        typer.Option(
            "--preset", metavar="NAME", help="With --pairs or --efficiency: a named set of options."
        ),
    ] = None,
    efficiency: Annotated[
        str | None,
        typer.Option(
            "--efficiency",
            metavar="ENGINE",
            help=("Print an engine's seconds per 16 frames and its memory use."),
        ),
    ] = None,
    install: Annotated[
        str | None,
        typer.Option("--install", metavar="qalign", help="Create the environment in which IQA and VQA run."),
    ] = None,
    yes: Yes = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report's JSON.")] = False,
) -> None:
    """Score finished videos and write a report: Markdown, CSV, JSON and a page with plots.

    A folder inside a folder is a group. The command saves each score immediately, so you can resume a
    stopped run.
    """
    if install is not None:
        _install(install)
        return
    if efficiency is not None:
        from commands.efficiency import print_efficiency

        print_efficiency(efficiency, preset, as_json=as_json)
        return
    if bool(videos) == bool(pairs):
        raise OptionError("Give videos or folders of videos to score, or a list of pairs with --pairs.")
    from evaluation.catalogue import chosen
    from evaluation.clips import find_clips
    from evaluation.metric_options import form_of

    form = form_of(sync_mode, vshift, reference_conversion, fp16)
    names = chosen(metrics)
    folder = given_path(out)
    if pairs:
        places = [_make(given_path(pairs), folder, engine, preset, yes=yes)]
        title = f"{engine}{f', {preset}' if preset else ''}: {quoted(Path(pairs).name)}"
    else:
        places = [given_path(video) for video in videos or []]
        title = "Evaluation"
    clips = find_clips(
        places,
        audio=_place(audio, "--audio"),
        reference=_place(reference, "--reference"),
        phonemes=_place(phonemes, "--phonemes"),
    )
    raise typer.Exit(_score(clips, names, folder, title, form, as_json))


def _score(
    clips: list[Clip], names: list[str], folder: Path, title: str, form: MetricOptions, as_json: bool
) -> int:
    """Score and report. Returns 1 if no video could be used."""
    from evaluation.report.terminal import terminal_lines
    from evaluation.report.words import missing, random_weights
    from evaluation.run import Scored, evaluate
    from studio.settings import Settings

    device = Settings().device
    line = ProgressLine(sys.stderr)
    try:
        with closing(evaluate(clips, names, folder, title=title, device=device, form=form)) as events:
            for event in events:
                if isinstance(event, Scored):
                    line.show_text("scoring", event.done / event.total, event.seconds_left)
                else:
                    reported = event
    finally:
        line.clear()
    table = reported.table
    if as_json:
        print((folder / "report.json").read_text(encoding="utf-8"), end="")
    else:
        for text in terminal_lines(table):
            print(text)
        for columns, warning in random_weights(table):
            print(f"note: {columns}: {warning}")
        for row in table.rows:
            if row.reason:
                print(f"note: {row.video}: {row.reason}")
        for columns, why in missing(table):
            print(f"not measured: {columns}. {why}")
        for path in reported.files:
            print(path)
    return 1 if all(row.reason for row in table.rows) else 0


def _make(listed: Path, folder: Path, engine: str, preset: str | None, *, yes: bool) -> Path:
    """Make the videos of a list. Returns their folder."""
    from studio.batch.listing import VIDEOS, read_lines
    from studio.batch.outcome import Advanced, JobOutcome
    from studio.batch.run import run_batch
    from studio.list_file import ListRow, wants_columns

    lines = read_lines(listed, folder, engine=engine, preset=preset, by_group=True)
    if not any(line.job for line in lines):
        raise wants_columns(listed, [ListRow(line.number, {}, line.reason) for line in lines])
    shown = ProgressLine(sys.stderr)
    check = None if yes else ask_before_long_list
    try:
        with closing(run_batch(lines, folder, reported=False, check=check)) as events:
            for event in events:
                if isinstance(event, Advanced):
                    shown.show_text(f"{event.done}/{event.total}", event.fraction, event.seconds_left)
                elif isinstance(event, JobOutcome) and event.reason:
                    shown.clear()
                    print(f"note: line {event.line.number} was not made: {event.reason}")
    finally:
        shown.clear()
    return folder / VIDEOS


def _install(what: str) -> None:
    if what != "qalign":
        raise OptionError("There is nothing called {what!r} to install. Available: qalign.", what=what)
    from evaluation.qalign.environment import install
    from evaluation.weights import catalogue

    print(install(catalogue.folder()))


def _place(given: str | None, flag: str) -> Path | None:
    if given is None:
        return None
    path = given_path(given)
    if not exists(path):
        raise OptionError(
            'There is nothing at "{path}", which {flag} names; check the path.', path=path, flag=flag
        )
    return path
