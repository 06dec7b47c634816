"""Prepares one video in any process: makes the item, or records the reason why not."""

from __future__ import annotations

import errno
import logging
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from media.errors import JoyStudioError, OutputError
from training.dataset.items import ITEMS, PART, is_done, new_part, publish, write_failure
from training.prepare.kinds import make_preparer
from training.prepare.preparer import Rejected, StagedPreparer

ATTEMPTS = 2
"""How often a video may end the process that works on it before it is left alone."""
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PreparationPlan:
    """The settings of all workers of a run.

    root: the dataset's folder. preparer: `module:class`. run: the owner of unfinished folders. threads: the
    number that networks may use in each process; 0 for no limit.
    """

    root: Path
    preparer: str
    device: str
    run: str
    threads: int = 0


@dataclass(frozen=True)
class Task:
    """One video. source: its path below the folder of videos. part: its folder once it has been read."""

    video: Path
    source: str
    name: str
    part: Path | None = None


@dataclass(frozen=True)
class ItemOutcome:
    """The outcome of a video. code and reason: of the rule that refused it; empty if it is done."""

    name: str
    source: str
    code: str = ""
    reason: str = ""


class PreparationWorker:
    """Keeps the networks of one process."""

    def __init__(self, plan: PreparationPlan, *, load: bool = True) -> None:
        """load: False for a worker that only reads. Raises what `Preparer.load` raises."""
        self._plan = plan
        self._preparer = make_preparer(plan.preparer)
        if load:
            self._preparer.load(plan.device)
            _limit_threads(plan.threads)

    def read(self, task: Task) -> Task | ItemOutcome:
        """Do the half that needs no networks, if there is one."""
        if is_done(self._plan.root, task.name):
            return _done(task)
        if not isinstance(self._preparer, StagedPreparer):
            return task
        if too_often := self._begin(task, "read"):
            return too_often
        part = new_part(self._plan.root, self._plan.run)
        with self._judged(task, part) as judged:
            self._preparer.read(task.video, part)
        return judged.get("outcome") or Task(task.video, task.source, task.name, part)

    def prepare(self, task: Task) -> ItemOutcome:
        """Do the whole work, or the rest after `read`."""
        if is_done(self._plan.root, task.name):
            return _done(task)
        if too_often := self._begin(task, "prepare"):
            return too_often
        part = task.part if task.part and task.part.is_dir() else new_part(self._plan.root, self._plan.run)
        began = time.time()
        with self._judged(task, part) as judged:
            facts = self._preparer.prepare(task.video, part)
            publish(part, self._plan.root, task.name, task.source, facts, time.time() - began)
        return judged.get("outcome") or _done(task)

    @contextmanager
    def _judged(self, task: Task, part: Path) -> Iterator[dict[str, ItemOutcome]]:
        """Turn an error about one video into its outcome; raise errors that affect all videos."""
        judged: dict[str, ItemOutcome] = {}
        try:
            yield judged
            return
        except Rejected as refusal:
            judged["outcome"] = self._refuse(task, refusal.code, refusal.reason)
        except OSError as error:
            if error.errno in _NO_ROOM:
                raise OutputError(
                    'The dataset "{root}" cannot be written ({reason}); free some disk space, then continue '
                    "with --resume.",
                    root=self._plan.root,
                    reason=error.strerror,
                ) from None
            judged["outcome"] = self._refuse(task, "error", _message(error))
        except JoyStudioError as error:
            judged["outcome"] = self._refuse(task, "error", str(error))
        except Exception as error:
            log.exception("%s could not be prepared", task.video)
            judged["outcome"] = self._refuse(task, "error", _message(error))
        finally:
            if "outcome" in judged:
                shutil.rmtree(part, ignore_errors=True)

    def _begin(self, task: Task, stage: str) -> ItemOutcome | None:
        """Count the attempts in this run. Returns an outcome after too many attempts without a result."""
        count = self._plan.root / ITEMS / f"{PART}{self._plan.run}-attempts" / f"{task.name}.{stage}"
        count.parent.mkdir(parents=True, exist_ok=True)
        with count.open("ab") as file:
            if file.tell() >= ATTEMPTS:
                return self._refuse(
                    task, "crash", f"It ended the process that worked on it {file.tell()} times."
                )
            file.write(b".")
        return None

    def _refuse(self, task: Task, code: str, reason: str) -> ItemOutcome:
        if not is_done(self._plan.root, task.name):
            write_failure(self._plan.root, task.name, task.source, code, reason, **stamp(task.video))
        return ItemOutcome(task.name, task.source, code, reason)


def stamp(video: Path) -> dict[str, Any]:
    """The state of a file, which shows whether it has changed since it was refused."""
    try:
        facts = video.stat()
    except OSError:
        return {}
    return {"bytes": facts.st_size, "modified": facts.st_mtime_ns}


def _done(task: Task) -> ItemOutcome:
    return ItemOutcome(task.name, task.source)


def _message(error: Exception) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"


def _limit_threads(threads: int) -> None:
    import sys

    if threads and "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(threads)
