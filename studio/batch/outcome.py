"""The result of every line, and the events while a batch runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from studio.batch.listing import JobLine
from studio.dubbing.job import DubJob
from studio.random_weights import KEY, says_random

Status = Literal["made", "kept", "failed", "refused", "waiting"]
"""made: in this run. kept: from an earlier run. failed: after three attempts. refused: the line or its files
cannot be used. waiting: the batch was stopped before.
"""


@dataclass(frozen=True)
class JobOutcome:
    """The outcome of one line. facts: about the video. trace: the traceback of a fault in the program."""

    line: JobLine
    status: Status
    reason: str = ""
    attempts: int = 0
    video: Path | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    trace: str = ""

    def as_json(self) -> dict[str, Any]:
        """The outcome as values for `json.dumps`."""
        job = self.line.job
        wish: dict[str, Any] = {}
        if job is not None:
            wish = {
                "engine": job.engine, "preset": job.preset, "seed": job.seed,
                "portrait": str(job.video if isinstance(job, DubJob) else job.portrait),
                "voice": str(job.voice or job.voice_name),
            }  # fmt: skip
        line = {
            "line": self.line.number, "name": self.line.name, "status": self.status, "reason": self.reason,
            "attempts": self.attempts, "video": str(self.video) if self.video else None,
        }  # fmt: skip
        known = {name: self.facts.get(name) for name in FACTS}
        if self.facts:
            known[KEY] = says_random(self.facts)
        return line | wish | known | ({"trace": self.trace} if self.trace else {})


FACTS = ("seconds", "duration", "frames", "size", "random_weights", "notes", "motion", "incomplete")
"""The facts of a job's result that a report includes."""


@dataclass(frozen=True)
class Advanced:
    """Progress of a batch.

    done: finished lines, of `total`. fraction: including running jobs, 0..1. jobs_per_minute: videos made
    since the first one began; None until there is one. seconds_left: None until it can be estimated. workers:
    number of workers, 0 before the first is needed.
    """

    done: int
    total: int
    fraction: float
    jobs_per_minute: float | None
    seconds_left: float | None
    workers: int


@dataclass(frozen=True)
class Summary:
    """The end of a batch: the number of lines by status, the seconds of wall time, and the reports.

    incomplete: videos that lack their signature or motion; their notes say why.
    """

    counts: dict[Status, int]
    seconds: float
    jobs_per_minute: float | None
    reports: tuple[Path, ...]
    incomplete: int = 0

    @property
    def complete(self) -> bool:
        """Whether every line has its video, with its signature and its motion."""
        return not self.incomplete and not any(
            self.counts[status] for status in ("failed", "refused", "waiting")
        )

    def as_json(self) -> dict[str, Any]:
        """The summary as values for `json.dumps`."""
        return asdict(self) | {"reports": [str(path) for path in self.reports]}


BatchEvent = JobOutcome | Advanced | Summary


def counted(outcomes: Iterable[JobOutcome]) -> dict[Status, int]:
    """The number of outcomes for every status."""
    every: tuple[Status, ...] = get_args(Status)
    counts = Counter(one.status for one in outcomes)
    return {status: counts[status] for status in every}
