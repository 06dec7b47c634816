"""Jobs that belong to their visitor: they continue when the page is reloaded or closed, and are found again.

A job runs in its own task. A page follows it from the beginning, or from its current state. Once no page
follows it and its visitor has no page that lists it, it continues for `unattended_minutes`; its video is in
the gallery.

Belongs to the event loop of the page, as the line does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any

from studio.gallery.visitors import NO_OWNER
from studio.hosting.spaces import on_zero_gpu
from studio.settings import Settings
from ui.visitor_job import JobInfo, Showing, Update, VisitorJob

SECONDS_UNSEEN = 600.0
"""Seconds for which the end of a job that no page has followed to its end can still be shown."""
SECONDS_UNTOLD = 24 * 3600.0
"""The same for a job that ended without a result, which the gallery cannot show."""
SECONDS_ALONE = 120.0
"""Seconds, at least, for which a job that was taken up without a page waits for one. Browsers let the timers
of a hidden page run once a minute.
"""
MOST_UNTOLD = 200
"""Largest number of such jobs of all visitors; the oldest are forgotten first."""
MOST_EXPECTED = 1000
"""Largest number of jobs of all visitors that are about to start; the oldest are forgotten first."""


class VisitorJobs:
    """The jobs of all visitors of one page."""

    def __init__(self, settings: Settings) -> None:
        # A GPU that is lent for a visit is returned with it.
        self._seconds = 0.0 if on_zero_gpu() else settings.unattended_minutes * 60
        self._jobs: dict[str, VisitorJob[Any]] = {}
        self._expected: dict[tuple[str, str], bool] = {}
        """Sessions and tabs whose job waits in Gradio's queue, and whether it is cancelled already."""

    def expect(self, session: str, tab: str) -> None:
        """A page is about to start a job on a tab, and its visitor can cancel it from now on."""
        self._expected[session, tab] = False
        while len(self._expected) > MOST_EXPECTED:
            del self._expected[next(iter(self._expected))]

    def start(
        self,
        info: JobInfo,
        updates: AsyncGenerator[Update, None],
        showing: Showing[Update],
        *,
        stay: Callable[[], None] | None = None,
    ) -> VisitorJob[Update]:
        """Run a job, which continues without its visitor. updates: closing it ends the work.

        stay: for interrupted work that is taken up, which no page follows yet. If no page comes in time, this
        is called before the job ends: the work must remain interrupted.
        """
        job: VisitorJob[Update] = VisitorJob(info, showing, stay)
        self._jobs[info.id] = job
        loop = asyncio.get_running_loop()
        job.task = loop.create_task(self._work(job, updates))
        if stay is not None:
            self._end_later(job)
        job.task.add_done_callback(lambda task: self._ended(job, task))
        return job

    async def follow(self, job: VisitorJob[Update], session: str) -> AsyncGenerator[Update, None]:
        """The updates of a job, until it ends. Raises the job's errors.

        session: of the page. For a cancelled job, the last update says so. Closing this leaves the job
        running, for as long as a job may be unattended.
        """
        news: asyncio.Queue[Update | None] = asyncio.Queue()
        if job.standing is not None:
            news.put_nowait(job.standing)
        if job.over:
            news.put_nowait(None)
        job.followers[news] = session
        job.stay = None  # from here on, it is like every job of the page
        self._keep(job)
        if self._expected.pop((session, job.info.tab), False):
            job.cancel()
        try:
            while (update := await news.get()) is not None:
                yield update
            self._jobs.pop(job.info.id, None)
            if job.error is not None:
                raise job.error
            if job.cancelled:
                showing = job.showing
                yield showing.unattended(self._seconds / 60) if job.expired else showing.cancelled
        finally:
            del job.followers[news]
            await self._leave(job)

    @property
    def unattended(self) -> bool:
        """Whether jobs continue without a page."""
        return self._seconds > 0

    def seen(self, owner: str) -> None:
        """A page of this visitor lists the jobs: those that no page follows begin their time again."""
        for job in self.of(owner):
            if job.stops is not None:
                self._keep(job)
                self._end_later(job)

    def of(self, owner: str) -> list[VisitorJob[Any]]:
        """A visitor's unfinished jobs, oldest first."""
        return [job for job in self._owned(owner) if not job.over]

    def to_follow(self, owner: str, tab: str, session: str, before: str = "") -> VisitorJob[Any] | None:
        """A visitor's job that a page should show but does not: no other page follows it.

        before: the session of the page before it was reloaded, which the server may not know to be gone. None
        while this page follows a job of the same tab.
        """
        jobs = [job for job in self._owned(owner) if job.info.tab == tab]
        if any(session in job.followers.values() for job in jobs):
            return None
        return next((job for job in jobs if {*job.followers.values()} <= {before}), None)

    def get(self, owner: str, job_id: str) -> VisitorJob[Any] | None:
        """A visitor's own job; None if it has ended and was shown, or belongs to someone else."""
        return next((job for job in self._owned(owner) if job.info.id == job_id), None)

    def cancel_followed(self, session: str, tab: str) -> None:
        """End the job that a page follows on one of its tabs, or the one that it is about to start."""
        if (session, tab) in self._expected:
            self._expected[session, tab] = True
        for job in list(self._jobs.values()):
            if job.info.tab == tab and session in job.followers.values():
                job.cancel()

    def _owned(self, owner: str) -> list[VisitorJob[Any]]:
        if owner == NO_OWNER:
            return []
        return [job for job in self._jobs.values() if job.info.owner == owner]

    async def _work(self, job: VisitorJob[Update], updates: AsyncGenerator[Update, None]) -> None:
        try:
            async with aclosing(updates):
                async for update in updates:
                    job.tell(update)
        except asyncio.CancelledError:
            job.cancelled = True
        except Exception as error:
            job.error = error

    def _ended(self, job: VisitorJob[Any], task: asyncio.Task[None]) -> None:
        job.cancelled = job.cancelled or task.cancelled()  # the second: cancelled before it had begun
        job.end()
        if job.expired and job.stay is not None:  # it is interrupted again, which the page shows
            del self._jobs[job.info.id]
        elif not job.followers:
            self._forget_later(job)

    async def _leave(self, job: VisitorJob[Any]) -> None:
        """A page no longer follows a job."""
        if job.followers:
            return
        if job.over:
            self._forget_later(job)
        elif job.info.owner == NO_OWNER or not self._seconds:
            job.cancel()
            if job.task is not None:
                await asyncio.wait([job.task])
        else:
            self._end_later(job)

    def _end_later(self, job: VisitorJob[Any]) -> None:
        """End it unless a page comes."""
        seconds = self._seconds if job.stay is None else max(self._seconds, SECONDS_ALONE)
        job.stops = asyncio.get_running_loop().call_later(seconds, job.expire)

    def _forget_later(self, job: VisitorJob[Any]) -> None:
        self._keep(job)
        if job.info.id not in self._jobs:
            return
        seconds, forget = SECONDS_UNSEEN, self._jobs.pop
        if job.error is not None:
            # Their frames hold the job's data, such as the pixels of the portrait.
            job.error.__traceback__ = job.error.__context__ = None
        if job.untold:
            seconds = SECONDS_UNTOLD
            for one in [one for one in self._jobs.values() if one.untold][:-MOST_UNTOLD]:
                self._keep(one)
                forget(one.info.id)
        job.stops = asyncio.get_running_loop().call_later(seconds, forget, job.info.id, None)

    def _keep(self, job: VisitorJob[Any]) -> None:
        if job.stops is not None:
            job.stops.cancel()
            job.stops = None
