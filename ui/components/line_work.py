"""Makes the video of one line of a list on the page, from a portrait or from a video that is dubbed."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing

from studio.dubbing.events import DubFinished
from studio.dubbing.job import DubJob
from studio.dubbing.recorded import recorded
from studio.dubbing.run import run_dub
from studio.events import Finished, Progress, Result
from studio.job import Job
from studio.run import run
from studio.settings import Settings
from studio.waiting_folders import ClaimedFolder
from studio.waiting_jobs import with_files
from ui.given_inputs import note_given, note_given_dub
from ui.uploads_used import note_uploads


def line_work(
    given: Job | DubJob, kept: ClaimedFolder, owner: str, settings: Settings
) -> Generator[float | Result, None, None]:
    """The completed fraction as it grows, then the video, which is in its owner's gallery.

    Records its inputs after that. kept: has copies of its files. Raises the errors of the job.
    """
    if isinstance(given, DubJob):
        yield from _dubbed(with_files(given, kept), owner, settings)
        return
    job = with_files(given, kept)
    with closing(run(job, settings, owner=owner)) as events:
        for event in events:
            if isinstance(event, Finished):
                result = event.result
                yield result
            elif isinstance(event, Progress):
                yield event.fraction
    note_uploads(result.job_id, (job.portrait, job.voice, job.second_voice), settings)
    note_given(result, job, settings)


def _dubbed(job: DubJob, owner: str, settings: Settings) -> Generator[float | Result, None, None]:
    with closing(run_dub(job, settings)) as events:
        for event in events:
            if isinstance(event, DubFinished):
                result = recorded(event.result, job, settings, owner)
                yield result
            elif isinstance(event, Progress):
                yield event.fraction
    note_uploads(result.job_id, (job.video, job.voice), settings)
    note_given_dub(result, job, settings)
