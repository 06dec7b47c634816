"""A still background holds still in what a player shows, whatever moves before it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.decoded_steps import decoded_steps, video_bytes, write_rate_controlled
from media.live_segments import LiveSegments
from media.steady_encoding import KEY_FRAME_SECONDS, key_frame_distance
from media.video import VideoReader, VideoWriter

SIDE = 256
LARGEST_STEP = 0.15
"""Levels of luma: a tenth of what the eye sees as a jump of the picture's grain."""


def talk(count: int) -> tuple[np.ndarray, np.ndarray]:
    """(count, SIDE, SIDE, 3) uint8 with a blob that sways in the middle, and (SIDE, SIDE) bool of the pixels
    that never change. The ground is a photograph's: soft shapes under grain.
    """
    rng = np.random.default_rng(5)
    soft = cv2.resize(rng.uniform(40, 210, (6, 6, 3)).astype(np.float32), (SIDE, SIDE))
    ground = np.clip(soft + rng.normal(0, 6, (SIDE, SIDE, 3)), 0, 255).astype(np.uint8)
    blob = np.clip(rng.normal(150, 25, (64, 64, 3)), 0, 255).astype(np.uint8)
    frames = np.repeat(ground[None], count, axis=0)
    for number in range(count):
        x, y = 96 + round(8 * np.sin(number / 5)), 90 + round(5 * np.sin(number / 3))
        frames[number, y : y + 64, x : x + 64] = blob
    still = (frames == ground).all(axis=(0, 3))
    return frames, cv2.erode(still.astype(np.uint8), np.ones((17, 17), np.uint8)).astype(bool)


@pytest.mark.parametrize(("fps", "count"), [(25, 101), (25, 201), (25, 402), (10, 101)])
def test_no_frame_steps_and_the_file_is_no_larger(tmp_path: Path, fps: int, count: int) -> None:
    frames, still = talk(count)
    with VideoWriter(tmp_path / "a.mp4", (SIDE, SIDE), fps, frames=count) as video:
        video.write(frames)
    steps = decoded_steps(tmp_path / "a.mp4", still)
    assert steps.background <= LARGEST_STEP, f"frame {steps.frame}"
    plain = tmp_path / "plain.mp4"
    write_rate_controlled([frames], (SIDE, SIDE), fps, 20, plain)
    assert video_bytes(tmp_path / "a.mp4") <= 1.1 * video_bytes(plain)


def test_the_live_view_holds_still(tmp_path: Path) -> None:
    frames, still = talk(76)
    with LiveSegments((SIDE, SIDE), 25) as live:
        pieces = live.write(frames) + live.finish()
    (tmp_path / "a.ts").write_bytes(b"".join(piece.data for piece in pieces))
    assert len(pieces) == 4
    assert decoded_steps(tmp_path / "a.ts", still).background <= LARGEST_STEP


def test_the_last_frame_is_no_lone_key_frame(tmp_path: Path) -> None:
    frames, _ = talk(201)  # one more than a group of 8 s
    with VideoWriter(tmp_path / "a.mp4", (SIDE, SIDE), 25, frames=201) as video:
        video.write(frames)
    with av.open(str(tmp_path / "a.mp4")) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
    keys = [float(packet.pts * packet.time_base) for packet in packets if packet.is_keyframe]
    assert [round(at * 25) for at in keys] == [0, 101]


def test_seeking_shows_the_frame_that_was_asked_for(tmp_path: Path) -> None:
    count = 402
    levels = np.linspace(20, 230, count).astype(np.uint8)
    frames = np.broadcast_to(levels[:, None, None, None], (count, 64, 64, 3))
    with VideoWriter(tmp_path / "a.mp4", (64, 64), 25, frames=count) as video:
        video.write(frames)
    for wanted in (0, 140, 299, 401):
        with av.open(str(tmp_path / "a.mp4")) as container:
            stream = container.streams.video[0]
            assert stream.time_base is not None
            container.seek(round(wanted / 25 / stream.time_base), stream=stream)
            decoded = list(container.decode(stream))
        read = {round(frame.time * 25): frame for frame in decoded if frame.time is not None}
        assert wanted - min(read) <= KEY_FRAME_SECONDS * 25
        assert read[wanted].to_ndarray(format="rgb24").mean() == pytest.approx(levels[wanted], abs=3)


@pytest.mark.parametrize("quality", [0, 20, 51])
def test_every_quality_plays_in_a_browser(tmp_path: Path, quality: int) -> None:
    frames, _ = talk(12)
    with VideoWriter(tmp_path / "a.mp4", (SIDE, SIDE), 25, quality=quality) as video:
        video.write(frames)
    with av.open(str(tmp_path / "a.mp4")) as container:
        codec = container.streams.video[0].codec_context
        assert (codec.profile, codec.pix_fmt) == ("High", "yuv420p")  # lossless would be another profile
    assert len(list(VideoReader(tmp_path / "a.mp4"))) == 12


@given(
    fps=st.fractions(min_value=1, max_value=120, max_denominator=1001),
    frames=st.integers(min_value=1, max_value=1_000_000),
)
def test_key_frames_are_spaced_evenly(fps: Fraction, frames: int) -> None:
    distance = key_frame_distance(fps, frames)
    assert 1 <= distance <= KEY_FRAME_SECONDS * fps
    last = frames - (frames - 1) // distance * distance  # frames of the last group
    groups = -(-frames // distance)
    assert last >= min(distance, distance - groups + 1)
    assert key_frame_distance(fps) == KEY_FRAME_SECONDS * fps // 1
