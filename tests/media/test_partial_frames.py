"""Partial frames read like the whole frames that they stand for, and make the same video."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest

from media.live_segments import LiveSegments
from media.partial_frames import PartialFrames, surrounding
from media.video import VideoWriter

WIDTH, HEIGHT = 96, 64


def some(count: int, left: int, top: int, width: int, height: int, seed: int = 0) -> PartialFrames:
    """Noise in a rectangle of noise."""
    still = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    parts = np.random.default_rng(seed).integers(0, 256, (count, height, width, 3), np.uint8)
    return PartialFrames(still, left, top, parts)


def test_they_read_like_an_array_of_whole_frames() -> None:
    frames = some(3, 5, 7, 21, 13)
    whole = frames.whole()
    assert (len(frames), frames.shape, frames.ndim, frames.dtype) == (3, whole.shape, 4, whole.dtype)
    assert (whole[:, 7:20, 5:26] == frames.parts).all()
    outside = np.ones((HEIGHT, WIDTH), bool)
    outside[7:20, 5:26] = False
    assert (whole[:, outside] == frames.still[outside]).all()
    assert np.array_equal(frames, whole)
    assert np.array_equal(frames[-1], whole[-1])
    assert np.array_equal(frames[1:], whole[1:])
    assert np.array_equal(np.stack(list(frames)), whole)
    assert np.array_equal(np.concatenate([frames, frames]), np.concatenate([whole, whole]))
    assert np.asarray(frames, np.float32).dtype == np.float32
    assert np.array_equal(copy.deepcopy(frames), whole)
    assert isinstance(frames[1:], PartialFrames)
    with pytest.raises(IndexError):
        frames[3]


def test_a_larger_rectangle_of_one_frame_can_be_cut_out() -> None:
    frames = some(3, 5, 7, 21, 13)
    out = np.empty((40, 50, 3), np.uint8)
    frames.cut(2, (2, 3, 52, 43), out)
    assert np.array_equal(out, frames.whole()[2, 3:43, 2:52])
    assert surrounding((5, 7, 26, 20), (2, 9, 11, 30)) == (2, 7, 26, 30)


def test_rectangles_outside_the_picture_and_other_arrays_are_refused() -> None:
    frames = some(1, 5, 7, 21, 13)
    for left, top in ((-1, 0), (0, -1), (WIDTH - 20, 0), (0, HEIGHT - 12)):
        with pytest.raises(ValueError, match=f"is not inside a picture of {WIDTH}x{HEIGHT}"):
            PartialFrames(frames.still, left, top, frames.parts)
    with pytest.raises(ValueError, match="parts must be uint8 RGB"):
        PartialFrames(frames.still, 0, 0, frames.parts.astype(np.float32))
    with pytest.raises(ValueError, match="still must be uint8 RGB"):
        PartialFrames(frames.still[..., 0], 0, 0, frames.parts)


def batches() -> list[np.ndarray | PartialFrames]:
    """Rectangles that grow, shrink and wander, whole frames between them, and a second still picture."""
    other = PartialFrames(some(1, 0, 0, 2, 2).still[::-1].copy(), 3, 2, some(2, 3, 2, 30, 30).parts)
    return [
        some(4, 20, 10, 41, 33, 1),
        some(2, 30, 15, 8, 9, 2),
        some(1, 1, 1, 3, 2, 3),
        some(2, 50, 40, 46, 24, 4).whole(),
        some(2, 0, 0, WIDTH, HEIGHT, 5),
        some(2, 95, 63, 1, 1, 6),
        other,
        some(3, 20, 10, 41, 33, 7),
    ]


def test_a_video_of_partial_frames_is_the_same_file_as_one_of_whole_frames(tmp_path: Path) -> None:
    paths = [tmp_path / "partial.mp4", tmp_path / "whole.mp4"]
    for path in paths:
        with VideoWriter(path, (WIDTH, HEIGHT), 25, quality=1) as video:
            for frames in batches():
                video.write(frames if path is paths[0] else np.asarray(frames))
    assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.parametrize("size", [(WIDTH, HEIGHT), (1280, 640), (1000, 500)])
def test_live_segments_are_the_same_too(size: tuple[int, int]) -> None:
    if size == (WIDTH, HEIGHT):
        given = batches()
    else:  # reduced to 640x320, by two and by a factor that is no whole number
        still = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), np.uint8)
        given = [PartialFrames(still, 300, 111, still[None, :99, :201])]
    made = []
    for whole in (False, True):
        with LiveSegments(size, 25) as live:
            for frames in given:
                live.write(np.asarray(frames) if whole else frames)
            made.append([segment.data for segment in live.finish()])
    assert made[0] == made[1]
