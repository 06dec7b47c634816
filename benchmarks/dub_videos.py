"""Videos for the benchmarks of dubbing: talking portraits as sources, and their dubs."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import numpy as np

from media.video import VideoWriter
from studio.dubbing.events import DubFinished
from studio.dubbing.job import DubJob
from studio.dubbing.result import DubResult
from studio.dubbing.run import run_dub
from studio.events import Finished
from studio.job import Job
from studio.run import run
from studio.settings import Settings

RATE = 16_000


def settings_in(folder: Path, **values: Any) -> Settings:
    """Settings that keep everything in a folder; files are decoded in this process, and nothing is signed."""
    return Settings(outputs=folder, history=folder / "history.sqlite", decode="direct", sign=False, **values)


def talking(portrait: Path, voice: Path, video: Path, **options: Any) -> Path:
    """A portrait that says something, with eyes, breath and a moving head, as a source."""
    job = Job(portrait=portrait, voice=voice, output=video, options=options, seed=3)
    *_, last = run(job, settings_in(video.parent))
    assert isinstance(last, Finished)
    return last.result.path


def dub(video: Path, voice: Path, output: Path, **values: Any) -> DubResult:
    """Dub a video through the same pipeline as a user's job."""
    job = DubJob(video=video, voice=voice, output=output, **values)
    *_, last = run_dub(job, settings_in(output.parent, max_seconds=4 * 3600))
    assert isinstance(last, DubFinished)
    return last.result


def write_voice(path: Path, samples: np.ndarray) -> Path:
    """Write (n,) float samples at RATE as a WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.round(np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def silence(path: Path, seconds: float) -> Path:
    """A voice that says nothing: faint noise, because a file of zeros is refused as silent."""
    noise = np.random.default_rng(0).normal(0, 5e-4, round(seconds * RATE))
    return write_voice(path, noise)


def still(picture: np.ndarray, video: Path, frames: int, fps: int = 25, noise: float = 2.0) -> Path:
    """A picture that only the camera's noise moves. noise: standard deviation in levels."""
    rng = np.random.default_rng(0)
    with VideoWriter(
        video, (picture.shape[1], picture.shape[0]), fps, sound=None, quality=16, metadata={}
    ) as writer:
        for _ in range(frames):
            noisy = picture + rng.normal(0, noise, picture.shape)
            writer.write(np.clip(np.rint(noisy), 0, 255).astype(np.uint8)[None])
    return video
