from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from evaluation.builtin.measurer import BuiltinMetrics
from evaluation.video_file import SOUND_RATE, VideoFile
from media.errors import SilentVideoError, VideoError
from tests.evaluation.conftest import write_uneven, write_video

SIZE = (64, 48)


def grey_frames(levels: list[int]) -> np.ndarray:
    """(n, 48, 64, 3) uint8, one brightness each."""
    return np.stack([np.full((SIZE[1], SIZE[0], 3), level, np.uint8) for level in levels])


def levels_of(video: VideoFile, fps: float | None = None) -> list[int]:
    return [round(float(frame.mean()) / 10) * 10 for frame in video.frames(fps)]


def tone(seconds: float, rate: int = 16_000) -> tuple[int, np.ndarray]:
    time = np.arange(round(seconds * rate)) / rate
    return rate, (0.3 * np.sin(2 * np.pi * 220 * time)).astype(np.float32)


def test_the_facts_are_those_of_the_file(tmp_path: Path) -> None:
    video = VideoFile(write_video(tmp_path / "a.mp4", grey_frames([40, 80, 120] * 10), tone(1.2)))
    assert (video.fps, video.frame_count, video.size) == (25.0, 30, SIZE)
    assert video.duration == pytest.approx(1.2)
    assert not video.variable_rate
    assert levels_of(video) == [40, 80, 120] * 10
    assert len(video.sound()) == pytest.approx(1.2 * SOUND_RATE, abs=0.1 * SOUND_RATE)
    assert video.sound().dtype == np.float32


def test_the_sound_begins_with_the_pictures(tmp_path: Path) -> None:
    rate, samples = tone(2.0, 44_100)
    samples[:rate] = 0
    video = VideoFile(write_video(tmp_path / "a.mp4", grey_frames([80] * 50), (rate, samples)))
    begins = np.flatnonzero(np.abs(video.sound()) > 0.05)[0] / SOUND_RATE
    assert begins == pytest.approx(1.0, abs=0.002)


def test_sound_from_elsewhere_takes_the_place_of_the_track(tmp_path: Path) -> None:
    silent = write_video(tmp_path / "silent.mp4", grey_frames([80] * 25), None)
    loud = write_video(tmp_path / "loud.mp4", grey_frames([80] * 25), tone(1.0))
    with pytest.raises(SilentVideoError, match="no sound"):
        VideoFile(silent).sound()
    assert np.abs(VideoFile(silent, audio=loud).sound()).max() > 0.2


def test_a_silent_track_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "quiet.mp4"
    with av.open(str(path), "w") as container:
        pictures, sound = container.add_stream("libx264", rate=25), container.add_stream("aac", rate=16_000)
        pictures.width, pictures.height = SIZE
        for frame in grey_frames([90] * 10):
            container.mux(pictures.encode(av.VideoFrame.from_ndarray(frame, "rgb24")))
        container.mux(pictures.encode(None))
        nothing = av.AudioFrame.from_ndarray(np.zeros((1, 6400), np.float32), "fltp", "mono")
        nothing.sample_rate = 16_000
        container.mux(sound.encode(nothing))
        container.mux(sound.encode(None))
    with pytest.raises(SilentVideoError, match="silent"):
        VideoFile(path).sound()


def test_a_variable_rate_is_shown_as_long_as_the_file_says(tmp_path: Path) -> None:
    times = [0.0, 0.04, 0.08, 0.28, 0.32, 0.36]
    video = VideoFile(write_uneven(tmp_path / "a.mp4", grey_frames([40, 80, 120, 160, 200, 240]), times))
    assert video.variable_rate
    assert video.frame_count == 6
    assert video.fps == pytest.approx(5 / 0.36)
    shown = levels_of(video, 25)
    assert shown[:8] == [40, 80, 120, 120, 120, 120, 120, 160]
    assert len(list(video.frames())) == pytest.approx(6, abs=1)


