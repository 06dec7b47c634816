"""Makes every video of a list: keeps finished ones, retries failures, and makes the rest."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from pathlib import Path

from media.errors import EngineError, OutputError
from studio.batch.folder import batch_folder
from studio.batch.listing import JobLine
from studio.batch.outcome import FACTS, Advanced, BatchEvent, JobOutcome, Status, Summary, counted
from studio.batch.pool import BatchPlan, JobProgress, JobReport, WorkerPool
from studio.batch.pool_for import pool_for
from studio.batch.report import write_report
from studio.dubbing.job import DubJob
from studio.events import Result
from studio.gallery.history import with_history
from studio.job import Job
from studio.render_cache import RenderCache, fingerprint
from studio.settings import Settings

MADE = "made.jsonl"
ATTEMPTS = 3
DEATHS = 6
"""Number of workers that may die in a row before any job ends; then the cause is not the jobs."""


def run_batch(
    lines: Sequence[JobLine],
    out: Path,
    *,
    plan: BatchPlan | None = None,
    resume: bool = True,
    reported: bool = True,
    check: Callable[[Sequence[Job | DubJob]], None] | None = None,
    settings: Settings | None = None,
) -> Generator[BatchEvent, None, None]:
    """Make the videos of the lines in out/videos. Yields every JobOutcome and, at the end, a Summary.

    resume: keep an unchanged video that was made from the same files with the same options and settings;
    False makes every video again. reported: write the report next to the videos. check: called with the jobs
    that will be run, before the first; what it raises ends the batch. Closing the generator
    stops the batch: finished videos stay, unfinished ones leave no file, and the report says so.

    Raises OptionError if the plan's workers are not available, OutputError if the folder is not writable, and
    EngineError if workers cannot start.
    """
    settings = settings or Settings()
    out = out.absolute()
    with batch_folder(out):
        yield from _Batch(lines, out, plan or BatchPlan(), settings, reported=reported).run(resume, check)


class _Batch:
    def __init__(
        self, lines: Sequence[JobLine], out: Path, plan: BatchPlan, settings: Settings, *, reported: bool
    ) -> None:
        self._lines, self._out, self._plan, self._settings = lines, out, plan, settings
        self._reported = reported
        self._made = RenderCache(out / MADE)
        self._outcomes = {key: JobOutcome(line, "waiting") for key, line in enumerate(lines)}
        self._attempts = [0] * len(lines)
        self._stamps: dict[int, str] = {}
        self._parts: dict[int, float] = {}
        self._counts = counted(self._outcomes.values())
        self._deaths = 0
        self._began = time.monotonic()
        self._work_began: float | None = None
        self._workers = 0

    def run(
        self, resume: bool, check: Callable[[Sequence[Job | DubJob]], None] | None
    ) -> Generator[BatchEvent, None, None]:
        try:
            waiting: deque[int] = deque()
            for key in self._outcomes:
                outcome = self._known(key, resume)
                if outcome is None:
                    waiting.append(key)
                else:
                    yield self._end(key, outcome)
            if waiting and check is not None:
                check([self._job(key) for key in waiting])
            if waiting:
                yield from self._work(waiting)
        finally:
            # Users who stop a batch also want to know how far it got.
            summary = self._report()
        yield summary

    def _known(self, key: int, resume: bool) -> JobOutcome | None:
        """The outcome of a line that needs no work, or None."""
        line = self._lines[key]
        if line.job is None:
            return JobOutcome(line, "refused", line.reason)
        video = _video(line.job)
        if not resume or not self._made.knows(video) or not self._made.has(video, self._stamp(key)):
            return None
        return JobOutcome(line, "kept", video=video, facts=self._made.facts(video))

    def _work(self, waiting: deque[int]) -> Generator[BatchEvent, None, None]:
        with pool_for(self._plan, self._settings) as pool:
            self._work_began, self._workers = time.monotonic(), pool.workers
            yield self._advanced()
            try:
                yield from self._rounds(pool, waiting)
            finally:
                for report in pool.close():
                    if isinstance(report.outcome, Result):
                        self._end(report.key, self._finished(report.key, report.outcome))

    def _rounds(self, pool: WorkerPool, waiting: deque[int]) -> Generator[BatchEvent, None, None]:
        at_work: set[int] = set()
        while waiting or at_work:
            while waiting and pool.has_room():
                key = waiting.popleft()
                at_work.add(key)
                self._give(pool, key)
            with closing(pool.poll()) as reports:
                for report in reports:
                    if isinstance(report, JobProgress):
                        self._parts[report.key] = report.fraction
                    else:
                        self._parts.pop(report.key, None)
                        at_work.discard(report.key)
                        outcome = self._judged(report)
                        if outcome is None:
                            waiting.append(report.key)  # at the end: by then the cause may be gone
                        else:
                            yield self._end(report.key, outcome)
                    yield self._advanced()
            yield self._advanced()

    def _give(self, pool: WorkerPool, key: int) -> None:
        job = self._job(key)
        _video(job).parent.mkdir(parents=True, exist_ok=True)
        self._stamp(key)  # of the files before the job changes anything
        self._attempts[key] += 1
        pool.give(key, job)

    def _judged(self, report: JobReport) -> JobOutcome | None:
        """The outcome of a line, or None for another attempt. Raises EngineError if all workers die."""
        self._deaths = self._deaths + 1 if report.died else 0
        outcome, line, attempts = report.outcome, self._lines[report.key], self._attempts[report.key]
        if isinstance(outcome, Result):
            return self._finished(report.key, outcome)
        if self._deaths >= max(DEATHS, self._workers):
            last = (outcome.trace.strip().splitlines() or [""])[-1]
            raise EngineError(
                "{deaths} workers ended one after the other without finishing a job: {last} Check that "
                "every machine has the program, its requirements and enough memory.",
                deaths=self._deaths,
                last=last,
            )
        if not outcome.hopeless and attempts < ATTEMPTS:
            return None
        status: Status = "refused" if outcome.hopeless else "failed"
        return JobOutcome(line, status, outcome.reason, attempts, trace=outcome.trace)

    def _finished(self, key: int, result: Result) -> JobOutcome:
        line = self._lines[key]
        if not result.path.is_file():
            raise OutputError(
                'A worker has written "{path}", but this machine does not see it. The folder of a batch '
                "must be on storage that all machines of the cluster share under the same path.",
                path=result.path,
            )
        facts = with_history(result, self._settings.history, self._settings.outputs).as_json()
        kept = {name: facts[name] for name in FACTS}
        self._made.add(result.path, self._stamp(key), kept)
        return JobOutcome(line, "made", attempts=self._attempts[key], video=result.path, facts=kept)

    def _end(self, key: int, outcome: JobOutcome) -> JobOutcome:
        self._counts[self._outcomes[key].status] -= 1
        self._counts[outcome.status] += 1
        self._outcomes[key] = outcome
        return outcome

    def _advanced(self) -> Advanced:
        total, counts = len(self._lines), self._counts
        done = total - counts["waiting"]
        at_work = sum(self._parts.values())
        rate = self._rate(counts["made"] + at_work)
        ended = self._rate(counts["made"] + counts["failed"] + at_work)
        left = (total - done - at_work) / ended * 60 if ended else None
        return Advanced(done, total, (done + at_work) / total, rate, left, self._workers)

    def _rate(self, jobs: float) -> float | None:
        """Jobs per minute since the start."""
        if self._work_began is None or not jobs:
            return None
        return 60 * jobs / max(time.monotonic() - self._work_began, 1e-6)

    def _report(self) -> Summary:
        outcomes = list(self._outcomes.values())
        counts, seconds = dict(self._counts), time.monotonic() - self._began
        rate = self._rate(counts["made"])
        facts = [f"{len(outcomes)} lines in {seconds:.0f} s"]
        if rate is not None:
            facts.append(f"{counts['made']} videos made, {rate:.1f} a minute, by {self._workers} at work")
        lacking = sum(bool(one.facts.get("incomplete")) for one in outcomes)
        files = write_report(outcomes, self._out, facts) if self._reported else ()
        return Summary(counts, seconds, rate, files, lacking)

    def _stamp(self, key: int) -> str:
        if key not in self._stamps:
            self._stamps[key] = fingerprint(self._job(key), self._settings)
        return self._stamps[key]

    def _job(self, key: int) -> Job | DubJob:
        job = self._lines[key].job
        assert job is not None  # lines without a job are never given to a worker
        return job


def _video(job: Job | DubJob) -> Path:
    assert job.output is not None  # `read_lines` gives every job one
    return job.output
