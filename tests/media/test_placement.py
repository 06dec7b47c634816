"""Sound lands where the file's own timestamps put it, in voices and in videos."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from evaluation.video_file import VideoFile
from media.sound_stream import open_sound
from media.voice import SAMPLE_RATE, open_voice
from tests.media.clips import FPS, RATE, tone_after_white, write_clip
from training.prepare.source_video import SourceVideo

FRAGMENTED = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}


def evaluated(path: Path) -> float:
    """Seconds from the white picture to the tone, as `evaluate` has it."""
    video = VideoFile(path)
    white = next(i for i, picture in enumerate(video.frames(FPS)) if picture.mean() > 128) / FPS
    return float(np.flatnonzero(np.abs(video.sound()) > 0.1)[0] / 16_000 - white)


def prepared(path: Path) -> float:
    """The same as `prepare` has it."""
    source = SourceVideo(path)
    white = next(i for i, picture in enumerate(source.frames()) if picture.mean() > 128) / 25
    sound = source.aligned(source.speech().samples)
    return float(np.flatnonzero(np.abs(sound) > 0.1)[0] / SAMPLE_RATE - white)


MP4: dict[str, Any] = {"container": "mp4", "codec": "aac", "video": "libx264"}
TS: dict[str, Any] = {"container": "mpegts", "codec": "mp2", "video": "mpeg2video"}
WEBM: dict[str, Any] = {"container": "webm", "codec": "libopus", "video": "libvpx"}
MKV: dict[str, Any] = {"container": "matroska", "codec": "aac"}
CLIPS: dict[str, dict[str, Any]] = {
    "mp4": MP4,
    "mp4 fragmented": MP4 | {"options": FRAGMENTED},
    "mp4 fragmented without B": MP4 | {"options": FRAGMENTED, "video_options": {"tune": "zerolatency"}},
    "mp4 with opus, as browsers record": MP4 | {"codec": "libopus", "options": FRAGMENTED},
    "mp4 with an empty edit": MP4 | {"sound_at": 0.36},
    "mp4 whose pictures are late": MP4 | {"picture_at": 0.4},
    "mp4 with a hole": MP4 | {"hole": (0.3, 0.8)},
    "mov": MP4 | {"container": "mov", "codec": "pcm_s16le", "sound_at": 0.2},
    "webm, as browsers record": WEBM | {"jitter": 0.001},
    "webm with holes": WEBM | {"hole": (0.2, 0.7)},
    "matroska late": MKV | {"sound_at": 0.52},
    "matroska early": MKV | {"picture_at": 0.48},
    "matroska with a hole": MKV | {"hole": (0.4, 0.9)},
    "matroska far from zero": MKV | {"sound_at": 3600.1, "picture_at": 3600.0, "signal_at": 3601.0},
    "mpegts": TS | {"codec": "aac", "video": "libx264"},
    "mpegts late": TS | {"sound_at": 0.44},
    "mpegts with a hole": TS | {"hole": (0.3, 0.6)},
    "flv": MP4 | {"container": "flv", "sound_at": 0.12},
    "avi": {"container": "avi", "codec": "pcm_s16le"},
}


@pytest.mark.parametrize("kind", CLIPS)
def test_tone_and_white_picture_are_together(tmp_path: Path, kind: str) -> None:
    path = write_clip(tmp_path / "clip", **CLIPS[kind])
    right = tone_after_white(path)
    assert right == pytest.approx(0, abs=0.012)  # encoders have their own say
    assert evaluated(path) == pytest.approx(right, abs=0.0015)
    assert prepared(path) == pytest.approx(right, abs=0.0015)


milliseconds = st.integers(0, 900).map(lambda number: number / 1000)


@settings(max_examples=25, deadline=None)
@example(late=0.002, early=0.0, gap=0.001, at=0.04)  # a packet among the first is lost
@example(late=0.0055, early=0.0, gap=0.03, at=0.02)
@given(late=milliseconds, early=st.sampled_from([0.0, 0.04, 0.2, 0.8]), gap=milliseconds, at=milliseconds)
def test_any_offset_and_any_hole(
    tmp_path_factory: pytest.TempPathFactory, late: float, early: float, gap: float, at: float
) -> None:
    """Sound in packets of 20 ms, so a hole of less than one is none."""
    path = write_clip(
        tmp_path_factory.mktemp("clip") / "clip.mkv",
        sound_at=late,
        picture_at=early,
        signal_at=2.0,
        hole=(late + at, min(1.9, late + at + gap)),
        seconds=2.4,
    )
    right = tone_after_white(path)
    assert evaluated(path) == pytest.approx(right, abs=0.0015)
    assert prepared(path) == pytest.approx(right, abs=0.0015)


class TestVoices:
    def test_a_hole_lasts_as_long_as_it_lasted(self, tmp_path: Path) -> None:
        path = write_clip(tmp_path / "v.webm", codec="libopus", video="libvpx", hole=(0.3, 0.9))
        speech = open_voice(path)
        assert speech.duration == pytest.approx(2.0, abs=0.03)
        assert np.flatnonzero(np.abs(speech.samples) > 0.1)[0] / SAMPLE_RATE == pytest.approx(1.0, abs=0.01)
        assert np.abs(speech.samples[int(0.35 * SAMPLE_RATE) : int(0.85 * SAMPLE_RATE)]).max() == 0

    def test_the_finished_video_keeps_the_hole(self, tmp_path: Path) -> None:
        from media.video import VideoReader, VideoWriter

        path = write_clip(tmp_path / "v.webm", codec="libopus", video="libvpx", hole=(0.3, 0.9))
        speech = open_voice(path)
        with VideoWriter(tmp_path / "out.mp4", (64, 64), 25, sound=speech) as writer:
            writer.write(np.zeros((speech.frames(25), 64, 64, 3), np.uint8))
        rate, sound = VideoReader(tmp_path / "out.mp4").read_sound()
        heard = np.flatnonzero(np.abs(speech.samples) > 0.1)[0] / SAMPLE_RATE
        assert np.flatnonzero(np.abs(sound) > 0.1)[0] / rate == pytest.approx(heard, abs=0.003)

    def test_timestamps_that_jitter_do_not_click(self, tmp_path: Path) -> None:
        steady = write_clip(tmp_path / "a.mkv", codec="pcm_s16le")
        shaken = write_clip(tmp_path / "b.mkv", codec="pcm_s16le", jitter=0.008)
        np.testing.assert_array_equal(open_voice(shaken).samples, open_voice(steady).samples)

    def test_a_jump_of_hours_is_left_out_with_a_note(self, tmp_path: Path) -> None:
        path = jumping(tmp_path / "v.mkv", 4 * 3600.0)
        speech = open_voice(path)
        assert speech.duration == pytest.approx(2.0, abs=0.05)
        assert any("jumps by 4.0 h at 1.0 s" in note for note in speech.notes)

    @pytest.mark.parametrize("clock", [0.0, 30.0, 20_000.0, 95_440.0])
    def test_joined_streams_continue(self, tmp_path: Path, clock: float) -> None:
        """The second begins at a moment of its own; a clock of 33 bits at 90 kHz starts anew at 95,443 s."""
        parts = [
            write_clip(
                tmp_path / f"{begin}.ts", codec="mp2", sound_at=begin, picture_at=begin, signal_at=begin + 1
            )
            for begin in (10.0, clock)
        ]
        path = tmp_path / "joined.ts"
        path.write_bytes(b"".join(part.read_bytes() for part in parts))
        speech = open_voice(path)
        assert speech.duration == pytest.approx(4.0, abs=0.1)
        tones = np.flatnonzero(np.diff(np.flatnonzero(np.abs(speech.samples) > 0.3)) > SAMPLE_RATE) + 1
        assert len(tones) == 1
        assert any("jumps by" in note for note in speech.notes)

    def test_an_overlap_is_cut(self, tmp_path: Path) -> None:
        """Twenty-five pieces of 20 ms that begin every 10 ms."""
        path = paced(tmp_path / "v.mkv", lambda piece: piece * 0.02 - max(0, min(25, piece - 50)) * 0.01)
        assert open_voice(path).duration == pytest.approx(1.75, abs=0.02)

    def test_memory_does_not_grow_with_a_hole(self, tmp_path: Path) -> None:
        sound, blocks = open_sound(jumping(tmp_path / "v.mkv", 590.0))
        lengths = [len(block) for block in blocks]
        assert sum(lengths) / sound.rate == pytest.approx(592, abs=0.1)
        assert max(lengths) <= sound.rate


def paced(path: Path, moment: Callable[[int], float]) -> Path:
    """Two seconds of sound in a hundred pieces that begin when `moment` says."""
    wave = (0.3 * np.sin(2 * np.pi * 300 * np.arange(2 * RATE) / RATE)).astype(np.float32)
    with av.open(str(path), "w", format="matroska") as out:
        stream: Any = out.add_stream("pcm_s16le", rate=RATE, layout="mono")
        for number in range(100):
            piece = np.ascontiguousarray(wave[None, 960 * number : 960 * (number + 1)])
            frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = RATE, 960 * number, Fraction(1, RATE)
            for packet in stream.encode(frame):
                packet.pts = packet.dts = round(moment(number) * RATE)
                out.mux(packet)
    return path


def jumping(path: Path, jump: float) -> Path:
    """The same with a clock that jumps after the first second."""
    return paced(path, lambda piece: piece * 0.02 + (jump if piece >= 50 else 0.0))
