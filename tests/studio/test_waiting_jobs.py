"""Visitors' jobs that a killed page had: only their own visitor can run or discard them."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from media.errors import InputError
from media.file_lock import lock, open_to_lock
from studio import waiting_folders
from studio.clock import MARGIN, SureClock
from studio.gallery.visitors import NO_OWNER
from studio.job import Job
from studio.settings import Settings
from studio.waiting_jobs import WaitingJobs, with_files

ROOT = Path(__file__).resolve().parents[2]
ANN, BEN = "a" * 64, "b" * 64
PAGE = """
import sys
from pathlib import Path
from studio.job import Job
from studio.settings import Settings
from studio.waiting_jobs import WaitingJobs
jobs = WaitingJobs(Settings(outputs=Path(sys.argv[1])))
folder = Path(sys.argv[2])
files = {"portrait": folder / "face.png", "voice": folder / "voice.wav"}
kept = [
    jobs.keep(Job(**files, seed=seed, options={"fps": 30}), owner)
    for seed, owner in enumerate(("a" * 64, "a" * 64, "b" * 64))
]
if len(sys.argv) > 3:
    jobs.end()
    for one in kept:
        one.done()
print("kept", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def jobs(settings: Settings) -> WaitingJobs:
    return WaitingJobs(settings)


@pytest.fixture
def job(tmp_path: Path) -> Job:
    (tmp_path / "face.png").write_bytes(b"a face")
    (tmp_path / "voice.wav").write_bytes(b"a voice")
    return Job(portrait=tmp_path / "face.png", voice=tmp_path / "voice.wav", seed=7, options={"fps": 30})


@contextmanager
def page(settings: Settings, folder: Path, *more: str) -> Iterator[subprocess.Popen[str]]:
    """Another process that has two jobs of Ann's and one of Ben's."""
    command = [sys.executable, "-c", PAGE, str(settings.outputs), str(folder), *more]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "kept\n"
        try:
            yield process
        finally:
            process.kill()


def left(settings: Settings) -> list[Path]:
    return sorted((settings.outputs / "waiting").glob("*"))


def test_a_job_is_kept_until_it_is_done(jobs: WaitingJobs, job: Job, settings: Settings) -> None:
    kept = jobs.keep(job, ANN)
    assert kept.job == job
    assert jobs.interrupted(ANN) == []  # somebody has it
    assert [path.stat().st_mode & 0o777 for path in (settings.outputs / "waiting", *left(settings))] == [
        0o700
    ] * 2
    kept.done()
    kept.done()
    assert left(settings) == []


def test_jobs_of_a_killed_page_can_be_run_by_their_visitor(
    jobs: WaitingJobs, job: Job, settings: Settings, tmp_path: Path
) -> None:
    with page(settings, tmp_path) as process:
        assert jobs.interrupted(ANN) == []
        process.kill()
        process.wait()
    for name in ("face.png", "voice.wav"):
        (tmp_path / name).unlink()  # uploads go with the page
    (first, second), (third,) = jobs.interrupted(ANN), jobs.interrupted(BEN)
    assert (first.engine, first.portrait) == ("preview", "face.png")
    assert jobs.interrupted(NO_OWNER) == jobs.interrupted("c" * 64) == []
    for owner, job_id in ((BEN, first.id), (NO_OWNER, first.id), (ANN, third.id), (ANN, ".."), (ANN, "")):
        with pytest.raises(InputError, match="no longer waiting"):
            jobs.take(owner, job_id)
        with pytest.raises(InputError, match="no longer waiting"):
            jobs.discard(owner, job_id)
    taken = jobs.take(ANN, first.id)
    assert (taken.job.seed, taken.job.options) == (0, job.options)
    assert isinstance(taken.job.portrait, Path)
    assert taken.job.voice is not None
    assert (taken.job.portrait.read_bytes(), taken.job.voice.read_bytes()) == (b"a face", b"a voice")
    assert taken.job.portrait.name == "face.png"
    assert jobs.interrupted(ANN) == [second]
    with pytest.raises(InputError, match="no longer waiting"):
        jobs.take(ANN, first.id)  # in another tab
    taken.done()
    jobs.discard(ANN, second.id)
    assert [path.name for path in left(settings)] == [third.id]


def test_a_job_is_taken_while_others_ask_for_it(
    jobs: WaitingJobs, job: Job, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting_folders, "PATIENCE", 60.0)
    jobs.keep(job, ANN).release()
    (about,) = (settings.outputs / "waiting").glob("*/job.json")
    asking = open_to_lock(about)
    fcntl.flock(asking, fcntl.LOCK_SH)  # another window looks at this moment
    (one,) = jobs.interrupted(ANN)
    later = threading.Timer(0.02, os.close, [asking])
    later.start()
    jobs.discard(ANN, one.id)
    later.join()
    assert left(settings) == []


def test_a_job_that_cannot_get_its_place_holds_nothing(
    jobs: WaitingJobs, job: Job, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[int] = []

    def refuse(new: Path, _: Path) -> None:
        opened.append(open_to_lock(new / "job.json"))
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", refuse)
        kept = jobs.keep(job, ANN)
    assert lock(opened[0])
    os.close(opened[0])
    assert left(settings) == []
    assert with_files(job, kept) == job


def test_a_waiting_job_does_not_need_the_uploads_any_more(
    jobs: WaitingJobs, job: Job, tmp_path: Path
) -> None:
    kept = jobs.keep(job, ANN)
    assert with_files(kept.job, kept) == job
    (tmp_path / "face.png").unlink()  # deleted with an earlier video
    now = with_files(kept.job, kept)
    assert isinstance(now.portrait, Path)
    assert now.portrait.read_bytes() == b"a face"
    assert now.voice == job.voice


def test_a_stopped_page_leaves_its_jobs_to_resume(
    jobs: WaitingJobs, job: Job, settings: Settings, tmp_path: Path
) -> None:
    with page(settings, tmp_path, "ending"):
        assert len(jobs.interrupted(ANN)) == 2


def test_a_job_that_is_too_old_is_shown_to_no_one(job: Job, settings: Settings, tmp_path: Path) -> None:
    with page(settings, tmp_path, "ending"):
        pass
    jobs = WaitingJobs(settings.model_copy(update={"keep_hours": 1e-9}))
    assert jobs.interrupted(ANN) == []
    passed = [0.0]
    clock = SureClock(wall=lambda: time.time() + passed[0], steady=lambda: passed[0])
    assert jobs.sweep(clock) == 0
    passed[0] = MARGIN
    assert jobs.sweep(clock) == 3
    assert left(settings) == []


def test_damaged_jobs_are_passed_over(
    jobs: WaitingJobs, job: Job, settings: Settings, tmp_path: Path
) -> None:
    with page(settings, tmp_path, "ending"):
        first, second = jobs.interrupted(ANN)
    folder = settings.outputs / "waiting"
    about = folder / first.id / "job.json"
    about.write_text(about.read_text().replace('"fps": 30', '"fps": "many"'))
    with pytest.raises(InputError, match="no longer waiting"):
        jobs.take(ANN, first.id)
    assert not about.exists()
    (folder / second.id / "job.json").write_text("[[[")
    (folder / ("0" * 32)).mkdir()
    assert jobs.interrupted(ANN) == []


def test_a_job_that_cannot_be_stored_runs_anyway(job: Job, settings: Settings) -> None:
    settings.outputs.write_bytes(b"a file in the folder's place")
    kept = WaitingJobs(settings).keep(job, ANN)
    assert kept.job == job
    kept.done()


def test_jobs_of_no_one_and_of_bytes_are_not_kept(jobs: WaitingJobs, job: Job, settings: Settings) -> None:
    for one, owner in ((job, NO_OWNER), (job.model_copy(update={"portrait": b"a face"}), ANN)):
        assert jobs.keep(one, owner).job == one
    assert left(settings) == []


def test_a_job_that_ended_with_its_page_is_counted_and_a_stopped_one_is_not(
    jobs: WaitingJobs, job: Job, settings: Settings
) -> None:
    kept = jobs.keep(job, ANN)
    for tries in (1, 2):
        kept.begin()
        kept.release()  # as if the process had died
        (left,) = jobs.interrupted(ANN)
        assert left.tries == tries
        kept = jobs.take(ANN, left.id)
    stopping = WaitingJobs(settings)
    kept.release()
    kept = stopping.take(ANN, left.id)
    kept.begin()
    stopping.end()
    kept.done()
    assert [one.tries for one in stopping.interrupted(ANN)] == [2]


def test_a_recorded_performance_is_kept_with_its_job(
    jobs: WaitingJobs, job: Job, settings: Settings, tmp_path: Path
) -> None:
    take = tmp_path / "take.csv"
    take.write_text("time,JawOpen\n0,0\n1,1\n")
    given = {"file": take, "mouth": "voice", "rate": "30"}
    kept = jobs.keep(Job.model_validate({**job.files, "performance": given}), ANN)
    take.unlink()
    there = with_files(kept.job, kept)
    assert there.performance is not None
    assert there.performance.file.read_text().startswith("time,JawOpen")
    jobs.end()
    kept.done()
    again = WaitingJobs(settings)
    (stopped,) = again.interrupted(ANN)
    taken = again.take(ANN, stopped.id)
    assert taken.job.performance is not None
    assert taken.job.performance.file.read_text().startswith("time,JawOpen")
    assert (taken.job.performance.mouth, taken.job.performance.rate) == ("voice", "30")
    taken.done()
