"""The segments of a job's video among its events."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from media import live_segments
from media.segment import Segment
from studio.events import Chunk, Event, Finished, Progress, Started
from studio.job import Job
from studio.run import run
from studio.settings import Settings
from studio.video_segments import with_segments
from tests.conftest import write_voice
from tests.fake_engine import FakeWorld

SECONDS = 2.4


@pytest.fixture
def job(world: FakeWorld, portrait_file: Path, tmp_path: Path) -> Job:
    voice = write_voice(tmp_path / "voice.wav", seconds=SECONDS)
    return Job(engine="fake", portrait=portrait_file, voice=voice)


def test_pieces_come_between_the_chunks_and_before_the_end(job: Job, settings: Settings) -> None:
    seen = list(with_segments(run(job, settings), job))
    pieces = [one for one in seen if isinstance(one, Segment)]
    assert sum(piece.duration for piece in pieces) == pytest.approx(SECONDS, abs=0.05)
    places = [seen.index(piece) for piece in pieces]
    chunks = [place for place, one in enumerate(seen) if isinstance(one, Chunk)]
    assert chunks[0] < places[0] < chunks[-1] < places[-1]
    assert isinstance(seen[-1], Finished)
    kinds = [type(one) for one in seen if not isinstance(one, Segment)]
    assert kinds.count(Started) == 1
    assert Progress in kinds


def test_closing_ends_the_job(job: Job, settings: Settings, world: FakeWorld) -> None:
    events = with_segments(run(job, settings), job)
    for event in events:
        if isinstance(event, Chunk):
            break
    assert world.open_generators == 1
    events.close()
    assert world.open_generators == 0
    assert list(settings.outputs.glob("*.mp4")) == []


def test_without_segments_the_job_continues(
    job: Job, settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr(live_segments.LiveSegments, "write", refuse)
    with caplog.at_level(logging.WARNING):
        seen: list[Event | Segment] = list(with_segments(run(job, settings), job))
    assert isinstance(seen[-1], Finished)
    assert not any(isinstance(one, Segment) for one in seen)
    assert len([record for record in caplog.records if record.name == "joystudio.segments"]) == 1


def test_a_failing_job_fails(job: Job, settings: Settings, world: FakeWorld) -> None:
    world.fail_at = 10
    with pytest.raises(RuntimeError, match="broken"):
        list(with_segments(run(job, settings), job))
