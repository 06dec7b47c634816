"""Joined takes: every second at its place, and differences noted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from media.errors import OptionError
from studio.clips.join import join
from studio.clips.options import JoinOptions, clip_options
from studio.settings import Settings
from tests.studio.clips.sources import bursts, changes, frames_of, last, levels, make_video, onsets


def test_takes_follow_one_another(clock: Path, tmp_path: Path, settings: Settings) -> None:
    edited = last(join([clock, clock], tmp_path / "out.mp4", settings=settings))
    assert edited.frames == len(frames_of(edited.path)) == 150
    assert edited.notes == ()
    # Dark, bright, dark; then the same again, so that nothing changes where the takes meet.
    assert changes(edited.path) == pytest.approx([1.0, 2.0, 4.0, 5.0], abs=0.004)
    assert onsets(edited.path) == pytest.approx([1.0, 2.0, 4.0, 5.0], abs=0.004)


def test_differences_are_evened_out_and_said(clock: Path, tmp_path: Path, settings: Settings) -> None:
    other = make_video(tmp_path / "other.mp4", levels((64, 96), 40, 240), seconds=2.0, fps=50)
    edited = last(join([clock, other], tmp_path / "out.mp4", settings=settings))
    assert (edited.size, edited.fps, edited.frames) == ((96, 64), 50, 250)
    sizes, rates, silent, *_ = edited.notes
    assert "96x64; these had others: other.mp4 (64x96)" in sizes
    assert "50 frames per second now; these had others: clock.mp4 (25)" in rates
    assert "other.mp4" in silent
    assert changes(edited.path) == pytest.approx([1.0, 2.0, 4.0], abs=0.004)
    assert onsets(edited.path) == pytest.approx([1.0, 2.0], abs=0.004)


def test_a_crossfade_mixes_frames_and_sound(tmp_path: Path, settings: Settings) -> None:
    time = np.arange(32_000) / 16_000
    low, high = (0.5 * np.sin(2 * np.pi * hertz * time).astype(np.float32) for hertz in (300, 1200))
    dark = make_video(tmp_path / "dark.mp4", levels((64, 64), 40, 40), seconds=2.0, sound=low)
    bright = make_video(tmp_path / "bright.mp4", levels((64, 64), 200, 200), seconds=2.0, sound=high)
    options = clip_options(JoinOptions, {"crossfade": 0.8})
    edited = last(join([dark, bright], tmp_path / "out.mp4", options, settings))
    assert edited.frames == 80
    means = frames_of(edited.path).mean(axis=(1, 2, 3))
    assert means[:30] == pytest.approx(40, abs=3)
    assert means[40] == pytest.approx(120, abs=8)
    assert means[51:] == pytest.approx(200, abs=3)
    rate, samples = _sound(edited.path)

    def power(hertz: float, at: float) -> float:
        piece = samples[round((at - 0.05) * rate) : round((at + 0.05) * rate)]
        wave = np.exp(-2j * np.pi * hertz * np.arange(len(piece)) / rate)
        return float(2 * np.abs(np.dot(piece, wave)) / len(piece))

    assert power(300, 0.6) == pytest.approx(0.5, abs=0.03)
    assert power(1200, 0.6) < 0.01
    assert power(300, 1.6) == pytest.approx(0.25, abs=0.03)
    assert power(1200, 1.6) == pytest.approx(0.25, abs=0.03)
    assert power(300, 2.6) < 0.01
    assert power(1200, 2.6) == pytest.approx(0.5, abs=0.03)


def _sound(path: Path) -> tuple[int, np.ndarray]:
    from media.video import VideoReader

    about, blocks = VideoReader(path).sound()
    return about.rate, np.concatenate(list(blocks)).mean(axis=1)


def test_a_crossfade_that_a_take_cannot_hold_is_refused(
    clock: Path, tmp_path: Path, settings: Settings
) -> None:
    short = make_video(tmp_path / "short.mp4", levels((96, 64)), seconds=1.0, sound=bursts(1.5))
    options = clip_options(JoinOptions, {"crossfade": 0.5})
    with pytest.raises(OptionError, match=r"crossfade of 0\.5 s is too long for short\.mp4"):
        last(join([clock, short], tmp_path / "out.mp4", options, settings))


@pytest.mark.parametrize("count", [1, 13])
def test_one_take_or_too_many_are_refused(
    clock: Path, tmp_path: Path, settings: Settings, count: int
) -> None:
    with pytest.raises(OptionError, match=f"2 to 12 videos to join; {count} given"):
        last(join([clock] * count, tmp_path / "out.mp4", settings=settings))
