"""A video costs only itself: it is read as in this process, and a crash of its decoder becomes a message."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evaluation.clips import find_clips
from evaluation.run import Reported, evaluate
from media.decoding import isolated_video
from media.decoding.isolated import IsolatedDecoding
from media.decoding.isolated_video import IsolatedVideo
from media.decoding.limits import Limits
from media.errors import InputError, VideoError
from media.video_reader import VideoReader
from studio.provenance.inspection import inspect_video
from tests.media.clips import write_clip
from tests.media.decoding.processes import children, wait_until
from training.prepare.preparer import Rejected
from training.prepare.source_video import SourceVideo

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes by /proc")

CLUMSY = "tests.media.decoding.clumsy_work"
HASTY = Limits(memory_mb=300, seconds=0.4)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its sound begins before its pictures."""
    return write_clip(tmp_path_factory.mktemp("video") / "clip.mkv", picture_at=0.2)


def word(folder: Path, text: str) -> Path:
    path = folder / "video.mp4"
    path.write_text(text)
    return path


def test_a_video_is_read_as_in_the_own_process(clip: Path, decoding: IsolatedDecoding) -> None:
    own, child = VideoReader(clip), IsolatedVideo(clip, decoding)
    facts = vars(own)
    assert {name: vars(child)[name] for name in facts} == facts
    assert child.times() == own.times()
    assert child.start() == own.start()
    assert child.quarter_turns() == own.quarter_turns()
    for (moment, frame), (expected, pixels) in zip(child.timed(), own.timed(), strict=True):
        assert moment == expected
        np.testing.assert_array_equal(frame, pixels)
    (sound, blocks), (expected_sound, expected_blocks) = child.sound(), own.sound()
    assert sound == expected_sound
    np.testing.assert_array_equal(np.concatenate(list(blocks)), np.concatenate(list(expected_blocks)))


def test_strangers_videos_have_the_documented_limits() -> None:
    limits = isolated_video.video_decoding().limits
    assert (limits.memory_mb, limits.seconds) == (4000, 30.0)


def test_what_cannot_be_read_is_reported_in_the_same_words(
    tmp_path: Path, decoding: IsolatedDecoding
) -> None:
    path = word(tmp_path, "this is no video")
    with pytest.raises(InputError) as own:
        VideoReader(path)
    with pytest.raises(InputError) as child:
        IsolatedVideo(path, decoding)
    assert str(child.value) == str(own.value)


def test_a_file_that_disappears_before_it_is_read_is_an_error(
    clip: Path, tmp_path: Path, decoding: IsolatedDecoding
) -> None:
    gone = tmp_path / "gone.mkv"
    gone.write_bytes(clip.read_bytes())
    video = IsolatedVideo(gone, decoding)
    gone.unlink()
    with pytest.raises(InputError, match="cannot be read"):
        list(video.timed())


@pytest.mark.parametrize(
    ("does", "says"),
    [
        ("crash", r'The video "video\.mp4" cannot be decoded: the decoder crashed \(signal 11\)'),
        ("exit", r"the decoder crashed \(exit code 3\)"),
        ("grow", "it needs more than 200 MB of memory"),
        ("no facts of a video", "the decoder's answer has 8 errors"),
        ("other", "the decoder gave an unexpected answer"),
    ],
)
def test_a_child_that_fails_is_an_error_of_the_file(
    tmp_path: Path, clumsy: IsolatedDecoding, does: str, says: str
) -> None:
    with pytest.raises(VideoError, match=says):
        IsolatedVideo(word(tmp_path, does), clumsy)


def test_a_child_that_hangs_is_stopped(tmp_path: Path) -> None:
    decoding = IsolatedDecoding(HASTY, CLUMSY)
    try:
        with pytest.raises(VideoError, match=r"it took longer than 0\.4 s"):
            IsolatedVideo(word(tmp_path, "hang"), decoding)
        wait_until(lambda: not children(decoding.helper_pid), "the child ends")
    finally:
        decoding.close()


@pytest.mark.parametrize(
    ("does", "given", "says"),
    [("crash frame", 1, r"crashed \(signal 11\)"), ("flat", 0, "48 bytes, which are not a frame")],
)
def test_frames_before_a_crash_are_given(
    clip: Path, tmp_path: Path, clumsy: IsolatedDecoding, does: str, given: int, says: str
) -> None:
    path = tmp_path / "video.mkv"
    path.write_bytes(clip.read_bytes())
    video = IsolatedVideo(path, clumsy)
    path.write_text(does)
    frames: list[object] = []
    with pytest.raises(VideoError, match=says):
        frames.extend(video.timed())
    assert len(frames) == given


def test_invalid_timestamps_are_refused(clip: Path, tmp_path: Path, clumsy: IsolatedDecoding) -> None:
    path = tmp_path / "video.mkv"
    path.write_bytes(clip.read_bytes())
    video = IsolatedVideo(path, clumsy)
    path.write_text("no moments")
    with pytest.raises(VideoError, match="13 bytes, which are not timestamps"):
        video.times()


def test_a_reader_that_stops_early_ends_its_child(clip: Path, decoding: IsolatedDecoding) -> None:
    frames = IsolatedVideo(clip, decoding).timed()
    next(frames)
    frames.close()  # type: ignore[attr-defined]
    wait_until(lambda: not children(decoding.helper_pid), "the child ends")


def test_evaluate_inspect_and_prepare_survive_a_crash(
    tmp_path: Path, clip: Path, clumsy: IsolatedDecoding, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(isolated_video, "video_decoding", lambda: clumsy)
    path = word(tmp_path, "crash")
    said = r"the decoder crashed \(signal 11\)"
    *_, last = evaluate(find_clips([path, clip]), ["builtin"], tmp_path / "report")
    assert isinstance(last, Reported)
    crashed, next_one = last.table.rows
    assert "the decoder crashed (signal 11)" in crashed.reason
    assert "crashed" not in next_one.reason
    assert next_one.facts["frames"] == 50
    with pytest.raises(VideoError, match=said):
        inspect_video(path)
    with pytest.raises(Rejected, match=said):
        SourceVideo(path)
