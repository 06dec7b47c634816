"""Waiting and running videos of visitors, stored on disk so that a restart of the page does not lose them.

Each has a folder in `outputs/waiting`: `job.json` says what to make and for whom, and the portrait and the
voice lie next to it. The page takes up an interrupted one again when its visitor is back, unless it was
interrupted in the middle of its work MOST_TRIES times. Then its visitor may run or discard it.
"""

from __future__ import annotations

import shutil
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from media.errors import JoyStudioError
from media.file_lock import let_go
from studio.clock import SureClock
from studio.dubbing.job import DubJob
from studio.gallery.kept_inputs import link_or_copy
from studio.given_performance import KEY as PERFORMANCE
from studio.job import FILES, FORMER, Job
from studio.settings import Settings
from studio.waiting_folders import ClaimedFolder, WaitingFolders, gone, tries

Kind = TypeVar("Kind", Job, DubJob)
FOLDER = "waiting"
ABOUT = "job.json"


@dataclass(frozen=True)
class Interrupted:
    """A job that no process runs any more.

    created: seconds since 1970. portrait: the name of its file. tries: how often its work was interrupted.
    """

    id: str
    engine: str
    portrait: str
    created: float
    tries: int = 0


class KeptJob(ClaimedFolder):
    """A job that this process has."""

    def __init__(self, job: Job, path: Path | None, held: int | None, jobs: WaitingJobs) -> None:
        super().__init__(path, held, lambda: jobs.ending)
        self.job = job


class WaitingJobs:
    """All jobs of one page's visitors. Safe to use from several threads and processes."""

    def __init__(self, settings: Settings) -> None:
        self._folders = WaitingFolders(settings.outputs / FOLDER, ABOUT, settings.keep_hours * 3600)
        self._ending = threading.Event()

    @property
    def ending(self) -> bool:
        """Whether the page is stopping, so that a job that ends now was not cancelled by its visitor."""
        return self._ending.is_set()

    def end(self) -> None:
        """Record that the page is stopping; safe to call in a signal handler."""
        self._ending.set()

    def keep(self, job: Job, owner: str) -> KeptJob:
        """Store a job with its files for its visitor; this process has it until it is done.

        The files are linked if they are on the same disk, else copied. A job without an owner is not stored,
        and one that cannot be stored runs anyway.
        """
        if not isinstance(job.portrait, Path):
            return KeptJob(job, None, None, self)

        def facts(new: Path) -> dict[str, Any]:
            return {"job": _wish(job), "files": _link(job, new)}

        kept = KeptJob(job, *self._folders.keep(owner, facts), self)
        if kept.path is not None:
            kept.copies = {file: kept.path / what / file.name for what, file in job.files.items()}
        return kept

    def interrupted(self, owner: str) -> list[Interrupted]:
        """A visitor's jobs that no process runs any more, oldest first."""
        return [_interrupted(folder, about) for folder, about in self._folders.interrupted(owner)]

    def take(self, owner: str, job_id: str) -> KeptJob:
        """Take an interrupted job, to run it now. Raises InputError if it is gone or belongs to
        someone else.
        """
        folder, held, about = self._folders.take(owner, job_id)
        try:
            return KeptJob(_job(folder, about), folder, held, self)
        except (JoyStudioError, KeyError, TypeError, ValueError):
            let_go(held)
            shutil.rmtree(folder, ignore_errors=True)  # stored by a version with other options
            raise gone() from None

    def discard(self, owner: str, job_id: str) -> None:
        """Remove an interrupted job with its files. Raises InputError as `take` does."""
        self.take(owner, job_id).done()

    def sweep(self, clock: SureClock) -> int:
        """Remove interrupted jobs that are certainly too old, and incomplete ones. Returns their number."""
        return self._folders.sweep(clock)


def with_files(job: Kind, kept: ClaimedFolder) -> Kind:
    """The job with the stored copies of those of its files that are gone."""
    return job.with_files({what: kept.there(file) for what, file in job.files.items()})


def _wish(job: Job) -> dict[str, Any]:
    return job.model_dump(mode="json", exclude={*FILES, "output"})


def _link(job: Job, folder: Path) -> dict[str, str]:
    """Put a job's files into its folder. Returns the name of each. Raises OSError."""
    for what, source in job.files.items():
        (folder / what).mkdir(mode=0o700)
        link_or_copy(source, folder / what / source.name)
    return {what: source.name for what, source in job.files.items()}


def _job(folder: Path, about: dict[str, Any]) -> Job:
    known = (*FILES, *FORMER, PERFORMANCE)
    files = {what: folder / what / Path(name).name for what, name in about["files"].items() if what in known}
    wish = dict(about["job"])
    if (recorded := files.pop(PERFORMANCE, None)) is not None:
        wish[PERFORMANCE] = wish[PERFORMANCE] | {"file": str(recorded)}
    return Job.model_validate({**wish, **files})


def _interrupted(folder: Path, about: dict[str, Any]) -> Interrupted:
    portrait, engine = about.get("files", {}).get("portrait", ""), about.get("job", {}).get("engine", "")
    return Interrupted(folder.name, str(engine), str(portrait), float(about["created"]), tries(folder))
