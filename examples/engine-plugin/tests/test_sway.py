"""The engine on a portrait and a voice of JoyStudio's examples, as a job runs it."""

from __future__ import annotations

from pathlib import Path

import joystudio_sway
import numpy as np
import pytest
from joystudio_sway import SPEC, SwayOptions, loudness_of

import engines
from engines import registry
from media.video import VideoReader, VideoWriter
from studio.dubbing.events import DubFinished
from studio.dubbing.job import DubJob
from studio.dubbing.run import run_dub
from studio.events import Finished
from studio.job import Job
from studio.presets import list_presets
from studio.run import run
from studio.settings import Settings

EXAMPLES = Path(engines.__file__).parents[1] / "examples"


def test_the_package_offers_the_engine() -> None:
    """Needs `pip install`; the entry point is part of what is installed."""
    assert registry.spec_of("sway") is SPEC
    assert registry.package_of("sway") == "joystudio-sway"


def test_a_job_makes_a_video(tmp_path: Path) -> None:
    job = Job(
        engine="sway",
        portrait=EXAMPLES / "portraits" / "astronaut.png",
        voice=EXAMPLES / "voices" / "english-woman.wav",
        options={"amount": 2.0, "fps": 12},
    )
    *_, last = run(job, Settings(outputs=tmp_path, history=tmp_path / "history.sqlite"))
    assert isinstance(last, Finished)
    assert last.result.path.stat().st_size > 0


def test_a_job_dubs_a_video(tmp_path: Path) -> None:
    video = tmp_path / "talk.mp4"
    with VideoWriter(video, (256, 256), 25, sound=None, quality=16, metadata={}) as writer:
        for _, picture in zip(range(8), VideoReader(EXAMPLES / "clips" / "example.mp4"), strict=False):
            writer.write(np.ascontiguousarray(picture[:, :256])[None])
    voice = EXAMPLES / "voices" / "english-woman.wav"
    job = DubJob(engine="sway", video=video, voice=voice, options={"amount": 2.0}, sync_mode="cut_off")
    settings = Settings(outputs=tmp_path, history=tmp_path / "history.sqlite", keys=tmp_path / "keys")
    *_, last = run_dub(job, settings)
    assert isinstance(last, DubFinished)
    assert (last.result.report.frames, last.result.report.dubbed) == (8, 8)
    assert last.result.options == {"amount": 2.0}
    before, after = ([frame.astype(int) for frame in VideoReader(path)] for path in (video, last.result.path))
    changes = np.abs(np.subtract(before, after)).max(axis=(0, 3))
    assert changes[130:].max() > 40
    assert changes[:100].max() < 25  # only encoded again


def test_the_presets_come_with_the_package() -> None:
    assert [preset.name for preset in list_presets("sway")] == ["natural", "storm"]
    assert list_presets("sway")[0].options == SwayOptions()


def test_silence_is_not_loud() -> None:
    voice = np.concatenate([np.zeros(8_000), np.full(8_000, 0.5)])
    assert loudness_of(voice, 10)[:5] == [0.0] * 5
    assert loudness_of(voice, 10)[-1] == pytest.approx(1.0, abs=0.5)


def test_the_module_is_light() -> None:
    assert not {"np", "cv2"} & set(vars(joystudio_sway))
