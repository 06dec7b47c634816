"""Downloads, exports and lists that a stopped page had: only their own visitor can take them up."""

from __future__ import annotations

from pathlib import Path

import pytest

from media.errors import InputError
from studio.gallery.visitors import NO_OWNER
from studio.settings import Settings
from studio.waiting_folders import MOST_TRIES
from studio.waiting_tasks import FOLDER, TaskRequest, WaitingTasks

ANN, BEN = "a" * 64, "b" * 64


def test_an_interrupted_task_is_taken_up_with_its_files_and_what_was_made(
    settings: Settings, tmp_path: Path
) -> None:
    one, other = tmp_path / "one" / "face.png", tmp_path / "other" / "face.png"
    for path in (one, other):
        path.parent.mkdir()
        path.write_text(path.parent.name)
    tasks = WaitingTasks(settings, lambda: True)
    kept = tasks.keep("pairs", TaskRequest(["list.csv", None], {"../a.png": one, "b.png": other}), ANN)
    assert tasks.interrupted(ANN) == []  # somebody has it
    kept.begin()
    kept.note("3", "0123")
    kept.done()  # the page is stopping
    for path in (one, other):
        path.unlink()
    (task,) = tasks.interrupted(ANN)
    assert (task.kind, task.tries) == ("pairs", 0)
    assert tasks.interrupted(BEN) == tasks.interrupted(NO_OWNER) == []
    for owner, task_id in ((BEN, task.id), (NO_OWNER, task.id), (ANN, ".."), (ANN, "")):
        with pytest.raises(InputError, match="no longer waiting"):
            tasks.take(owner, task_id)
    taken = tasks.take(ANN, task.id)
    assert (taken.wish.values, taken.made) == (["list.csv", None], {"3": "0123"})
    assert [path.read_text() for path in taken.wish.files.values()] == ["one", "other"]
    taken.done(made=True)
    assert list((settings.outputs / FOLDER).iterdir()) == []


def test_only_interruptions_without_progress_count(settings: Settings) -> None:
    def interrupt(*, progress: bool) -> int:
        found = tasks.interrupted(ANN)
        kept = tasks.take(ANN, found[0].id) if found else tasks.keep("pairs", TaskRequest([]), ANN)
        kept.begin()
        if progress:
            kept.note("1", "0123")
        kept.release()  # as `kill -9` leaves it
        return tasks.interrupted(ANN)[0].tries

    tasks = WaitingTasks(settings)
    assert [interrupt(progress=False) for _ in range(MOST_TRIES)] == [1, 2]
    assert interrupt(progress=True) == 1


def test_damaged_tasks_are_passed_over(settings: Settings) -> None:
    tasks = WaitingTasks(settings)
    tasks.keep("export", TaskRequest(["square"]), ANN).release()
    (task,) = tasks.interrupted(ANN)
    about = settings.outputs / FOLDER / task.id / "task.json"
    about.write_text(about.read_text().replace('"files": {}', '"files": 3'))
    with pytest.raises(InputError, match="no longer waiting"):
        tasks.take(ANN, task.id)
    assert tasks.interrupted(ANN) == []
