"""Sounds in any format and rate, made on the spot."""

from __future__ import annotations

import wave
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

CODECS = {
    "wav": "pcm_s16le",
    "mp3": "libmp3lame",
    "m4a": "aac",
    "aac": "aac",
    "flac": "flac",
    "ogg": "libopus",
    "webm": "libopus",
}


def tone(seconds: float, rate: int, channels: int = 1, pitch: float = 440.0) -> np.ndarray:
    """(n, channels) float32: a sine at a quarter of full scale that fades in and out."""
    time = np.arange(round(seconds * rate)) / rate
    edge = np.clip(np.minimum(time, seconds - time) / 0.02, 0, 1)
    mono = 0.25 * np.sin(2 * np.pi * pitch * time) * edge
    return np.repeat(mono[:, None], channels, axis=1).astype(np.float32)


def write_wav(path: Path, samples: np.ndarray, rate: int) -> Path:
    """16-bit PCM by the standard library, so that decoding is tested against something else."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(np.rint(samples * 32767).astype("<i2").tobytes())
    return path


def encode(path: Path, samples: np.ndarray, rate: int, layout: str, cover: bool = False) -> Path:
    """Write (n, channels) float32 samples in the format of the file's suffix."""
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(CODECS[path.suffix[1:]], rate=rate, layout=layout)
        picture: Any = None
        if cover:
            picture = container.add_stream("mjpeg", rate=1)
            picture.width = picture.height = 64
            picture.pix_fmt = "yuvj420p"
            picture.disposition = av.stream.Disposition.attached_pic
        # Interleaved: PyAV 18.1 miscounts the planes of eight channels and more.
        packed = np.ascontiguousarray(samples, np.float32).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(packed, format="flt", layout=layout)
        frame.sample_rate = rate
        frame.time_base = Fraction(1, rate)
        frame.pts = 0
        if picture is not None:
            still = av.VideoFrame.from_ndarray(np.full((64, 64, 3), 90, np.uint8), format="rgb24")
            container.mux(picture.encode(still))
            container.mux(picture.encode(None))
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.fixture(scope="session")
def click_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of noise bursts at 44100 Hz, in stereo: sharp enough to measure a lag in samples."""
    rng = np.random.default_rng(7)
    samples = np.zeros((88200, 2), np.float32)
    for start in (4410, 30000, 70000):
        samples[start : start + 2205] = 0.4 * rng.standard_normal((2205, 1)).astype(np.float32)
    return write_wav(tmp_path_factory.mktemp("clicks") / "clicks.wav", np.clip(samples, -1, 1), 44100)
