"""Waiting and running jobs of visitors, stored on disk so that a restart of the page does not lose them.

Each has a folder in `outputs/waiting`, for the machine's owner only: `job.json` says what to make and for
whom, and the portrait and the voice lie next to it. The process that has the job keeps that file locked. A
job whose file is not locked was interrupted by `kill -9`, a power cut or a restart. The page takes it up
again when its visitor is back, unless it was interrupted in the middle of its work MOST_TRIES times: it may
be what ended the process. Then its visitor may run or discard it. A folder is removed when its job is
finished, cancelled or refused, when it is discarded, and after `keep_hours`.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import secrets
import shutil
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media.errors import InputError, JoyStudioError
from media.file_lock import NoLocks, hold, let_go, lock, open_to_lock
from studio.clock import SureClock
from studio.gallery.kept_inputs import link_or_copy
from studio.gallery.visitors import NO_OWNER
from studio.job import FORMER, Job
from studio.settings import Settings

FOLDER = "waiting"
ABOUT = "job.json"
MOST = 20
"""Largest number of interrupted jobs shown to one visitor."""
MOST_TRIES = 2
"""How often the work of a job may be interrupted before the page no longer takes it up by itself."""
_TRY = "try-"
_FILES = ("portrait", "voice", "second_voice", "motion")
_log = logging.getLogger("joystudio.waiting")


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


class KeptJob:
    """A job that this process has. Call `done` when it has ended, or `release` to leave it interrupted."""

    def __init__(self, job: Job, folder: Path | None, held: int | None, jobs: WaitingJobs) -> None:
        """folder: None for a job that could not be stored."""
        self.job = job
        self._folder, self._held, self._jobs = folder, held, jobs
        self._try: Path | None = None

    def begin(self) -> None:
        """Record that its work begins, in case that it ends with the process."""
        if self._folder is not None:
            self._try = self._folder / f"{_TRY}{_tries(self._folder) + 1}"
            with contextlib.suppress(OSError):
                self._try.touch()

    def done(self, *, made: bool = False) -> None:
        """Remove it: it was made, cancelled or refused. While the page is stopping, only a finished one is
        removed.
        """
        folder, self._folder = self._folder, None
        if folder is not None and (made or not self._jobs.ending):
            shutil.rmtree(folder, ignore_errors=True)
        elif self._try is not None:  # the page is stopped, which is no fault of the job
            self._try.unlink(missing_ok=True)
        self.release()

    def release(self) -> None:
        """Release it as it is. Does nothing after `done`."""
        held, self._held = self._held, None
        if held is not None:
            let_go(held)


class WaitingJobs:
    """All jobs of one page's visitors. Safe to use from several threads and processes."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.outputs.absolute() / FOLDER
        self._seconds = settings.keep_hours * 3600
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
        if owner == NO_OWNER or not isinstance(job.portrait, Path):
            return KeptJob(job, None, None, self)
        new = self._folder / f".new-{secrets.token_hex(16)}"
        try:
            new.mkdir(parents=True, mode=0o700)
            self._folder.chmod(0o700)
            about = {"owner": owner, "created": time.time(), "job": _wish(job), "files": _link(job, new)}
            (new / ABOUT).write_text(json.dumps(about), encoding="utf-8")
            held = hold(new / ABOUT)
            folder = new.with_name(new.name.removeprefix(".new-"))
            new.rename(folder)
        except OSError as error:
            _log.warning("A job could not be kept for the case of a restart: %s", error)
            shutil.rmtree(new, ignore_errors=True)
            return KeptJob(job, None, None, self)
        return KeptJob(job, folder, held, self)

    def interrupted(self, owner: str) -> list[Interrupted]:
        """A visitor's jobs that no process runs any more, oldest first."""
        found = []
        for folder in self._folders():
            about = _read(folder)
            if owner != NO_OWNER and about.get("owner") == owner and not self._over(about):
                with contextlib.suppress(OSError, NoLocks):
                    if _is_free(folder / ABOUT):
                        found.append(_interrupted(folder, about))
        return sorted(found, key=lambda one: one.created)[:MOST]

    def take(self, owner: str, job_id: str) -> KeptJob:
        """Take an interrupted job, to run it now. Raises InputError if it is gone or belongs to
        someone else.
        """
        folder = self._find(owner, job_id)
        try:
            held = hold(folder / ABOUT)
        except OSError:
            raise _gone() from None
        try:
            return KeptJob(_job(folder, _read(folder)), folder, held, self)
        except (JoyStudioError, KeyError, TypeError, ValueError):
            let_go(held)
            shutil.rmtree(folder, ignore_errors=True)  # stored by a version with other options
            raise _gone() from None

    def discard(self, owner: str, job_id: str) -> None:
        """Remove an interrupted job with its files. Raises InputError as `take` does."""
        self.take(owner, job_id).done()

    def sweep(self, clock: SureClock) -> int:
        """Remove interrupted jobs that are certainly too old, and incomplete ones. Returns their number."""
        removed = 0
        for folder in (*self._folders(), *self._folder.glob(".new-*")):
            about = _read(folder)
            begun = float(about.get("created") or 0.0)
            with contextlib.suppress(OSError, NoLocks):
                old = clock.surely_over(max(begun, folder.stat().st_mtime) + self._seconds)
                if old and (not about or _is_free(folder / ABOUT)):
                    shutil.rmtree(folder)
                    removed += 1
        return removed

    def _folders(self) -> list[Path]:
        return [path for path in self._folder.glob("[0-9a-f]*") if path.is_dir() and not path.is_symlink()]

    def _find(self, owner: str, job_id: str) -> Path:
        for folder in self._folders():
            about = _read(folder)
            mine = owner != NO_OWNER and about.get("owner") == owner
            if folder.name == job_id and mine and not self._over(about):
                return folder
        raise _gone()

    def _over(self, about: dict[str, Any]) -> bool:
        return time.time() >= float(about.get("created") or 0.0) + self._seconds


def _gone() -> InputError:
    return InputError(
        "This job is no longer waiting: it was run or discarded, or it is too old. Reload the page."
    )


def _wish(job: Job) -> dict[str, Any]:
    return job.model_dump(mode="json", exclude={*_FILES, "output"})


def _link(job: Job, folder: Path) -> dict[str, str]:
    """Put a job's files into its folder. Returns the name of each. Raises OSError."""
    names = {}
    for what in _FILES:
        source = getattr(job, what)
        if isinstance(source, Path):
            (folder / what).mkdir(mode=0o700)
            link_or_copy(source, folder / what / source.name)
            names[what] = source.name
    return names


def _job(folder: Path, about: dict[str, Any]) -> Job:
    known = (*_FILES, *FORMER)
    files = {what: folder / what / Path(name).name for what, name in about["files"].items() if what in known}
    return Job.model_validate({**about["job"], **files})


def _interrupted(folder: Path, about: dict[str, Any]) -> Interrupted:
    portrait, engine = about.get("files", {}).get("portrait", ""), about.get("job", {}).get("engine", "")
    return Interrupted(folder.name, str(engine), str(portrait), float(about["created"]), _tries(folder))


def _tries(folder: Path) -> int:
    return len(list(folder.glob(f"{_TRY}*")))


def _read(folder: Path) -> dict[str, Any]:
    """The stored facts of a job; empty for a file that is damaged or missing."""
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return about if isinstance(about, dict) else {}


def _is_free(path: Path) -> bool:
    """Whether no process has the job; without locks this is unknown, and the job counts as taken."""
    held = open_to_lock(path)
    try:
        return lock(held)
    finally:
        os.close(held)
