"""A video whose start is skipped by an edit list: frames and sound are those that players show."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evaluation.video_file import SOUND_RATE, VideoFile
from media.voice import SAMPLE_RATE, open_voice
from tests.media.clips import FPS, trim_start, write_clip
from training.prepare.source_video import SourceVideo


@pytest.fixture(scope="module", params=[("aac", "libx264"), ("libopus", "libx264"), ("libmp3lame", "mpeg4")])
def trimmed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1.6 of 2 seconds; white picture and tone begin at 0.8 s."""
    codec, video = request.param
    folder = tmp_path_factory.mktemp("trimmed")
    return trim_start(
        write_clip(folder / "whole.mp4", codec=codec, video=video, signal_at=1.2), folder / "v.mp4", 0.4
    )


def onset(samples: np.ndarray, rate: int) -> float:
    return float(np.flatnonzero(np.abs(samples) > 0.1)[0] / rate)


@pytest.mark.parametrize("isolated", [False, True])
def test_evaluate_scores_it(trimmed: Path, isolated: bool) -> None:
    video = VideoFile(trimmed, isolated=isolated)
    frames = list(video.frames())
    assert video.frame_count == len(frames) == 40
    assert [frame.mean() > 128 for frame in frames].index(True) == round(0.8 * FPS)
    assert onset(video.sound(), SOUND_RATE) == pytest.approx(0.8, abs=0.005)


def test_prepare_accepts_it(trimmed: Path) -> None:
    video = SourceVideo(trimmed)
    frames = list(video.frames())
    assert len(frames) == 40
    assert [frame.mean() > 128 for frame in frames].index(True) == round(0.8 * FPS)
    assert onset(video.aligned(video.speech().samples), SAMPLE_RATE) == pytest.approx(0.8, abs=0.005)


def test_as_a_voice_it_begins_where_players_begin(trimmed: Path) -> None:
    voice = open_voice(trimmed).samples
    assert onset(voice, SAMPLE_RATE) == pytest.approx(0.8, abs=0.005)
    assert len(voice) / SAMPLE_RATE == pytest.approx(1.6, abs=0.03)
