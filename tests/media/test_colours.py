"""A video, its view while it is made, and a live stream show the same colours, and say which they are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from media.live_segments import LiveSegments
from media.live_stream import LiveStream
from media.video import VideoWriter
from media.video_reader import VideoReader

COLOURS = np.array(
    [
        (255, 0, 0),
        (0, 255, 0),
        (0, 0, 255),
        (255, 255, 255),
        (0, 0, 0),
        (128, 128, 128),
        (230, 180, 160),
        (90, 60, 40),
    ]
)
SIZE = 256, 128


def video(path: Path, frames: np.ndarray) -> None:
    with VideoWriter(path, SIZE, 25) as writer:
        writer.write(frames)


def segments(path: Path, frames: np.ndarray) -> None:
    with LiveSegments(SIZE, 25) as live:
        path.write_bytes(b"".join(one.data for one in live.write(frames) + live.finish()))


def stream(path: Path, frames: np.ndarray) -> None:
    with LiveStream(str(path), SIZE, 25, 16000) as live:
        for frame in frames:
            live.add(frame, np.zeros(640, np.int16))


@pytest.mark.parametrize(
    ("write", "name", "apart"), [(video, "a.mp4", 2), (segments, "a.ts", 3), (stream, "a.mkv", 2)]
)
def test_flat_colours_are_kept(
    write: Callable[[Path, np.ndarray], None], name: str, apart: int, tmp_path: Path
) -> None:
    picture = np.repeat(np.repeat(COLOURS.reshape(2, 4, 3), 64, axis=0), 64, axis=1).astype(np.uint8)
    write(tmp_path / name, np.repeat(picture[None], 12, axis=0))
    read = list(VideoReader(tmp_path / name))[6].astype(int)
    patches = read.reshape(2, 64, 4, 64, 3)[:, 16:48, :, 16:48].mean(axis=(1, 3)).reshape(-1, 3)
    np.testing.assert_allclose(patches, COLOURS, atol=apart)
    with av.open(str(tmp_path / name)) as container:
        codec = container.streams.video[0].codec_context
        tags = (codec.pix_fmt, codec.colorspace, codec.color_range, codec.color_primaries, codec.color_trc)
        assert tags == ("yuv420p", 1, 1, 1, 1)
