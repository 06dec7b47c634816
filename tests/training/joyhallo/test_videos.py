from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from media.errors import DatasetError
from tests.training.joyhallo.conftest import picture
from training.dataset.arrays import read_arrays
from training.dataset.index import read_dataset
from training.joyhallo.videos import (
    APART,
    Video,
    draw_clip,
    draw_pair,
    encoding_noise,
    latent_noise,
    least_frames,
    open_videos,
)


@pytest.fixture(scope="module")
def video(dataset: Path) -> Video:
    videos, note = open_videos(read_dataset(dataset, "joyhallo"), 30)
    assert [video.frames for video in videos] == [40]
    assert note == "1 of 2 videos are left out: they have less than 30 frames."
    return videos[0]


@given(frames=st.integers(2, 200), seed=st.integers(0, 2**31))
def test_a_pair_is_far_apart_where_that_can_be(frames: int, seed: int) -> None:
    portrait, target = draw_pair(np.random.default_rng(seed), frames)
    assert 0 <= portrait < frames
    assert 0 <= target < frames
    assert portrait != target
    if max(portrait, frames - 1 - portrait) >= APART:
        assert abs(portrait - target) >= APART


@given(clip=st.integers(2, 24), more=st.integers(0, 100), seed=st.integers(0, 2**31))
def test_a_clip_has_frames_before_and_after_it(clip: int, more: int, seed: int) -> None:
    frames = least_frames(clip) + more
    portrait, start = draw_clip(np.random.default_rng(seed), frames, clip)
    assert 2 <= start <= frames - clip - 3
    assert 2 <= portrait <= frames - clip - 3


def test_clips_of_16_need_23_frames() -> None:
    assert least_frames(16) == 23


def test_pictures_are_those_that_were_asked_for(video: Video) -> None:
    squares = video.squares([5, 5, 31], 64)
    assert squares.dtype == torch.uint8
    assert torch.equal(squares[0], squares[1])
    assert np.array_equal(squares[2].permute(1, 2, 0).numpy(), picture(31))
    assert video.squares([0], 128).shape == (1, 3, 128, 128)


def test_windows_are_the_frames_around_and_the_ends_are_repeated(video: Video) -> None:
    every = read_arrays(video.item.folder / "features.safetensors", "audio")["audio"]
    windows = video.windows(0, 3).numpy()
    assert windows.shape == (3, 5, 3, 24)
    for frame in range(3):
        for place in range(5):
            assert np.array_equal(windows[frame, place], every[max(0, frame + place - 2)])
    last = video.windows(38, 40).numpy()
    assert [np.array_equal(last[1, place], every[min(39, 37 + place)]) for place in range(5)] == [True] * 5


def test_masks_have_the_levels_of_the_network(video: Video) -> None:
    masks = video.masks(8)
    assert [tuple(mask.shape) for mask in masks] == [(3, 64), (3, 16), (3, 4), (3, 1)]
    full, face, lips = masks[0].view(3, 8, 8)
    assert full[0, 0] == 1
    assert face[0, 0] == lips[0, 0] == 0
    assert face[3, 3] > 0.7
    assert lips[4, 4] == lips.max() > 0.4
    region = video.region(128)
    assert region.shape == (1, 128, 128)
    assert (region[0, 64, 64], region[0, 4, 4]) == (1, 0)


def test_noise_shares_a_little_over_a_channel() -> None:
    rng = np.random.default_rng(0)
    drawn = torch.stack([latent_noise(rng, 2, 128, 0.5) for _ in range(200)])
    assert drawn.shape == (200, 4, 2, 16, 16)
    means = drawn.mean(dim=(2, 3, 4))
    assert float(means.std()) == pytest.approx(0.5, rel=0.1)
    assert float((drawn - means[:, :, None, None, None]).std()) == pytest.approx(1, rel=0.01)
    assert encoding_noise(rng, 3, 64).shape == (3, 4, 8, 8)


def test_videos_that_are_too_short_are_refused(dataset: Path) -> None:
    with pytest.raises(DatasetError, match=r"has the 41 frames that a sample needs; the longest has 40"):
        open_videos(read_dataset(dataset, "joyhallo"), 41)
