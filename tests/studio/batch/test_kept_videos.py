from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from media.errors import InputError
from studio.clock import MARGIN, SureClock
from studio.serving.video_store import VideoStore


def test_a_video_is_found_by_its_token_until_its_time_is_over(tmp_path: Path) -> None:
    passed = [0.0]
    clock = SureClock(wall=lambda: time.time() + passed[0], steady=lambda: passed[0])
    kept = VideoStore(tmp_path / "served", hours=2, clock=clock)
    (token, video), (other, second) = kept.new(), kept.new()
    for path in (video, second):
        path.write_bytes(b"video")
    assert len(token) == 43
    assert kept.find(token) == video
    old = time.time() - 2 * 3600 - 1
    os.utime(video, (old, old))
    with pytest.raises(InputError, match="This video does not exist"):
        kept.find(token)
    kept.new()
    assert video.exists()  # the clock may be wrong
    passed[0] = MARGIN
    kept.new()  # this one clears away
    assert not video.exists()
    assert kept.find(other) == second
    kept.delete(other)
    with pytest.raises(InputError):
        kept.delete(other)


@pytest.mark.parametrize("token", ["", "x", "../" * 14 + "x", "A" * 42 + "/", "A" * 43])
def test_an_invalid_token_finds_nothing(tmp_path: Path, token: str) -> None:
    with pytest.raises(InputError):
        VideoStore(tmp_path, hours=1).find(token)


def test_a_clock_that_is_ahead_for_a_while_costs_no_video(tmp_path: Path) -> None:
    now, ahead = time.time(), [0.0]
    steady = [0.0]
    clock = SureClock(wall=lambda: now + steady[0] + ahead[0], steady=lambda: steady[0])
    kept = VideoStore(tmp_path / "served", hours=24 * 7, clock=clock)
    token, video = kept.new()
    video.write_bytes(b"video")
    steady[0], ahead[0] = 2 * MARGIN, 365 * 86_400.0
    later = kept.new()[1]
    later.write_bytes(b"made while the clock was ahead")
    os.utime(later, (now + ahead[0], now + ahead[0]))
    ahead[0] = 0.0
    for steady[0] in (3 * MARGIN, 4 * MARGIN):
        kept.new()
    assert kept.find(token) == video
    assert later.stat().st_mtime <= now + 6 * MARGIN  # it does not outlive its week by a year
