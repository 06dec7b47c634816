"""Runs one job on the command line, with progress and a line or a JSON object at the end."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from commands.flag_names import as_flags
from commands.progress_line import ProgressLine
from media.documents.quoting import whole
from media.messages import Message, said

if TYPE_CHECKING:
    from studio.dubbing.job import DubJob
    from studio.events import Result
    from studio.job import Job
    from studio.settings import Settings

Yes: TypeAlias = Annotated[
    bool, typer.Option("--yes", help="Start videos that take over half an hour without a question.")
]
INCOMPLETE = 1
"""Exit code if the video exists but lacks its signature or motion; a note says what."""


def make_video(job: Job, settings: Settings | None = None) -> Result:
    """Make the video, with a progress line on stderr if that is a terminal. Raises JoyStudioError.

    Your own files are decoded in this process, which is faster, unless the settings say otherwise.
    """
    from media.startup_shortcuts import with_rare_garbage_rounds

    with_rare_garbage_rounds()  # before the imports, which make most of the objects

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


def ask_before_long(jobs: Sequence[Job | DubJob], settings: Settings | None = None) -> None:
    """On a terminal, ask before jobs that together take more than half an hour; elsewhere refuse them.

    Raises OptionError without a terminal, and typer's Exit with 1 for an answer other than yes.
    """
    from studio.long_jobs import expected_together, long_words
    from studio.settings import Settings

    found = expected_together(jobs, direct(settings or Settings()))
    if found is not None and not found.practical:
        _ask(long_words(jobs, found))


def ask_before_long_list(jobs: Sequence[Job | DubJob]) -> None:
    """The same if one of the videos of a list takes more than half an hour. Raises as `ask_before_long`."""
    from studio.dubbing.job import DubJob
    from studio.long_jobs import long_words, longest
    from studio.settings import Settings

    found = longest(jobs, direct(Settings()))
    if found is not None and not found[1].practical:
        job, words = found[0], long_words([found[0]], found[1])
        picture = job.video if isinstance(job, DubJob) else job.portrait
        portrait = picture.name if isinstance(picture, Path) else ""
        _ask(said("{portrait} with {voice}: {words}", portrait=portrait, voice=job.voice_name, words=words))


def _ask(words: Message) -> None:
    from studio.long_jobs import refusal

    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise refusal(words, "add --yes")
    typer.echo(str(words), err=True)
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
        print(f"note: {as_flags(note)}")
    print(
        f"{whole(result.path)}: {result.duration:.1f} s of video in {result.seconds:.1f} s, "
        f"{result.size[0]}x{result.size[1]}, {result.fps} frames per second"
    )
    if result.motion and motion_is_new:
        print(f"{whole(result.motion)}: its motion; use --motion to render it again with other settings")
    return code
