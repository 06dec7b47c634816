"""Voices, portraits and videos, and the reader of each; decoders may end the process that they run in."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.strange_documents import DocumentKind
from media.decoding.decoding import CAN_ISOLATE, DIRECT, Decoding


def kinds() -> Iterator[DocumentKind]:
    """Sounds and pictures through the children that decode a stranger's files, videos in this process."""
    yield DocumentKind("voice", _voices, _voice)
    yield DocumentKind("portrait", lambda folder: _pictures(), _portrait)
    yield DocumentKind("video", _videos, _video)


@cache
def _decoding() -> Decoding:
    if not CAN_ISOLATE:
        return DIRECT
    from media.decoding.isolated import IsolatedDecoding

    return IsolatedDecoding()


def _voices(folder: Path) -> list[bytes]:
    samples = (0.3 * np.sin(np.arange(8000) / 9)).astype(np.float32)
    forms = {"wav": "pcm_s16le", "ogg": "libopus", "m4a": "aac", "mp3": "libmp3lame"}
    return [_sound(folder / f"a.{ending}", codec, samples) for ending, codec in forms.items()]


def _sound(path: Path, codec: str, samples: np.ndarray) -> bytes:
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=48_000, layout="mono")
        for at in range(0, 24_000, 960):
            piece = np.ascontiguousarray(np.resize(samples, 24_000)[None, at : at + 960])
            frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="mono")
            frame.sample_rate, frame.pts = 48_000, at
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    return path.read_bytes()


def _pictures() -> list[bytes]:
    from pillow_heif import register_heif_opener

    register_heif_opener()
    rng = np.random.default_rng(0)
    image = Image.fromarray(rng.integers(0, 255, (96, 96, 3), dtype=np.uint8))
    found = []
    for form in ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "HEIF"):
        stream = io.BytesIO()
        image.save(stream, form)
        found.append(stream.getvalue())
    return found


def _videos(folder: Path) -> list[bytes]:
    from media.video_writer import VideoWriter
    from media.voice import open_voice

    path = folder / "a.mp4"
    sound = open_voice((16_000, (0.3 * np.sin(np.arange(16_000) / 9)).astype(np.float32)))
    frames = np.random.default_rng(0).integers(0, 255, (25, 64, 64, 3), dtype=np.uint8)
    with VideoWriter(path, (64, 64), 25, sound=sound) as writer:
        writer.write(frames)
    return [path.read_bytes()]


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def _voice(folder: Path, content: bytes) -> Any:
    from media.voice import open_voice

    return open_voice(_written(folder / "a", content), max_seconds=60, decoding=_decoding()).duration


def _portrait(folder: Path, content: bytes) -> Any:
    return _decoding().open_picture(_written(folder / "a", content), 512)


def _video(folder: Path, content: bytes) -> Any:
    from evaluation.video_file import VideoFile
    from media.errors import JoyStudioError
    from studio.provenance.inspection import inspect_video

    path = _written(folder / "a.mp4", content)
    with contextlib.suppress(JoyStudioError):  # the same file is refused below, with what is counted
        inspect_video(path)
    video = VideoFile(path)
    pictures = sum(1 for _ in zip(video.frames(), range(50), strict=False))
    return pictures, len(video.sound())
