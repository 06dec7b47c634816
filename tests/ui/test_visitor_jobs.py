"""Jobs that continue without a page: followed, left, found again, cancelled and forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from media.errors import InputError
from studio.gallery.visitors import NO_OWNER
from studio.settings import Settings
from ui import visitor_jobs
from ui.visitor_job import JobInfo, Showing, VisitorJob
from ui.visitor_jobs import VisitorJobs

MINE = JobInfo("me", "preview", "Preview", "face.png", id="job-1")
SHOWING: Showing[str] = Showing(
    lambda before, update: update, str, "cancelled", lambda minutes: f"closed for {minutes:g} minutes"
)


class Work:
    """A job that does a step for each letter that it is given."""

    def __init__(
        self, jobs: VisitorJobs, info: JobInfo = MINE, stay: Callable[[], None] | None = None
    ) -> None:
        self.steps: asyncio.Queue[str] = asyncio.Queue()
        self.closed = asyncio.Event()
        self.jobs = jobs
        self.job = jobs.start(info, self._updates(), SHOWING, stay=stay)

    async def _updates(self) -> AsyncGenerator[str, None]:
        try:
            while (step := await self.steps.get()) != "end":
                if step == "refuse":
                    raise InputError("This does not work.")
                yield step
        finally:
            self.closed.set()

    def do(self, *steps: str) -> None:
        for step in steps:
            self.steps.put_nowait(step)


def play(story: Callable[[VisitorJobs], Coroutine[Any, Any, None]], minutes: float = 60.0) -> None:
    async def run() -> None:
        await asyncio.wait_for(story(VisitorJobs(Settings(unattended_minutes=minutes))), 30)

    asyncio.run(run())


async def first(jobs: VisitorJobs, job: VisitorJob[str], session: str) -> str:
    """Follow a job for one update, and leave."""
    async with aclosing(jobs.follow(job, session)) as updates:
        async for update in updates:
            return update
    raise AssertionError("it had nothing to show")


async def rest(jobs: VisitorJobs, job: VisitorJob[str], session: str = "later") -> list[str]:
    async with aclosing(jobs.follow(job, session)) as updates:
        return [update async for update in updates]


def test_a_job_continues_without_its_page_and_a_later_one_shows_it() -> None:
    async def story(jobs: VisitorJobs) -> None:
        work = Work(jobs)
        work.do("a")
        assert await first(jobs, work.job, "page") == "a"
        assert not work.closed.is_set()
        found = jobs.to_follow("me", "preview", "later")
        assert found is work.job
        work.do("b", "c", "end")
        assert (await rest(jobs, found))[-1] == "c"
        assert jobs.of("me") == []
        assert jobs.to_follow("me", "preview", "third") is None

    play(story)


def test_a_job_that_ended_unseen_is_shown_once() -> None:
    async def story(jobs: VisitorJobs) -> None:
        work = Work(jobs)
        work.do("a")
        await first(jobs, work.job, "page")
        work.do("b", "end")
        await work.closed.wait()
        found = jobs.to_follow("me", "preview", "later")
        assert found is not None
        assert await rest(jobs, found) == ["b"]
        assert jobs.to_follow("me", "preview", "third") is None

    play(story)


def test_a_job_of_a_reloaded_page_is_found_although_the_old_one_seems_to_be_there() -> None:
    async def story(jobs: VisitorJobs) -> None:
        work = Work(jobs)
        work.do("a")
        async with aclosing(jobs.follow(work.job, "page")) as updates:
            assert await anext(updates) == "a"
            assert jobs.to_follow("me", "preview", "new window") is None
            assert jobs.to_follow("me", "preview", "reloaded", before="page") is work.job
            assert jobs.to_follow("me", "preview", "page", before="page") is None
            assert jobs.to_follow("me", "joyvasa", "reloaded", before="page") is None
        work.job.cancel()

    play(story)


def test_jobs_are_their_owners_alone() -> None:
    async def story(jobs: VisitorJobs) -> None:
        work = Work(jobs)
        work.do("a")
        await first(jobs, work.job, "page")
        for other in ("you", NO_OWNER, ""):
            assert jobs.of(other) == []
            assert jobs.get(other, "job-1") is None
            assert jobs.to_follow(other, "preview", "theirs", before="page") is None
        assert jobs.get("me", "job-1") is work.job
        work.job.cancel()

    play(story)


def test_cancelling_ends_the_work_and_is_shown_on_every_page() -> None:
    async def story(jobs: VisitorJobs) -> None:
        work = Work(jobs)
        work.do("a")
        pages = [asyncio.create_task(rest(jobs, work.job, name)) for name in ("one", "two")]
        while len(work.job.followers) < 2:
            await asyncio.sleep(0)
        jobs.cancel_followed("someone else's", "preview")
        jobs.cancel_followed("two", "preview")
        assert [said[-1] for said in await asyncio.gather(*pages)] == ["cancelled", "cancelled"]
        assert work.closed.is_set()

    play(story)


def test_a_cancel_before_the_job_exists_ends_it_and_no_later_one() -> None:
    """On a busy machine the job still waits in Gradio's queue when its visitor cancels it."""

    async def story(jobs: VisitorJobs) -> None:
        jobs.expect("page", "preview")
        jobs.cancel_followed("page", "preview")
        work = Work(jobs)
        assert await rest(jobs, work.job, "page") == ["cancelled"]
        # One that comes too late, after the end, is not meant for the next job.
        jobs.cancel_followed("page", "preview")
        jobs.expect("page", "preview")
        second = Work(jobs, replace(MINE, id="job-2"))
        second.do("a", "end")
        assert await rest(jobs, second.job, "page") == ["a"]

    play(story)


