from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest

from media.errors import InputError, OutputError, VoiceError
from media.video import VideoReader, VideoWriter
from media.voice import open_voice
from tests.media.conftest import encode, tone, write_wav

ROOT = Path(__file__).resolve().parents[2]


def pictures(count: int, width: int = 96, height: int = 64) -> np.ndarray:
    """(count, H, W, 3) uint8: a light bar that moves one step per picture over a grey ground."""
    frames = np.full((count, height, width, 3), 90, np.uint8)
    for i in range(count):
        frames[i, :, (i * 4) % width : (i * 4) % width + 8] = (220, 180, 150)
    return frames


def test_pictures_come_back_in_order_and_number(tmp_path: Path) -> None:
    frames = pictures(40)
    with VideoWriter(tmp_path / "a.mp4", (96, 64), 25, quality=10) as video:
        for batch in (frames[:1], frames[1:17], frames[17:]):
            video.write(batch)
    reader = VideoReader(tmp_path / "a.mp4")
    assert (float(reader.fps), reader.size, reader.frames) == (25.0, (96, 64), 40)
    assert reader.duration == pytest.approx(1.6)
    back = list(reader)
    assert len(back) == 40
    for original, read in zip(frames, back, strict=True):
        assert read.shape == (64, 96, 3)
        assert read.dtype == np.uint8
        assert np.abs(original.astype(int) - read).mean() < 4
    assert len(list(reader)) == 40  # a second reading starts again


def test_the_caller_may_use_the_array_again(tmp_path: Path) -> None:
    batch = np.zeros((1, 64, 64, 3), np.uint8)
    with VideoWriter(tmp_path / "a.mp4", (64, 64), 25, quality=5) as video:
        for level in range(0, 250, 10):
            batch[:] = level
            video.write(batch)
    means = [frame.mean() for frame in VideoReader(tmp_path / "a.mp4")]
    np.testing.assert_allclose(means, np.arange(0, 250, 10), atol=3)


def test_the_index_comes_first(tmp_path: Path) -> None:
    with VideoWriter(tmp_path / "a.mp4", (96, 64), 25) as video:
        video.write(pictures(30))
    data = (tmp_path / "a.mp4").read_bytes()
    assert 0 < data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize(
    "tags", [{"comment": "seed 3"}, {"comment": "Grüße 你好", "joystudio_job": '{"seed": 3}'}]
)
def test_metadata_comes_back(tmp_path: Path, tags: dict[str, str]) -> None:
    with VideoWriter(tmp_path / "a.mp4", (64, 64), 25, metadata=tags) as video:
        video.write(pictures(3, 64, 64))
    assert tags.items() <= VideoReader(tmp_path / "a.mp4").metadata.items()


