"""Videos for the benchmarks of dubbing: talking portraits as sources, and their dubs."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import av
import numpy as np

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
    for event in run_dub(job, settings_in(output.parent, max_seconds=4 * 3600)):
        last = event  # and no other: previews of an hour would fill the memory
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


def still(picture: np.ndarray, video: Path, frames: int, fps: int = 25, noise: float = 0.0) -> Path:
    """A picture that stands still. noise: of the camera, standard deviation in levels; it is kept."""
    rng = np.random.default_rng(0)
    with av.open(str(video), "w") as out:
        stream: Any = out.add_stream("libx264", rate=fps, options={"qp": "8", "preset": "superfast"})
        stream.height, stream.width = picture.shape[:2]
        stream.pix_fmt = "yuv420p"
        for _ in range(frames):
            noisy = picture + rng.normal(0, noise, picture.shape)
            pixels = np.clip(np.rint(noisy), 0, 255).astype(np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgb24")))
        out.mux(stream.encode(None))
    return video
