"""Interrupted work that is taken up again: it ends only as its visitor wishes, or with a result."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Generator
from pathlib import Path
from typing import Any, cast

import gradio as gr
import pytest

from studio.admission import Line, LineLimits
from studio.fair_turns import Visitor
from studio.job import Job
from studio.settings import Settings
from studio.waiting_jobs import WaitingJobs
from studio.waiting_tasks import KeptTask, TaskRequest, WaitingTasks
from tests.fake_engine import FakeWorld
from ui.in_turn import LastValue, shown_in_turn, taken_up
from ui.lasting_task import LastingTask
from ui.lasting_tasks import resume_task
from ui.page_context import PageContext
from ui.tabs.animate.run import moved, run_kept
from ui.uploads import FOLDER
from ui.visitor_job import Showing, VisitorJob
from ui.visitor_jobs import VisitorJobs

ANN = "a" * 64
OTHER = Visitor("192.0.2.7", "other")
REQUEST = gr.Request(session_hash="page")
SHOWING: Showing[str] = Showing(
    lambda before, update: update, str, "cancelled", lambda minutes: f"closed for {minutes:g} minutes"
)


class Scene:
    """A page with one interrupted task of Ann's. go: what the task makes when its turn has come."""

    def __init__(self, settings: Settings) -> None:
        self.tasks, self.running = WaitingTasks(settings), VisitorJobs(settings)
        self.line = Line(LineLimits(at_once=1, places=1, per_visitor=5, per_address=5))
        self.loop = asyncio.get_running_loop()
        self.at_work, self.go = asyncio.Event(), asyncio.Event()
        self.tasks.keep("export", TaskRequest(["gif"]), ANN).release()
        (self.id,) = self.left()
        self.task = LastingTask(
            "export", "Export", self.line, SHOWING, str, lambda *given: TaskRequest([*given]), self._work
        )
        nothing = cast(Any, None)
        self.context = PageContext(
            settings, nothing, nothing, nothing, nothing, nothing, WaitingJobs(settings), self.tasks,
            self.line, self.line, self.running, nothing, nothing, lasting={"export": self.task},
        )  # fmt: skip

    def _work(
        self, kept: KeptTask, owner: str | None, request: gr.Request
    ) -> Generator[str | LastValue[str], None, None]:
        yield "checked"
        asyncio.run_coroutine_threadsafe(self._wait(), self.loop).result()
        yield "half"
        yield LastValue("made")

    async def _wait(self) -> None:
        self.at_work.set()
        await self.go.wait()

    def left(self) -> list[str]:
        return [one.id for one in self.tasks.interrupted(ANN)]

    def start(self) -> VisitorJob[str]:
        assert resume_task(self.context, self.id, ANN, REQUEST)
        (job,) = self.running.of(ANN)
        return job


async def ended(job: VisitorJob[str]) -> None:
    assert job.task is not None
    await asyncio.wait([job.task])


def play(story: Callable[[Scene], Coroutine[Any, Any, None]], settings: Settings) -> None:
    async def run() -> None:
        await asyncio.wait_for(story(Scene(settings)), 30)

    asyncio.run(run())


def test_work_started_again_is_done_where_nothing_runs_unattended(settings: Settings) -> None:
    async def story(scene: Scene) -> None:
        job = scene.start()
        await scene.at_work.wait()
        scene.go.set()
        assert [update async for update in scene.running.follow(job, "page")][-1] == "made"
        assert scene.left() == []

    play(story, settings.model_copy(update={"unattended_minutes": 0.0}))


def test_work_to_which_no_page_comes_is_interrupted_again(settings: Settings) -> None:
    async def story(scene: Scene) -> None:
        job = scene.start()
        await scene.at_work.wait()
        job.expire()
        await ended_after_go(scene, job)
        assert scene.left() == [scene.id]
        assert scene.tasks.interrupted(ANN)[0].tries == 0  # no fault of the work
        assert scene.running.get(ANN, job.info.id) is None  # not told twice
        scene.at_work.clear()
        second = scene.start()
        await scene.at_work.wait()
        second.cancel()  # its visitor's wish
        await ended_after_go(scene, second)
        assert scene.left() == []

    async def ended_after_go(scene: Scene, job: VisitorJob[str]) -> None:
        scene.go.set()
        await ended(job)

    play(story, settings.model_copy(update={"unattended_minutes": 0.0}))


@pytest.mark.parametrize("own", [False, True])
def test_work_that_loses_its_place_in_a_full_queue_is_interrupted_again(
    settings: Settings, own: bool
) -> None:
    """own: the visitor has another job at work, so that someone without one is preferred."""

    async def story(scene: Scene) -> None:
        scene.line.enter(Visitor("", ANN) if own else OTHER)
        if not own:
            scene.line.enter(Visitor("192.0.2.8", "third"))  # now the queue is full
        job = scene.start()
        if own:
            async for update in scene.running.follow(job, "page"):
                assert "queue" in update
                break
            scene.line.enter(OTHER)
        await ended(job)
        assert isinstance(job.error, gr.Error)
        assert scene.left() == [scene.id]
        assert scene.tasks.interrupted(ANN)[0].tries == 0

    play(story, settings)


def test_a_video_that_loses_its_place_is_interrupted_again(settings: Settings, portrait_job: Job) -> None:
    async def story() -> None:
        jobs, line = WaitingJobs(settings), Line(LineLimits(1, 1, 5, 5))
        visitor = Visitor("", ANN)
        line.enter(visitor)
        kept = jobs.keep(portrait_job, ANN)
        work = run_kept(kept, settings, ANN, "")
        updates = taken_up(kept, shown_in_turn(line, visitor, work, moved, full=kept.stay))
        await anext(updates)
        line.enter(OTHER)
        assert "Not finished" in (await anext(updates))[2]
        with pytest.raises(gr.Error):
            await anext(updates)
        assert len(jobs.interrupted(ANN)) == 1

    asyncio.run(story())


def test_the_motion_of_a_video_that_was_taken_up_can_be_rendered_again(
    settings: Settings, portrait_job: Job, world: FakeWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uploads = tmp_path / "uploads"
    uploads.mkdir()
    monkeypatch.setitem(os.environ, FOLDER, str(uploads))
    world.keeps = True
    jobs = WaitingJobs(settings)
    jobs.keep(Job(engine="fake", **portrait_job.files), ANN).release()
    (one,) = jobs.interrupted(ANN)
    *_, last = run_kept(jobs.take(ANN, one.id), settings, ANN, "")
    assert isinstance(last, LastValue)
    again = last.update[4]
    assert {*again.files} == {"portrait", "voice", "motion"}
    assert all(file.is_file() for file in again.files.values())


@pytest.fixture
def portrait_job(portrait_file: Any, voice_file: Any) -> Job:
    return Job(portrait=portrait_file, voice=voice_file)