class TestSound:
    @pytest.mark.parametrize("fps", [24, 25, 30])
    def test_no_lag_and_the_same_length(self, tmp_path: Path, click_file: Path, fps: int) -> None:
        speech = open_voice(click_file)
        with VideoWriter(tmp_path / "a.mp4", (64, 64), fps, sound=speech) as video:
            video.write(pictures(speech.frames(fps), 64, 64))
        reader = VideoReader(tmp_path / "a.mp4")
        rate, sound = reader.read_sound()
        assert rate == 44100
        assert abs(len(sound) / rate - reader.duration) <= 1 / fps
        assert abs(lag(original(speech), sound)) < 0.002 * rate

    @pytest.mark.parametrize(("rate", "muxed"), [(8000, 8000), (37800, 44100), (192_000, 96_000)])
    def test_rates(self, tmp_path: Path, rate: int, muxed: int) -> None:
        rng = np.random.default_rng(2)
        clicks = np.zeros(rate, np.float32)
        clicks[rate // 4 : rate // 3] = 0.3 * rng.standard_normal(rate // 3 - rate // 4)
        clicks = np.clip(clicks, -1, 1)
        speech = open_voice((rate, clicks))
        with VideoWriter(tmp_path / "a.mp4", (64, 64), 25, sound=speech) as video:
            video.write(pictures(25, 64, 64))
        got, sound = VideoReader(tmp_path / "a.mp4").read_sound()
        assert got == muxed
        assert len(sound) / got == pytest.approx(1.0, abs=0.04)
        np.testing.assert_allclose(edges(sound, got), (0.25, 1 / 3), atol=0.004)

    @pytest.mark.parametrize(("channels", "muxed"), [(1, 1), (2, 2), (6, 6), (7, 6), (9, 2), (12, 2)])
    def test_channels(self, tmp_path: Path, channels: int, muxed: int) -> None:
        speech = open_voice((48000, tone(0.6, 48000, channels)))
        with VideoWriter(tmp_path / "a.mp4", (64, 64), 25, sound=speech) as video:
            video.write(pictures(15, 64, 64))
        with av.open(str(tmp_path / "a.mp4")) as container:
            assert len(container.streams.audio[0].layout.channels) == muxed

    @pytest.mark.parametrize("suffix", ["mp3", "m4a", "webm"])
    def test_from_compressed_files(self, tmp_path: Path, suffix: str) -> None:
        speech = open_voice(encode(tmp_path / f"v.{suffix}", tone(1.0, 48000, 2), 48000, "stereo"))
        with VideoWriter(tmp_path / "a.mp4", (64, 64), 25, sound=speech) as video:
            video.write(pictures(speech.frames(25), 64, 64))
        rate, sound = VideoReader(tmp_path / "a.mp4").read_sound()
        assert len(sound) / rate == pytest.approx(speech.duration, abs=0.04)
        assert abs(lag(original(speech), sound)) < 0.002 * rate

    def test_pictures_that_end_early_end_the_sound(self, tmp_path: Path, click_file: Path) -> None:
        with VideoWriter(tmp_path / "a.mp4", (64, 64), 25, sound=open_voice(click_file)) as video:
            video.write(pictures(20, 64, 64))
        rate, sound = VideoReader(tmp_path / "a.mp4").read_sound()
        assert len(sound) / rate == pytest.approx(0.8, abs=0.04)

    def test_a_voice_that_vanished(self, tmp_path: Path) -> None:
        speech = open_voice(write_wav(tmp_path / "v.wav", tone(0.5, 16000), 16000))
        (tmp_path / "v.wav").unlink()
        with pytest.raises(VoiceError, match="no voice at"):
            VideoWriter(tmp_path / "a.mp4", (64, 64), 25, sound=speech)
        assert list(tmp_path.iterdir()) == []

    def test_a_silent_video_has_no_sound_to_read(self, tmp_path: Path) -> None:
        with VideoWriter(tmp_path / "a.mp4", (64, 64), 25) as video:
            video.write(pictures(3, 64, 64))
        with pytest.raises(VoiceError, match="no sound"):
            VideoReader(tmp_path / "a.mp4").read_sound()


class TestNoHalfVideos:
    def test_an_exception_leaves_nothing(self, tmp_path: Path) -> None:
        def render() -> None:
            with VideoWriter(tmp_path / "a.mp4", (64, 64), 25) as video:
                video.write(pictures(5, 64, 64))
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            render()
        assert list(tmp_path.iterdir()) == []

    def test_abort_keeps_the_old_video(self, tmp_path: Path) -> None:
        (tmp_path / "a.mp4").write_bytes(b"old")
        video = VideoWriter(tmp_path / "a.mp4", (64, 64), 25)
        video.write(pictures(5, 64, 64))
        assert len(list(tmp_path.iterdir())) == 2
        video.abort()
        video.abort()
        video.close()
        assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]
        with pytest.raises(ValueError, match="closed"):
            video.write(pictures(1, 64, 64))

    def test_no_pictures(self, tmp_path: Path) -> None:
        with pytest.raises(OutputError, match="No frame"), VideoWriter(tmp_path / "a.mp4", (64, 64), 25):
            pass
        assert list(tmp_path.iterdir()) == []

    def test_an_old_video_is_replaced_at_the_end(self, tmp_path: Path) -> None:
        (tmp_path / "a.mp4").write_bytes(b"old")
        with VideoWriter(tmp_path / "a.mp4", (64, 64), 25) as video:
            video.write(pictures(5, 64, 64))
            assert (tmp_path / "a.mp4").read_bytes() == b"old"
        assert VideoReader(tmp_path / "a.mp4").frames == 5
        assert len(list(tmp_path.iterdir())) == 1

    def test_a_killed_process(self, tmp_path: Path) -> None:
        program = (
            "import sys, numpy as np\n"
            "from media.video import VideoWriter\n"
            "video = VideoWriter(sys.argv[1], (64, 64), 25)\n"
            "rng = np.random.default_rng(0)\n"
            "for i in range(10_000):\n"
            "    video.write(rng.integers(0, 255, (4, 64, 64, 3), dtype=np.uint8))\n"
            "    print(i, flush=True)\n"
        )
        with subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path / "a.mp4")], stdout=subprocess.PIPE, cwd=ROOT
        ) as child:
            assert child.stdout is not None
            for _ in range(20):
                child.stdout.readline()
            child.send_signal(signal.SIGKILL)
        assert child.returncode == -signal.SIGKILL
        assert not (tmp_path / "a.mp4").exists()

    @pytest.mark.parametrize("limit", [1, 60_000])
    def test_a_full_disk(self, tmp_path: Path, limit: int) -> None:
        """A limit on the file's size fails as a full disk does: at the first block, or in the middle."""
        program = (
            "import resource, sys, numpy as np\n"
            "from media.errors import OutputError\n"
            "from media.video import VideoWriter\n"
            f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
            "rng = np.random.default_rng(0)\n"
            "try:\n"
            "    with VideoWriter(sys.argv[1], (128, 128), 25) as video:\n"
            "        for _ in range(200):\n"
            "            video.write(rng.integers(0, 255, (1, 128, 128, 3), dtype=np.uint8))\n"
            "except OutputError as error:\n"
            "    print(error)\n"
        )
        run = subprocess.run(
            [sys.executable, "-c", program, str(tmp_path / "a.mp4")],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
        )
        assert "not enough disk space for the video" in run.stdout
        assert len(run.stdout.splitlines()) == 1
        assert run.stderr == ""
        assert list(tmp_path.iterdir()) == []

    def test_an_error_in_the_thread_reaches_the_writer(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from media import video_writer

        def broken(self: object, picture: np.ndarray) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(video_writer.VideoEncoder, "add", broken)
        video = VideoWriter(tmp_path / "a.mp4", (64, 64), 25)
        with pytest.raises(OutputError, match="No space left"):
            video.write(pictures(200, 64, 64))  # more than the queue holds: it must not hang
        with pytest.raises(OutputError, match="No space left"):
            video.close()
        assert list(tmp_path.iterdir()) == []


class TestRefusals:
    @pytest.mark.parametrize("size", [(65, 64), (64, 63), (0, 64), (-2, 64)])
    def test_odd_sizes(self, tmp_path: Path, size: tuple[int, int]) -> None:
        with pytest.raises(OutputError, match=f"{size[0]}x{size[1]}"):
            VideoWriter(tmp_path / "a.mp4", size, 25)
        assert list(tmp_path.iterdir()) == []

    def test_quality(self, tmp_path: Path) -> None:
        with pytest.raises(OutputError, match="52"):
            VideoWriter(tmp_path / "a.mp4", (64, 64), 25, quality=52)

    def test_missing_folder(self, tmp_path: Path) -> None:
        with pytest.raises(OutputError, match="no folder"):
            VideoWriter(tmp_path / "gone" / "a.mp4", (64, 64), 25)

    def test_a_folder_as_the_name(self, tmp_path: Path) -> None:
        with pytest.raises(OutputError, match="is a folder"):
            VideoWriter(tmp_path, (64, 64), 25)

    def test_a_name_that_is_too_long(self, tmp_path: Path) -> None:
        with pytest.raises(OutputError, match="304 bytes"):
            VideoWriter(tmp_path / ("x" * 300 + ".mp4"), (64, 64), 25)
        with pytest.raises(OutputError, match="zero byte"):
            VideoWriter(tmp_path / "a\0.mp4", (64, 64), 25)
        assert list(tmp_path.iterdir()) == []

    def test_no_permission(self, tmp_path: Path) -> None:
        locked = tmp_path / "locked"
        locked.mkdir(mode=0o555)
        program = (
            "import os, sys\n"
            "from media.errors import OutputError\n"
            "from media.video import VideoWriter\n"
            "if os.geteuid() == 0:\n"
            "    os.setresuid(65534, 65534, 65534)  # root may write everywhere\n"
            "try:\n"
            "    VideoWriter(sys.argv[1] + '/a.mp4', (64, 64), 25)\n"
            "except OutputError as error:\n"
            "    print(error)\n"
        )
        run = subprocess.run(
            [sys.executable, "-c", program, str(locked)],
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
        )
        assert "is not writable" in run.stdout
        assert list(locked.iterdir()) == []

    @pytest.mark.parametrize(
        "frames",
        [
            np.zeros((64, 64, 3), np.uint8),
            np.zeros((1, 64, 66, 3), np.uint8),
            np.zeros((1, 64, 64, 4), np.uint8),
            np.zeros((1, 64, 64, 3), np.float32),
        ],
    )
    def test_wrong_pictures(self, tmp_path: Path, frames: np.ndarray) -> None:
        with (
            pytest.raises(ValueError, match="frames must be"),
            VideoWriter(tmp_path / "a.mp4", (64, 64), 25) as video,
        ):
            video.write(frames)
        assert list(tmp_path.iterdir()) == []

    def test_reading_a_file_that_is_not_a_video(self, tmp_path: Path, click_file: Path) -> None:
        with pytest.raises(InputError, match="cannot be read"):
            VideoReader(tmp_path / "gone.mp4")
        with pytest.raises(InputError, match="no frames"):
            VideoReader(click_file)


@pytest.mark.parametrize(
    "name", ["-x.mp4", "a b'\"c.mp4", "视频.mp4", "concat:a.mp4", "http:x.mp4", "a%03d.mp4", "no suffix"]
)
def test_a_name_is_only_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    (tmp_path / "in").mkdir()
    monkeypatch.chdir(tmp_path / "in")
    with VideoWriter(f"../{name}", (64, 64), 25) as video:
        video.write(pictures(3, 64, 64))
    assert {path.name for path in tmp_path.iterdir()} == {name, "in"}
    assert len(list(VideoReader(tmp_path / name))) == 3


def original(speech: object) -> np.ndarray:
    """The mono samples of a speech's file at its own rate."""
    from media.sound_stream import open_sound

    _, blocks = open_sound(speech.original)  # type: ignore[attr-defined]
    return np.concatenate([block.mean(axis=1) for block in blocks])


def lag(first: np.ndarray, second: np.ndarray) -> int:
    """Samples by which the second is late, from their cross-correlation."""
    size = 1 << (len(first) + len(second)).bit_length()
    product = np.fft.irfft(np.conj(np.fft.rfft(first, size)) * np.fft.rfft(second, size))
    best = int(product.argmax())
    return best - size if best > size // 2 else best


def edges(sound: np.ndarray, rate: int) -> tuple[float, float]:
    """Seconds between which a sound is loud."""
    loud = np.flatnonzero(np.abs(sound) > 0.1)
    return loud[0] / rate, loud[-1] / rate
