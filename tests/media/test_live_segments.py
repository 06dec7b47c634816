"""Segments of a video, and the result of playing them in sequence."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from media.errors import VoiceError
from media.live_segments import LiveSegments
from media.segment import Segment
from tests.media.conftest import tone

FPS = 20
PACKET = 188


def pictures(count: int, width: int = 96, height: int = 64) -> np.ndarray:
    frames = np.full((count, height, width, 3), 90, np.uint8)
    for i in range(count):
        frames[i, :, (i * 4) % width : (i * 4) % width + 8] = 220
    return frames


def cut(frames: np.ndarray, sound: Any = None, batch: int = 7, **more: Any) -> list[Segment]:
    segments: list[Segment] = []
    with LiveSegments((frames.shape[2], frames.shape[1]), FPS, sound, **more) as live:
        for start in range(0, len(frames), batch):
            segments += live.write(frames[start : start + batch])
        return segments + live.finish()


def packets(data: bytes, kind: str) -> list[Any]:
    with av.open(io.BytesIO(data), format="mpegts") as container:
        return [packet for packet in container.demux(**{kind: 0}) if packet.pts is not None]


@pytest.mark.parametrize("count", [1, 19, 20, 21, 40, 53])
def test_every_frame_is_in_a_segment_and_every_segment_stands_alone(count: int) -> None:
    segments = cut(pictures(count), (16_000, tone(count / FPS, 16_000)))
    assert [round(segment.duration * FPS) for segment in segments] == [
        min(FPS, count - start) for start in range(0, count, FPS)
    ]
    for segment in segments:
        video = packets(segment.data, "video")
        assert len(video) == round(segment.duration * FPS)
        assert [packet.is_keyframe for packet in video] == [True] + [False] * (len(video) - 1)
        assert packets(segment.data, "audio")


def test_pieces_have_one_clock_and_one_count() -> None:
    segments = cut(pictures(53), (44_100, tone(53 / FPS, 44_100)))
    whole = b"".join(segment.data for segment in segments)
    for kind, step in (("video", 1 / FPS), ("audio", 1024 / 44_100)):
        times = [float(packet.pts * packet.time_base) for packet in packets(whole, kind)]
        assert np.diff(times) == pytest.approx(np.full(len(times) - 1, step), abs=0.001)
    counters: dict[int, int] = {}
    for start in range(0, len(whole), PACKET):
        head = whole[start : start + 4]
        if head[3] & 0x10:  # it carries a payload, so it is counted
            channel = (head[1] & 0x1F) << 8 | head[2]
            assert head[3] & 0x0F == (counters.get(channel, head[3] - 1) + 1) % 16
            counters[channel] = head[3] & 0x0F


def test_the_sound_is_where_the_picture_is() -> None:
    sound = np.zeros((2 * 16_000, 1), np.float32)
    sound[16_000:16_400] = 0.5
    frames = np.zeros((2 * FPS, 64, 64, 3), np.uint8)
    frames[FPS:] = 255
    whole = b"".join(segment.data for segment in cut(frames, (16_000, sound)))
    with av.open(io.BytesIO(whole), format="mpegts") as container:
        light = next(f.time for f in container.decode(video=0) if f.to_ndarray()[:64].mean() > 128)
    with av.open(io.BytesIO(whole), format="mpegts") as container:
        click = next(f.time for f in container.decode(audio=0) if np.abs(f.to_ndarray()).max() > 0.1)
    assert abs(light - click) < 0.09  # a frame of sound is 64 ms long


def test_a_piece_leaves_as_soon_as_the_next_one_begins() -> None:
    with LiveSegments((96, 64), FPS) as live:
        assert live.write(pictures(FPS)) == []
        assert len(live.write(pictures(1))) == 1


def test_large_pictures_are_reduced() -> None:
    frames = np.zeros((3, 402, 1000, 3), np.uint8)
    with av.open(io.BytesIO(cut(frames)[0].data), format="mpegts") as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height) == (640, 258)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of segments while they are made."""
    place = tmp_path / "pieces"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    return place


def test_nothing_is_left_behind_when_the_work_is_stopped(folder: Path) -> None:
    with LiveSegments((96, 64), FPS) as live:
        live.write(pictures(30))
        assert len(list(folder.iterdir())) == 1
    assert list(folder.iterdir()) == []
    live.close()  # a second time does nothing


def test_nothing_is_left_behind_when_it_cannot_begin(folder: Path) -> None:
    with pytest.raises(VoiceError):
        LiveSegments((96, 64), FPS, Path("no such voice.wav"))
    assert list(folder.iterdir()) == []
