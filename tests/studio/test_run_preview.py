"""The job pipeline with the engine that ships."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from studio.events import Chunk
from studio.job import Job
from studio.run import run
from studio.settings import Settings


@pytest.fixture
def jobs(portrait_file: Path, voice_file: Path) -> list[Job]:
    return [
        Job(portrait=portrait_file, voice=voice_file, seed=seed, options={"head_motion": motion})
        for seed, motion in ((1, 2.0), (2, 2.0), (1, 0.5))
    ]


def pictures(job: Job, settings: Settings) -> np.ndarray:
    return np.concatenate([e.frames.copy() for e in run(job, settings) if isinstance(e, Chunk)])


def test_jobs_at_the_same_time_are_what_they_are_alone(jobs: list[Job], settings: Settings) -> None:
    alone = [pictures(job, settings) for job in jobs]
    assert not np.array_equal(alone[0], alone[1])
    assert not np.array_equal(alone[0], alone[2])
    together: dict[int, np.ndarray] = {}
    threads = [
        threading.Thread(target=lambda n=n, job=job: together.update({n: pictures(job, settings)}))
        for n, job in enumerate(jobs)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    for n, expected in enumerate(alone):
        np.testing.assert_array_equal(together[n], expected)


def test_the_first_pictures_leave_before_the_last_are_made(jobs: list[Job], settings: Settings) -> None:
    events = run(jobs[0].model_copy(update={"seed": 5}), settings)
    first = next(e for e in events if isinstance(e, Chunk))
    assert first.start == 0
    assert len(first.frames) < 30
    events.close()
    assert list(settings.outputs.rglob("*.mp4")) == []
