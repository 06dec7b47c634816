"""Any video at 25 pictures per second, with the sound that begins with them."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.media.clips import write_clip
from tests.training.prepare.video_files import write_video
from training.dataset.index import FPS
from training.prepare.preparer import Rejected
from training.prepare.source_video import SourceVideo, steady

moments = st.lists(st.integers(0, 3000), min_size=1, max_size=60, unique=True).map(
    lambda times: [time / 1000 for time in sorted({0, *times})]
)


@given(moments, st.integers(1, 90))
def test_every_25th_of_a_second_shows_the_nearest_picture_of_its_time(times: list[float], count: int) -> None:
    chosen = list(steady(((time, time) for time in times), count))
    assert len(chosen) == count
    for number, time in enumerate(chosen):
        wanted = number / FPS
        shown = [one for one in times if one <= wanted + 0.5 / FPS]
        assert time in shown
        assert abs(time - wanted) == min(abs(one - wanted) for one in shown)


@pytest.mark.parametrize(("fps", "count"), [(25, 30), (24, 24), (30, 36), (50, 50), (12.5, 15)])
def test_any_rate_keeps_its_length(fps: float, count: int, tmp_path: Path) -> None:
    grey = [np.full((16, 16, 3), 40 + 3 * number, np.uint8) for number in range(count)]
    source = SourceVideo(
        write_video(tmp_path / "v.mp4", grey, [number / fps for number in range(count)], count / fps)
    )
    assert source.count == round(count / fps * FPS)
    shown = [round((frame.mean() - 40) / 3) for frame in source.frames()]
    assert len(shown) == source.count
    apart = [abs(number / fps - k / FPS) for k, number in enumerate(shown)]
    assert max(apart) <= max(0.5 / fps, 0.5 / FPS) + 1e-9


def test_a_gap_shows_what_was_seen_before_it(tmp_path: Path) -> None:
    pictures = [np.full((16, 16, 3), level, np.uint8) for level in (40, 80, 200)]
    source = SourceVideo(write_video(tmp_path / "v.mp4", pictures, [0, 0.04, 1.0], 1.0))
    levels = [round(frame.mean(), -1) for frame in source.frames()]
    assert levels[:25] == [40, *[80] * 24]
    assert set(levels[25:]) == {200}


def test_sound_that_begins_late_or_early_is_moved(tmp_path: Path) -> None:
    samples = np.arange(1, 6401, dtype=np.float32)
    for name, sound_at, picture_at, expected in (
        ("together.mkv", 0.0, 0.0, samples),
        ("late.mkv", 0.1, 0.0, np.concatenate([np.zeros(1600, np.float32), samples])),
        ("early.mkv", 0.0, 0.28, samples[4480:]),
    ):
        path = tmp_path / name
        write_clip(path, sound_at=sound_at, picture_at=picture_at)
        np.testing.assert_array_equal(SourceVideo(path).aligned(samples), expected)


def test_lengths_may_differ_by_three_frames(tmp_path: Path) -> None:
    pictures = [np.full((16, 16, 3), 90, np.uint8)] * 30
    source = SourceVideo(write_video(tmp_path / "v.mp4", pictures, [k / 25 for k in range(30)], None))
    assert [source.length(640 * frames) for frames in (27, 29, 30, 33)] == [27, 29, 30, 30]
    for frames in (26, 34):
        with pytest.raises(Rejected, match=f"30 frames of video and {frames} of sound") as refusal:
            source.length(640 * frames)
        assert refusal.value.code == "length_mismatch"


def test_files_that_are_not_videos_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    for content in (b"", b"no video at all" * 100):
        path.write_bytes(content)
        with pytest.raises(Rejected) as refusal:
            SourceVideo(path)
        assert refusal.value.code == "corrupt"
        assert str(tmp_path) not in refusal.value.reason


def test_a_video_that_breaks_off_is_refused(talking_videos: Path, tmp_path: Path) -> None:
    content = (talking_videos / "00.mp4").read_bytes()
    broken = bytearray(content)
    middle = len(broken) // 2
    broken[middle:] = bytes(len(broken) - middle)
    (tmp_path / "v.mp4").write_bytes(broken)
    with pytest.raises(Rejected) as refusal:
        list(SourceVideo(tmp_path / "v.mp4").frames())
    assert refusal.value.code == "corrupt"


def test_a_video_of_a_phone_stands_upright(tmp_path: Path) -> None:
    lying = np.zeros((16, 32, 3), np.uint8)
    lying[:, 24:] = 255  # the right side is to be the top
    flat = write_video(tmp_path / "flat.mp4", [lying] * 4, [k / 25 for k in range(4)], None)
    with av.open(str(flat)) as source, av.open(str(tmp_path / "turned.mp4"), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        stream.set_display_rotation(90)
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    turned = SourceVideo(tmp_path / "turned.mp4")
    assert turned.size == (16, 32)
    (first, *_) = turned.frames()
    assert first.shape == (32, 16, 3)
    assert first[:8].mean() > 250
    assert first[8:].mean() < 5
