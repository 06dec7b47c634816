"""Two seconds of a job: the loudest of its voice, small, and nothing is left of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from engines import registry
from engines.cost import CostModel
from engines.saved_motion import SavedMotion
from media.errors import InputError, VoiceError
from media.video_reader import VideoReader
from media.voice import open_voice
from studio.job import Job
from studio.loop_voice import VoiceCut, write_voices
from studio.settings import Settings
from studio.short_loops import loop_time, make_loop
from tests.conftest import write_voice
from tests.fake_engine import FakeWorld, registered


@pytest.fixture
def job(world: FakeWorld, portrait_file: Path, tmp_path: Path) -> Job:
    return Job(engine="fake", portrait=portrait_file, voice=write_voice(tmp_path / "long.wav", seconds=6))


def loop(job: Job, settings: Settings, motion: Path | None = None) -> bytes:
    *steps, last = make_loop(job, settings, motion)
    assert set(steps) <= {b""}
    return last


def test_the_loudest_two_seconds_are_rendered_and_nothing_is_left(
    job: Job, settings: Settings, tmp_path: Path
) -> None:
    quiet, loud = write_voice(tmp_path / "q.wav", seconds=4), write_voice(tmp_path / "l.wav", seconds=2)
    parts = [0.02 * open_voice(quiet).samples, open_voice(loud).samples]
    both = tmp_path / "both.wav"
    soundfile.write(both, np.concatenate(parts), 16_000)
    video = tmp_path / "loop.mp4"
    video.write_bytes(loop(job.model_copy(update={"voice": both}), settings))
    heard = open_voice(video)
    assert heard.duration == pytest.approx(2.0, abs=0.1)
    assert heard.peak_dbfs > -12
    assert len(list(VideoReader(video))) == 50
    assert not settings.outputs.exists() or list(settings.outputs.rglob("*.mp4")) == []


def test_a_motion_that_is_too_short_is_not_used(job: Job, settings: Settings, tmp_path: Path) -> None:
    motion = tmp_path / "a.motion.safetensors"
    SavedMotion({"turn": np.zeros((20, 1), np.float32)}, {"engine": "fake"}).save(motion)
    assert loop(job, settings, motion)  # the fake engine would refuse a motion


def test_a_text_is_not_spoken_for_a_loop(job: Job, settings: Settings) -> None:
    spoken = Job(engine="fake", portrait=job.portrait, spoken={"text": "Hello."})
    with pytest.raises(InputError, match="Press Listen first"):
        loop(spoken, settings)


def test_a_voice_is_kept_by_its_comparison_only_and_while_it_is_there(job: Job, settings: Settings) -> None:
    assert job.voice is not None
    cut = VoiceCut()
    heard = cut.of(job, settings, from_start=True)
    assert heard.nbytes == 128_000
    assert cut.of(job, settings, from_start=True) is heard
    assert cut.of(job, settings, from_start=False).shape == heard.shape == (1, 32_000)
    assert VoiceCut().of(job, settings, from_start=True) is not heard
    job.voice.unlink()
    with pytest.raises(VoiceError):
        cut.of(job, settings, from_start=False)
    with pytest.raises(VoiceError):
        list(make_loop(job, settings))


def test_of_two_people_each_voice_has_its_loudest_seconds_even_if_they_never_speak_at_once(
    job: Job, settings: Settings, tmp_path: Path
) -> None:
    assert job.voice is not None
    early, late = np.zeros((2, 96_000), np.float32)
    early[:32_000] = late[-32_000:] = open_voice(job.voice).samples[:32_000]
    one, other, stereo = (tmp_path / f"{name}.wav" for name in ("one", "other", "stereo"))
    for path, samples in ((one, early), (other, late), (stereo, np.stack([early, late], axis=1))):
        soundfile.write(path, samples, 16_000)
    two = job.model_copy(update={"voice": one, "second_voice": other, "second_start": 7.0})
    channels = job.model_copy(update={"voice": stereo, "stereo_voices": True})
    for asked in (two, channels):
        cut = VoiceCut().of(asked, settings, from_start=False)
        assert cut.shape == (2, 32_000)
        assert np.square(cut).mean(axis=1) == pytest.approx(np.square(early[:32_000]).mean(), rel=0.1)
        written = write_voices(cut, tmp_path, asked)
        files = [written["voice"], *([written["second_voice"]] if "second_voice" in written else [])]
        heard = [soundfile.read(path, always_2d=True)[0] for path in files]
        np.testing.assert_allclose(np.concatenate(heard, axis=1).T, cut, atol=1e-3)
    assert loop_time(two, settings).seconds > loop_time(job, settings).seconds


def test_a_loop_on_a_gpu_is_soon_once_its_networks_are_loaded(job: Job, settings: Settings) -> None:
    gpu = settings.model_copy(update={"device": "cuda"})
    cost = CostModel(
        steps=50, stretch=4.0, step_gflop=1, frame_gflop=1, gpu_start=20, gpu_step=0.03, gpu_frame=0.03
    )
    spec = replace(registry.spec_of("fake"), name="costly", cost=cost)
    with registered(spec):
        costly = Job(engine="costly", portrait=job.portrait, voice=job.voice)
        assert loop_time(costly, gpu).seconds > 20
        registry.load("costly", "cuda")
        assert loop_time(costly, gpu).seconds == pytest.approx(3.0)
        assert loop_time(costly, gpu, Path("a.motion.safetensors")).seconds == pytest.approx(1.5)
