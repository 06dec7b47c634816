"""Steps, notes and kept motion on the way through a job."""

from __future__ import annotations

from pathlib import Path

import pytest

from engines.saved_motion import load_motion
from media.errors import InputError, OptionError, OutputError
from studio.events import Event, Finished, Progress, Result
from studio.gallery.history import History
from studio.job import Job
from studio.motion import motion_path
from studio.run import run
from studio.settings import Settings
from tests.conftest import VOICE_SECONDS, write_voice
from tests.fake_engine import FakeWorld


@pytest.fixture
def job(world: FakeWorld, portrait_file: Path, voice_file: Path) -> Job:
    world.keeps = True
    return Job(engine="fake", portrait=portrait_file, voice=voice_file, options={"level": 200}, seed=7)


def finish(job: Job, settings: Settings) -> Result:
    *_, last = run(job, settings)
    assert isinstance(last, Finished)
    return last.result


def changed(job: Job, **changes: object) -> Job:
    """The job with other values, checked as a new one."""
    options = job.options.model_dump() | dict(changes.pop("options", {}))  # type: ignore[call-overload]
    return Job(**{**dict(job), "options": options, **changes})


def test_sampling_is_a_stage_with_time_left(job: Job, settings: Settings, world: FakeWorld) -> None:
    world.steps = 4
    events: list[Event] = list(run(job, settings))
    progress = [e for e in events if isinstance(e, Progress)]
    stages = [p.stage for p in progress if p.stage not in ("opening", "loading")]
    assert stages[:5] == ["sampling", "sampling", "sampling", "sampling", "rendering"]
    assert [p.fraction for p in progress] == sorted(p.fraction for p in progress)
    first, second, *_ = (p for p in progress if p.stage == "sampling")
    assert first.seconds_left is None
    assert second.seconds_left is not None


def test_a_job_can_be_cancelled_while_it_samples(job: Job, settings: Settings, world: FakeWorld) -> None:
    world.steps = 4
    events = run(job, settings)
    next(e for e in events if isinstance(e, Progress) and e.stage == "sampling")
    events.close()
    assert world.open_generators == 0
    assert world.batches == 0
    assert [p.name for p in settings.outputs.iterdir() if ".sqlite" not in p.name] == []


def test_notes_reach_the_result(job: Job, settings: Settings, world: FakeWorld) -> None:
    world.notes = ("Turned a little.",)
    assert "Turned a little." in finish(job, settings).notes


def test_the_motion_lies_beside_the_video_with_what_decided_it(job: Job, settings: Settings) -> None:
    result = finish(job, settings)
    assert result.motion == motion_path(result.path)
    motion = load_motion(result.motion)
    assert motion.frames == result.frames
    assert motion.facts["options"] == {"mirror": False}  # only what was decided at sampling
    assert (motion.facts["engine"], motion.facts["seed"]) == ("fake", 7)
    assert History(settings.history).get(result.job_id).result.motion == result.motion.resolve()


def test_a_kept_motion_is_rendered_again(job: Job, settings: Settings, world: FakeWorld) -> None:
    first = finish(job, settings)
    second = finish(changed(job, motion=first.motion, options={"level": 30}), settings)
    assert len(world.rendered_again) == 1
    assert second.motion == first.motion  # the same motion serves again
    assert not motion_path(second.path).exists()
    assert second.options["level"] == 30
    assert second.notes == ()


def test_options_that_the_motion_decided_are_kept_and_reported(job: Job, settings: Settings) -> None:
    first = finish(job, settings)
    second = finish(changed(job, motion=first.motion, options={"mirror": True}), settings)
    assert second.options["mirror"] is False
    assert "The kept motion has mirror False; True would need a new one." in second.notes


def test_another_voice_of_the_same_length_is_reported(job: Job, settings: Settings, tmp_path: Path) -> None:
    first = finish(job, settings)
    other = write_voice(tmp_path / "other.wav", seconds=VOICE_SECONDS, pitch=330)
    second = finish(changed(job, motion=first.motion, voice=other), settings)
    assert "The saved motion was made for another voice of the same length." in second.notes
    longer = write_voice(tmp_path / "longer.wav", seconds=VOICE_SECONDS + 1)
    with pytest.raises(InputError, match=f"moves for {first.frames} frames, but the voice lasts"):
        finish(changed(job, motion=first.motion, voice=longer), settings)


def test_motions_that_do_not_fit_are_refused(job: Job, settings: Settings, tmp_path: Path) -> None:
    first = finish(job, settings)
    assert first.motion is not None
    with pytest.raises(OptionError, match="The engine preview does not save motion"):
        finish(Job(portrait=job.portrait, voice=job.voice, motion=first.motion), settings)
    foreign = tmp_path / "foreign.safetensors"
    motion = load_motion(first.motion)
    type(motion)(motion.arrays, {**motion.facts, "engine": "joyvasa"}).save(foreign)
    with pytest.raises(InputError, match="was made by the engine joyvasa, not by fake"):
        finish(changed(job, motion=foreign), settings)
    with pytest.raises(OutputError, match="is the motion itself"):
        finish(changed(job, motion=tmp_path / "a.mp4", output=_made(tmp_path / "a.mp4")), settings)


def _made(path: Path) -> Path:
    path.write_bytes(b"x")
    return path


def test_a_motion_that_cannot_be_kept_does_not_cost_the_video(
    job: Job, settings: Settings, tmp_path: Path
) -> None:
    video = tmp_path / "out.mp4"
    motion_path(video).mkdir()
    result = finish(changed(job, output=video), settings)
    assert result.path.exists()
    assert result.motion is None
    assert "its motion could not be kept" in result.notes[-1]


def test_forgetting_a_video_with_its_file_forgets_its_motion(job: Job, settings: Settings) -> None:
    result = finish(job, settings)
    assert result.motion is not None
    History(settings.history).delete(result.job_id, file=True)
    assert not result.path.exists()
    assert not result.motion.exists()