def test_another_rate_repeats_or_leaves_out(tmp_path: Path) -> None:
    video = VideoFile(write_video(tmp_path / "a.mp4", grey_frames([40, 80, 120, 160]), None))
    assert levels_of(video, 50) == [40, 40, 80, 80, 120, 120, 160, 160]
    assert len(levels_of(video, 12.5)) == video.count_at(12.5) == 2


@pytest.mark.parametrize("content", [b"", b"text", bytes(5000)])
def test_a_file_that_is_not_a_video_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    with pytest.raises(VideoError, match=r"a\.mp4") as error:
        VideoFile(path)
    assert str(tmp_path) not in str(error.value)


def test_a_sound_file_has_no_pictures(tmp_path: Path) -> None:
    from tests.conftest import write_voice

    with pytest.raises(VideoError, match="no frames"):
        VideoFile(write_voice(tmp_path / "a.wav"))


@pytest.mark.parametrize("isolated", [False, True])
def test_a_video_that_breaks_off_says_where(tmp_path: Path, isolated: bool) -> None:
    path = write_video(
        tmp_path / "a.mp4", np.random.default_rng(0).integers(0, 255, (50, 48, 64, 3), np.uint8), None
    )
    content = bytearray(path.read_bytes())
    at = content.index(b"mdat") + 4
    content[at + 30_000 : at + 80_000] = bytes(50_000)
    path.write_bytes(content)
    video = VideoFile(path, isolated=isolated)
    with pytest.raises(VideoError, match=r"damaged after frame [1-9]\d? of 50"):
        list(video.frames())
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(VideoError, match="is truncated"):
        VideoFile(path)


def test_one_picture_is_scored_with_reasons(tmp_path: Path, material: tuple[np.ndarray, object]) -> None:
    scores = BuiltinMetrics().measure(VideoFile(write_video(tmp_path / "one.mp4", material[0][:1], None)))
    assert scores["seam"].value is not None
    for name, score in scores.items():
        assert score.value is not None or score.note, name
    assert scores["flicker"].note == "There are fewer than 3 frames."


def test_a_video_without_a_face_says_how_many_pictures_lack_one(tmp_path: Path) -> None:
    ramp = np.linspace(30, 220, 128).astype(np.uint8)  # noise would do, but a detector may see a face in it
    sky = np.broadcast_to(ramp[None, None, :, None], (30, 96, 128, 3))
    scores = BuiltinMetrics().measure(VideoFile(write_video(tmp_path / "sky.mp4", sky, tone(1.2))))
    assert scores["mouth_sound"].value is None
    assert scores["mouth_sound"].note == "No face is visible in 30 of 30 frames."
    assert scores["flicker"].value is not None


def write_avi(path: Path, places: list[int]) -> Path:
    """An AVI file with a picture in some of its places, 25 per second; the others are empty."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=25)
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        for place, frame in zip(places, grey_frames([40 + 20 * (n % 9) for n in places]), strict=True):
            picture = av.VideoFrame.from_ndarray(frame, "rgb24")
            picture.pts, picture.time_base = place, Fraction(1, 25)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


def test_an_empty_place_of_an_avi_file_repeats_the_picture_before_it(tmp_path: Path) -> None:
    video = VideoFile(write_avi(tmp_path / "a.avi", [0, 1, 2, 6, 7, 8]))
    assert not video.variable_rate
    assert (video.fps, video.frame_count) == (25.0, 9)
    assert levels_of(video) == [40, 60, 80, 80, 80, 80, 160, 180, 200]


def test_an_avi_file_that_breaks_off_is_refused(tmp_path: Path) -> None:
    path = write_avi(tmp_path / "a.avi", [n for n in range(60) if n % 5])
    content = path.read_bytes()
    path.write_bytes(content[: content.index(b"movi") + (len(content) - content.index(b"movi")) // 2])
    with pytest.raises(VideoError, match="is truncated: it contains"):
        VideoFile(path)