def test_a_refusal_reaches_the_page_also_a_later_one() -> None:
    async def story(jobs: VisitorJobs) -> None:
        work = Work(jobs)
        work.do("a")
        await first(jobs, work.job, "page")
        work.do("refuse")
        await work.closed.wait()
        found = jobs.to_follow("me", "preview", "later")
        assert found is not None
        with pytest.raises(InputError, match="does not work"):
            await rest(jobs, found)

    play(story)


@pytest.mark.parametrize(("minutes", "owner"), [(0.0, "me"), (60.0, NO_OWNER)])
def test_without_time_or_owner_a_job_ends_with_its_page(minutes: float, owner: str) -> None:
    async def story(jobs: VisitorJobs) -> None:
        work = Work(jobs, JobInfo(owner, "preview", "Preview", "face.png"))
        work.do("a")
        await first(jobs, work.job, "page")
        assert work.closed.is_set()
        assert work.job.over

    play(story, minutes)


def test_an_unattended_job_ends_in_time_unless_a_page_comes() -> None:
    async def story(jobs: VisitorJobs) -> None:
        left, found = Work(jobs), Work(jobs, JobInfo("me", "preview", "Preview", "face.png"))
        for work in (left, found):
            work.do("a")
            await first(jobs, work.job, "page")
        async with aclosing(jobs.follow(found.job, "later")) as updates:
            assert await anext(updates) == "a"
            await left.closed.wait()
            assert not found.closed.is_set()
        await found.closed.wait()
        await asyncio.wait([task for task in (left.job.task, found.job.task) if task])
        later = jobs.to_follow("me", "preview", "later")
        assert later is left.job
        assert (await rest(jobs, later))[-1] == "closed for 0.001 minutes"

    play(story, minutes=0.001)


def test_jobs_that_their_visitor_sees_in_the_list_do_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page follows one job of each tab, and lists the others."""

    async def story(jobs: VisitorJobs) -> None:
        loop = asyncio.get_running_loop()
        left, taken = Work(jobs), Work(jobs, replace(MINE, id="job-2"), stay=lambda: None)
        left.do("a")
        await first(jobs, left.job, "page")
        for work in (left, taken):
            assert work.job.stops is not None
            soon = loop.time() + 60
            assert (work.job.stops.when() > soon) == (work is taken)  # the shortest time for a page to come
            before = work.job.stops
            jobs.seen("someone else")
            assert work.job.stops is before
            jobs.seen("me")
            assert before.cancelled()
            assert not work.job.stops.cancelled()
            assert work.job.stops.when() > before.when()
            work.job.cancel()

    play(story, minutes=0.5)


def test_a_job_that_failed_unseen_is_told_but_keeps_nothing_of_its_work() -> None:
    async def story(jobs: VisitorJobs) -> None:
        refused = [Work(jobs, JobInfo("me", "preview", "Preview", "face.png")) for _ in range(3)]
        for work in refused:
            work.do("refuse")
            await work.closed.wait()
            assert work.job.task is not None
            await work.job.task
        assert jobs.to_follow("me", "preview", "page") is refused[0].job
        error = refused[0].job.error
        assert error is not None
        assert error.__traceback__ is None
        with pytest.raises(InputError):
            await rest(jobs, refused[0].job)

    play(story)


def test_the_ends_that_wait_for_their_visitors_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visitor_jobs, "MOST_UNTOLD", 2)

    async def story(jobs: VisitorJobs) -> None:
        refused = [Work(jobs, JobInfo("me", "preview", "Preview", "face.png")) for _ in range(5)]
        for work in refused:
            work.do("refuse")
            assert work.job.task is not None
            await work.job.task
        known = [jobs.get("me", work.job.info.id) is not None for work in refused]
        assert known == [False, False, False, True, True]

    play(story)
