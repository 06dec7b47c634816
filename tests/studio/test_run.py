from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engines import registry
from media.errors import (
    Cancelled,
    EngineError,
    InputError,
    OutOfMemory,
    OutputError,
    PortraitError,
    VoiceError,
)
from media.video import VideoReader
from studio.events import Chunk, Event, Finished, Progress, Result, Started
from studio.gallery.history import History
from studio.job import Job
from studio.provenance.signing import Signer
from studio.run import run
from studio.settings import Settings
from studio.stopping import stoppable
from tests.conftest import VOICE_SECONDS
from tests.fake_engine import BATCH, FakeWorld
from tests.packets import packets

FRAMES = round(VOICE_SECONDS * 25)


@pytest.fixture
def job(world: FakeWorld, portrait_file: Path, voice_file: Path) -> Job:
    return Job(engine="fake", portrait=portrait_file, voice=voice_file, options={"level": 200}, seed=7)


def finish(job: Job, settings: Settings) -> Result:
    *_, last = run(job, settings)
    assert isinstance(last, Finished)
    return last.result


def files_in(folder: Path) -> list[str]:
    if not folder.exists():
        return []
    return sorted(p.name for p in folder.rglob("*") if p.is_file() and ".sqlite" not in p.name)


def test_events_come_in_order_and_add_up(job: Job, settings: Settings) -> None:
    events: list[Event] = list(run(job, settings))
    started = next(e for e in events if isinstance(e, Started))
    chunks = [e for e in events if isinstance(e, Chunk)]
    progress = [e for e in events if isinstance(e, Progress)]

    assert events.index(started) < events.index(chunks[0])
    assert (started.frames, started.fps, started.size) == (FRAMES, 25, (128, 128))
    assert [c.start for c in chunks] == list(range(0, FRAMES, BATCH))
    assert sum(len(c.frames) for c in chunks) == FRAMES
    assert [p.fraction for p in progress] == sorted(p.fraction for p in progress)
    assert progress[0].stage == "opening"
    assert progress[0].seconds_left is None
    assert progress[-1] == Progress("finishing", 1.0, 0.0)
    timed = [p for p in progress if p.stage not in ("opening", "loading")]
    assert all(p.seconds_left is not None and p.seconds_left >= 0 for p in timed[1:])
    assert isinstance(events[-1], Finished)


def test_result_and_video_agree(job: Job, settings: Settings) -> None:
    result = finish(job, settings)
    assert result.path == settings.outputs / f"{result.job_id}.mp4"
    assert result.frames == FRAMES
    assert result.duration == pytest.approx(VOICE_SECONDS)
    assert 0 < result.first_chunk_seconds <= result.seconds
    assert result.realtime_factor == pytest.approx(result.seconds / result.duration, abs=1e-3)
    assert (result.engine, result.seed, result.options["level"]) == ("fake", 7, 200)
    assert (result.portrait, result.speech) == ("face.png", "tone.wav")
    assert result.random_weights is False
    video = VideoReader(result.path)
    frames = list(video)
    assert video.fps == 25
    assert len(frames) == FRAMES
    assert abs(float(np.mean(frames[-1])) - 200) < 3
    assert files_in(settings.outputs) == [result.path.name]


def test_the_file_carries_what_made_it_but_no_paths(job: Job, settings: Settings) -> None:
    result = finish(job, settings)
    video = VideoReader(result.path)
    facts = json.loads(video.metadata["comment"])
    assert facts["engine"] == "fake"
    assert facts["seed"] == 7
    assert facts["options"] == job.options.model_dump()
    assert facts["portrait_sha256"] == result.portrait_sha256
    assert str(settings.outputs.parent) not in json.dumps(facts)
    assert "face.png" not in json.dumps(facts)


def test_same_job_gives_the_same_video_and_another_seed_another(job: Job, settings: Settings) -> None:
    """A signed manifest has a number of its own, so whole files are the same only without one."""
    first, second = finish(job, settings), finish(job, settings)
    other = finish(job.model_copy(update={"seed": 8}), settings)
    assert first.path != second.path
    assert packets(first.path) == packets(second.path)
    assert packets(first.path) != packets(other.path)
    unsigned = settings.model_copy(update={"sign": False})
    assert finish(job, unsigned).path.read_bytes() == finish(job, unsigned).path.read_bytes()


