"""Runs one job on the command line, with progress and a line or a JSON object at the end."""

from __future__ import annotations

import json
import sys
from contextlib import closing
from typing import TYPE_CHECKING

from commands.progress_line import ProgressLine
from media.documents.quoting import whole

if TYPE_CHECKING:
    from studio.events import Result
    from studio.job import Job
    from studio.settings import Settings


INCOMPLETE = 1
"""Exit code if the video exists but lacks its signature or motion; a note says what."""


def make_video(job: Job, settings: Settings | None = None) -> Result:
    """Make the video, with a progress line on stderr if that is a terminal. Raises JoyStudioError.

    Your own files are decoded in this process, which is faster, unless the settings say otherwise.
    """
    from studio.events import Finished, Progress
    from studio.run import run
    from studio.settings import Settings

    settings = direct(settings or Settings())
    line = ProgressLine(sys.stderr)
    try:
        with closing(run(job, settings)) as events:
            for event in events:
                if isinstance(event, Progress):
                    line.show(event)
                elif isinstance(event, Finished):
                    result = event.result
    finally:
        line.clear()
    return result


def ask_before_long(job: Job) -> None:
    """On a terminal, ask before a job of more than half an hour; elsewhere refuse it.

    Raises OptionError without a terminal, and typer's Exit with 1 for an answer other than yes.
    """
    import typer

    from studio.long_jobs import check_practical, expected, long_job_words
    from studio.settings import Settings

    settings = direct(Settings())
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        check_practical(job, settings, "add --yes")
        return
    found = expected(job, settings)
    if found is not None and not found.practical:
        typer.echo(str(long_job_words(found)), err=True)
        if not typer.confirm("Start it anyway?", err=True):
            raise typer.Exit(1)


def direct(settings: Settings) -> Settings:
    """The same settings, with files decoded in this process, which is faster, unless the settings say
    otherwise.
    """
    if "decode" in settings.model_fields_set:
        return settings
    return settings.model_copy(update={"decode": "direct"})


def tell(result: Result, *, as_json: bool, motion_is_new: bool = True) -> int:
    """Print the result and return the exit code: 0, or 1 if its signature or its motion could not be written.

    motion_is_new: the job sampled the motion rather than receiving it.
    """
    code = INCOMPLETE if result.incomplete else 0
    if as_json:
        print(json.dumps(result.as_json()))
        return code
    for note in result.notes:
        print(f"note: {note}")
    print(
        f"{whole(result.path)}: {result.duration:.1f} s of video in {result.seconds:.1f} s, "
        f"{result.size[0]}x{result.size[1]}, {result.fps} frames per second"
    )
    if result.motion and motion_is_new:
        print(f"{whole(result.motion)}: its motion; use --motion to render it again with other settings")
    return code
