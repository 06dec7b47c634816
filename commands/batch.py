"""`batch`: every video of a list, on this machine or on many."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Annotated

import typer

from commands.progress_line import ProgressLine, clock
from commands.render import Yes, ask_before_long_list
from engines.registry import DEFAULT_ENGINE
from media.documents.paths import given_path

if TYPE_CHECKING:
    from studio.batch.outcome import Advanced, JobOutcome, Summary

FAILED = 1
"""Exit code if a video could not be made, or lacks its signature or motion."""


def batch(
    jobs: Annotated[
        str,
        typer.Argument(
            metavar="JOBS", help=("A .csv or .jsonl file with the columns portrait (or video) and voice.")
        ),
    ],
    out: Annotated[
        str, typer.Option("--out", "-o", metavar="FOLDER", help="The folder for the videos and reports.")
    ] = "batch",
    engine: Annotated[
        str,
        typer.Option("--engine", metavar="NAME", help=("The engine of lines that name none; see `engines`.")),
    ] = DEFAULT_ENGINE,
    preset: Annotated[
        str | None, typer.Option("--preset", metavar="NAME", help="The preset of lines that name none.")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            min=0,
            max=4096,
            metavar="N",
            help="Number of worker processes; 0 and 1 use this process. Default with --ray: as many as fit.",
        ),
    ] = None,
    ray: Annotated[
        str | None,
        typer.Option("--ray", metavar="ADDRESS", help="Use a Ray cluster: host:port, ray://... or auto."),
    ] = None,
    cores: Annotated[
        float,
        typer.Option("--cores-per-worker", min=0.1, max=1024, metavar="N", help=("CPU cores per worker.")),
    ] = 1.0,
    gpus: Annotated[
        float | None,
        typer.Option(
            "--gpus-per-worker",
            min=0,
            max=64,
            metavar="N",
            help="GPUs per worker, or a share such as 0.5. Default: 1 if JOYSTUDIO_DEVICE is a GPU.",
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume/--no-resume",
            help=("Keep existing videos that were made from the same files and options."),
        ),
    ] = True,
    yes: Yes = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object about the batch.")] = False,
) -> None:
    """Make a video for every line of a list, and a report in the order of the list.

    Resuming is safe and the default: the command keeps a video only if its files' contents, its options and
    the settings are unchanged. After Ctrl-C, run the same command again to resume. The exit code is 1 if
    a video, its signature or its motion is missing.
    """
    from studio.batch.listing import read_lines
    from studio.batch.outcome import Advanced, JobOutcome
    from studio.batch.pool import BatchPlan
    from studio.batch.run import run_batch

    folder = given_path(out)
    lines = read_lines(given_path(jobs), folder, engine=engine, preset=preset)
    plan = BatchPlan(ray, workers, cores, gpus)
    line = ProgressLine(sys.stderr)
    # The machines of a cluster are others, so nothing is known of their speed.
    check = None if yes or ray is not None else ask_before_long_list
    try:
        with closing(run_batch(lines, folder, plan=plan, resume=resume, check=check)) as events:
            for event in events:
                if isinstance(event, Advanced):
                    line.show_text(_pace(event), event.fraction, event.seconds_left)
                elif isinstance(event, JobOutcome):
                    line.clear()
                    _tell_trouble(event)
                else:
                    summary = event
    finally:
        line.clear()
    _tell(summary, as_json)
    raise typer.Exit(0 if summary.complete else FAILED)


def _pace(so_far: Advanced) -> str:
    rate = "" if so_far.jobs_per_minute is None else f", {so_far.jobs_per_minute:.1f} a minute"
    return f"{so_far.done}/{so_far.total}{rate}"


def _tell_trouble(outcome: JobOutcome) -> None:
    if outcome.facts.get("incomplete"):
        print(
            f"note: line {outcome.line.number}, {outcome.line.name}: {outcome.facts['notes'][-1]}",
            file=sys.stderr,
        )
    if outcome.reason:
        name = f", {outcome.line.name}" if outcome.line.name else ""
        tries = f" after {outcome.attempts} attempts" if outcome.attempts > 1 else ""
        print(f"{outcome.status}: line {outcome.line.number}{name}{tries}: {outcome.reason}", file=sys.stderr)


def _tell(summary: Summary, as_json: bool) -> None:
    if as_json:
        print(json.dumps(summary.as_json()))
        return
    counts = ", ".join(f"{count} {name}" for name, count in summary.counts.items() if count)
    rate = "" if summary.jobs_per_minute is None else f", {summary.jobs_per_minute:.1f} videos a minute"
    print(f"{counts} in {clock(summary.seconds)}{rate}")
    if summary.incomplete:
        print(
            "note: 1 of the videos is not complete; its notes in the report say why."
            if summary.incomplete == 1
            else f"note: {summary.incomplete} of the videos are not complete; their notes in the "
            "report say why."
        )
    for path in summary.reports:
        print(path)
