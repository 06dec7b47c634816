"""Several processes at work, and one of them killed."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest

from media.errors import WeightsMissing
from media.ray_session import ray_session
from tests.training.prepare.stub_preparer import GATE, LOG, OPEN, PID
from training.dataset.items import ITEMS, done_items, failures, remove_parts
from training.dataset.names import item_name
from training.prepare.in_processes import prepare_in_processes
from training.prepare.with_ray import _Desk, prepare_with_ray
from training.prepare.work import ItemOutcome, PreparationPlan, Task

STUBS = "tests.training.prepare.stub_preparer"
NAMES = ("a", "b", "held", "refused", "c", "d")
RUN = "here-1"

Prepare = Callable[[PreparationPlan, list[Task]], Generator[ItemOutcome]]


@pytest.fixture(scope="module")
def one_ray() -> Iterator[None]:
    """A Ray of this machine's own for all tests here; what asks for one uses it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_worker_niceness", "0")  # else its workers give way to the other tests
        with ray_session(cpus=2):
            yield


def by_ray(plan: PreparationPlan, tasks: list[Task]) -> Generator[ItemOutcome]:
    return prepare_with_ray(plan, tasks, 2, None)


def by_processes(plan: PreparationPlan, tasks: list[Task]) -> Generator[ItemOutcome]:
    return prepare_in_processes(plan, tasks, 2)


@pytest.mark.usefixtures("one_ray")
@pytest.mark.parametrize(
    ("prepare", "stub"), [(by_ray, "StagedStub"), (by_processes, "StubPreparer")], ids=["ray", "processes"]
)
def test_a_worker_that_is_killed_costs_nothing(prepare: Prepare, stub: str, tmp_path: Path) -> None:
    videos, root = tmp_path / "videos", tmp_path / "dataset"
    tasks = make_tasks(videos, *NAMES)
    for pipe in (PID, GATE):
        os.mkfifo(videos / pipe)
    killer = threading.Thread(target=kill_the_held_one, args=(videos,), daemon=True)
    killer.start()
    plan = PreparationPlan(root, f"{STUBS}:{stub}", "cpu", RUN)
    outcomes = list(prepare(plan, tasks))
    killer.join(30)
    assert sorted(outcome.source for outcome in outcomes) == sorted(f"{name}.mp4" for name in NAMES)
    assert {outcome.source for outcome in outcomes if outcome.code} == {"refused.mp4"}
    assert [failed["code"] for failed in failures(root)] == ["no_face"]
    done = list(done_items(root))
    assert sorted(item["source"] for item in done) == sorted(f"{n}.mp4" for n in NAMES if n != "refused")
    for item in done:
        folder = root / ITEMS / item["name"]
        assert (folder / "copy").read_text() == Path(item["source"]).stem
    made = Counter(line.split()[1] for line in (videos / LOG).read_text().splitlines() if line[0] == "p")
    begun_again = {name for name, times in made.items() if times > 1}
    assert made["held"] == 2
    # A pool of plain processes is ended as a whole; what another was at in that moment is begun again, too.
    assert begun_again <= ({"held"} if prepare is by_ray else set(NAMES))
    assert max(made.values()) == 2
    remove_parts(root, RUN)
    assert len(list((root / ITEMS).iterdir())) == len(NAMES) - 1


@pytest.mark.usefixtures("one_ray")
@pytest.mark.parametrize("prepare", [by_ray, by_processes], ids=["ray", "processes"])
def test_missing_weights_end_the_run(prepare: Prepare, tmp_path: Path) -> None:
    tasks = make_tasks(tmp_path / "videos", "a", "b", "c")
    plan = PreparationPlan(tmp_path / "dataset", f"{STUBS}:NoWeightsStub", "cpu", RUN)
    with pytest.raises(WeightsMissing, match="The stub's network is missing"):
        list(prepare(plan, tasks))
    assert not list(failures(plan.root))
    assert not list(done_items(plan.root))


def make_tasks(videos: Path, *names: str) -> list[Task]:
    videos.mkdir()
    tasks = []
    for name in names:
        video = videos / f"{name}.mp4"
        video.write_text(name)
        tasks.append(Task(video, video.name, item_name(video.name)))
    return tasks


def kill_the_held_one(videos: Path) -> None:
    """Wait until a process reports its id, and kill it."""
    process = int((videos / PID).read_text())
    (videos / OPEN).touch()
    os.kill(process, signal.SIGKILL)


def test_a_video_that_ends_its_process_is_left_alone(tmp_path: Path) -> None:
    from training.prepare.work import ATTEMPTS, PreparationWorker

    video = tmp_path / "a.mp4"
    video.write_text("a")
    task = Task(video, "a.mp4", item_name("a.mp4"))
    worker = PreparationWorker(PreparationPlan(tmp_path / "dataset", f"{STUBS}:StubPreparer", "cpu", RUN))
    attempts = tmp_path / "dataset" / ITEMS / f".part-{RUN}-attempts"
    attempts.mkdir(parents=True)
    (attempts / f"{task.name}.prepare").write_text("." * ATTEMPTS)  # what dead processes left
    outcome = worker.prepare(task)
    assert outcome.code == "crash"
    assert f"{ATTEMPTS} times" in outcome.reason
    assert not (tmp_path / LOG).exists()


def test_readers_wait_until_a_video_is_finished() -> None:
    async def at_the_desk() -> None:
        desk = _Desk(2)
        await desk.take("a")
        await desk.take("b")
        await desk.take("a")  # begun again, with the ticket it has
        third = asyncio.create_task(desk.take("c"))
        for _ in range(5):
            await asyncio.sleep(0)
        assert not third.done()
        await desk.give_back("a")
        await asyncio.wait_for(third, 30)
        await desk.give_back("a")  # twice, and nobody gets more for it
        fourth = asyncio.create_task(desk.take("d"))
        for _ in range(5):
            await asyncio.sleep(0)
        assert not fourth.done()
        await desk.give_back("b")
        await asyncio.wait_for(fourth, 30)

    asyncio.run(at_the_desk())
