"""Chooses a video's file before any work begins."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from media.errors import Cancelled, OutputError
from media.output_file import sweep
from studio.free_space import check_free_space
from studio.job import Job
from studio.settings import Settings


def choose_destination(job: Job, job_id: str, settings: Settings) -> Path:
    """The video's file name: the job's own, or a new, unguessable one in the outputs.

    Folders are created only inside the outputs; elsewhere a missing folder is more likely a typing error.
    Unfinished files of killed processes in the folder are removed. Raises OutputError if nothing can be
    written there, an input would be overwritten, or the disk has too little room.
    """
    path = job.output or settings.outputs / f"{job_id}.mp4"
    if path.suffix.lower() != ".mp4":
        raise OutputError(
            "Videos are written as .mp4, but the output is called {name!r}. Change its ending.",
            name=path.name,
        )
    sources = {
        "portrait": job.portrait,
        "voice": job.voice,
        "second voice": job.second_voice,
        "motion": job.motion,
        "performance": job.performance.file if job.performance else None,
    }
    for what, source in sources.items():
        if isinstance(source, Path) and same_file(path, source):
            raise OutputError(
                "The output {path} is the {what} itself. Choose another name.", path=path, what=what
            )
    prepare_place(path, settings)
    return path


def prepare_place(path: Path, settings: Settings) -> None:
    """Check that a file can be written there, as described in `choose_destination`. Raises OutputError."""
    try:
        folder = path.resolve().parent
        if folder.is_relative_to(settings.outputs.resolve()):
            folder.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise OutputError(
                "The output {path} is a folder. Name a file in it, as in {example}.",
                path=path,
                example=path / "out.mp4",
            )
        if not folder.is_dir():
            raise OutputError(
                "There is no folder {folder} to write the video into. Create it, or choose another.",
                folder=folder,
            )
        if not os.access(folder, os.W_OK | os.X_OK):
            raise OutputError(
                "The folder {folder} is not writable. Choose another, or change its permissions.",
                folder=folder,
            )
    except OSError as error:
        raise OutputError(
            "The video cannot be written to {path}: {reason}.", path=path, reason=error.strerror or error
        ) from error
    sweep(folder)
    check_free_space(folder, settings)


@contextlib.contextmanager
def unless_interrupted(*made: Path) -> Iterator[None]:
    """Remove a job's file if the job stops before it reports that it is finished."""
    try:
        yield
    except (KeyboardInterrupt, Cancelled):
        for path in made:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
        raise


def sweep_outputs(settings: Settings) -> int:
    """Remove unfinished files of killed processes anywhere in the outputs. Returns the number of files.

    Files that others are still writing stay; see `media.output_file.sweep`.
    """
    return sum(sweep(Path(folder)) for folder, _, _ in os.walk(settings.outputs))


def same_file(one: Path, other: Path) -> bool:
    """Whether two paths are the same file; False if one of them does not exist."""
    try:
        return one.samefile(other)
    except OSError:  # one of them does not exist
        return False