def test_pictures_are_pulled_one_batch_at_a_time(job: Job, settings: Settings, world: FakeWorld) -> None:
    events = run(job, settings)
    next(e for e in events if isinstance(e, Chunk))
    assert world.batches == 1
    events.close()


@pytest.mark.parametrize("until", [Progress, Started, Chunk])
def test_closing_cancels(job: Job, settings: Settings, world: FakeWorld, until: type) -> None:
    events = run(job, settings)
    next(e for e in events if isinstance(e, until))
    events.close()
    assert world.open_generators == 0
    assert files_in(settings.outputs) == []
    assert History(settings.history).list() == []
    assert finish(job, settings).frames == FRAMES
    assert world.loads == 1
    assert world.unloads == 0


@pytest.mark.parametrize("at", [0, 10])
def test_a_failing_engine_leaves_nothing_behind(
    job: Job, settings: Settings, world: FakeWorld, at: int
) -> None:
    world.fail_at = at
    with pytest.raises(RuntimeError, match="broken"):
        finish(job, settings)
    assert files_in(settings.outputs) == []
    world.fail_at = None
    assert finish(job, settings).frames == FRAMES


def test_memory_that_ran_out_is_reported_with_the_size(
    job: Job, settings: Settings, world: FakeWorld
) -> None:
    world.fail_at, world.failure = 5, MemoryError()
    with pytest.raises(OutOfMemory, match="1280 pixels"):
        finish(job, settings)
    assert files_in(settings.outputs) == []


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ({"extra_frames": -1}, f"only {FRAMES - 1} of {FRAMES}"),
        ({"extra_frames": 3}, f"more of {FRAMES}|more than the {FRAMES}"),
        ({"extra_width": 2}, r"128, 128, 3\) was asked for"),
        ({"dtype": "float32"}, "float32"),
    ],
)
def test_an_engine_that_breaks_its_contract_is_an_error(
    job: Job, settings: Settings, world: FakeWorld, fault: dict[str, object], message: str
) -> None:
    for name, value in fault.items():
        setattr(world, name, value)
    with pytest.raises(EngineError, match=message):
        finish(job, settings)
    assert files_in(settings.outputs) == []
    assert world.open_generators == 0


