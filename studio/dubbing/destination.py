"""Chooses a dub's file before any work begins."""

from __future__ import annotations

from pathlib import Path

from media.errors import OutputError
from studio.destination import prepare_place, same_file
from studio.dubbing.job import DubJob
from studio.settings import Settings


def choose_dub_destination(job: DubJob, job_id: str, settings: Settings) -> Path:
    """The dub's file name: the job's own, or a new, unguessable one in the outputs.

    Raises OutputError if nothing can be written there, or an input would be overwritten.
    """
    path = job.output or settings.outputs / f"{job_id}.mp4"
    if path.suffix.lower() != ".mp4":
        raise OutputError(
            "Videos are written as .mp4, but the output is called {name!r}. Change its ending.",
            name=path.name,
        )
    for what, source in job.files.items():
        if same_file(path, source):
            raise OutputError(
                "The output {path} is the {what} itself. Choose another name.", path=path, what=what
            )
    prepare_place(path, settings)
    return path