def test_jobs_at_the_same_time_do_not_mix(job: Job, settings: Settings, world: FakeWorld) -> None:
    jobs = [job.model_copy(update={"seed": n, "options": job.options.model_copy(update={"level": 60 * n})})
            for n in (1, 2, 3)]  # fmt: skip
    alone = [pixels(j, settings) for j in jobs]
    world.meeting = threading.Barrier(len(jobs))
    together: dict[int, np.ndarray] = {}
    threads = [
        threading.Thread(target=lambda n=n, j=j: together.update({n: pixels(j, settings)}))
        for n, j in enumerate(jobs)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert world.loads == 1
    for n, expected in enumerate(alone):
        np.testing.assert_array_equal(together[n], expected)
    videos = files_in(settings.outputs)
    assert len(videos) == len(set(videos)) == 6
    assert len(History(settings.history).list()) == 6


def pixels(job: Job, settings: Settings) -> np.ndarray:
    """The first pixel of every picture, which carries the seed and the level."""
    found = [e.frames[:, 0, :2].copy() for e in run(job, settings) if isinstance(e, Chunk)]
    return np.concatenate(found)


def test_bad_inputs_are_reported_before_anything_is_written(
    job: Job, settings: Settings, tmp_path: Path
) -> None:
    text = tmp_path / "text.txt"
    text.write_text("This is a text.")
    with pytest.raises(PortraitError):
        finish(job.model_copy(update={"portrait": text}), settings)
    with pytest.raises(VoiceError):
        finish(job.model_copy(update={"voice": text}), settings)
    with pytest.raises(PortraitError):  # both are bad: always the same one is told
        finish(job.model_copy(update={"voice": text, "portrait": text}), settings)
    assert files_in(settings.outputs) == []
    assert finish(job, settings).frames == FRAMES


def test_the_output_is_checked_before_the_inputs(job: Job, settings: Settings, tmp_path: Path) -> None:
    wish = job.model_copy(update={"output": tmp_path / "none" / "out.mp4", "portrait": tmp_path / "nothing"})
    with pytest.raises(OutputError, match="no folder"):
        finish(wish, settings)


def test_a_broken_history_does_not_cost_the_video(job: Job, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "folder.sqlite").mkdir()
    result = finish(job, settings.model_copy(update={"history": tmp_path / "folder.sqlite"}))
    assert result.path.exists()
    assert "could not be remembered" in result.notes[-1]


@pytest.mark.parametrize("again", [False, True])
def test_ctrl_c_after_the_last_picture_leaves_no_video(
    job: Job, settings: Settings, world: FakeWorld, monkeypatch: pytest.MonkeyPatch, again: bool
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    world.keeps = True
    if again:  # the motion is one that the user has given, and lies where the video's own would lie
        result = finish(job, settings)
        assert result.motion is not None
        job = job.model_copy(update={"motion": result.motion, "output": result.path})
    kept = [path for path in files_in(settings.outputs) if not path.endswith(".mp4")]
    monkeypatch.setattr("studio.gallery.history.with_history", interrupted)
    with pytest.raises(KeyboardInterrupt):
        finish(job, settings)
    assert files_in(settings.outputs) == kept


@pytest.mark.parametrize("moment", ["before signing", "after signing", "after the name"])
def test_a_video_cancelled_in_its_last_step_is_not_kept(
    job: Job, settings: Settings, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    context, stop = stoppable()
    signed: list[Path] = []
    taking_over, facts = Signer.__call__, Result.of

    def sign(signer: Signer, path: Path) -> None:
        taking_over(signer, path)
        signed.append(path)
        if moment == "after signing":
            stop.set()

    def told(*given: Any, **more: Any) -> Result:
        stop.set()
        return facts(*given, **more)

    monkeypatch.setattr(Signer, "__call__", sign)
    if moment == "after the name":
        monkeypatch.setattr(Result, "of", told)

    def work() -> None:
        for event in run(job, settings):
            if moment == "before signing" and event == Progress("finishing", 1.0, 0.0):
                stop.set()

    with pytest.raises(Cancelled):
        context.run(work)
    assert bool(signed) == (moment != "before signing")
    assert files_in(settings.outputs) == []
    assert History(settings.history).list() == []
    assert finish(job, settings).path.is_file()  # another job is not stopped


def test_videos_are_remembered(job: Job, settings: Settings) -> None:
    result = finish(job, settings)
    remembered = History(settings.history).get(result.job_id).result
    assert remembered.path == result.path.resolve()
    assert remembered.options == result.options
    assert remembered.speech_sha256 == result.speech_sha256


def test_random_weights_are_reported(job: Job, settings: Settings, world: FakeWorld) -> None:
    world.random_weights = True
    result = finish(job, settings)
    assert result.random_weights
    assert any("random weights" in note for note in result.notes)
    video = VideoReader(result.path)
    assert json.loads(video.metadata["comment"])["random_weights"] is True


@pytest.mark.parametrize(
    "name", ['it\'s "quoted".mp4', "視頻 中文.mp4", "-dash.mp4", " space .mp4", "%s;$(x).mp4"]
)
def test_any_file_name_works(job: Job, settings: Settings, tmp_path: Path, name: str) -> None:
    inputs = tmp_path / name.removesuffix(".mp4")
    inputs.mkdir()
    portrait, speech = inputs / '-a portrait\'s "face" 臉.png', inputs / "--voice 聲.wav"
    assert isinstance(job.portrait, Path)
    assert job.voice is not None
    portrait.write_bytes(job.portrait.read_bytes())
    speech.write_bytes(job.voice.read_bytes())
    update = {"portrait": portrait, "voice": speech, "output": tmp_path / name}
    assert finish(job.model_copy(update=update), settings).path == tmp_path / name
    assert (tmp_path / name).stat().st_size > 1000


def test_a_portrait_may_be_given_as_bytes(job: Job, settings: Settings) -> None:
    assert isinstance(job.portrait, Path)
    result = finish(job.model_copy(update={"portrait": job.portrait.read_bytes()}), settings)
    assert result.portrait == ""
    assert result.portrait_sha256 == finish(job, settings).portrait_sha256


@pytest.mark.parametrize("what", ["portrait", "voice"])
def test_missing_files_are_reported_before_networks_are_loaded(
    job: Job, settings: Settings, world: FakeWorld, tmp_path: Path, what: str
) -> None:
    with pytest.raises(InputError, match="check the path"):
        finish(job.model_copy(update={what: tmp_path / "none"}), settings)
    assert world.loads == 0


def test_the_engine_stays_loaded_between_jobs(job: Job, settings: Settings, world: FakeWorld) -> None:
    finish(job, settings)
    finish(job, settings)
    assert world.loads == 1
    assert registry.load("fake") is registry.load("fake")
