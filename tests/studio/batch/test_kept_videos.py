from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from media.errors import InputError
from studio.serving.kept import KeptVideos


def test_a_video_is_found_by_its_token_until_its_time_is_over(tmp_path: Path) -> None:
    kept = KeptVideos(tmp_path / "served", hours=2)
    (token, video), (other, second) = kept.new(), kept.new()
    for path in (video, second):
        path.write_bytes(b"video")
    assert len(token) == 43
    assert kept.find(token) == video
    old = time.time() - 2 * 3600 - 1
    os.utime(video, (old, old))
    with pytest.raises(InputError, match="no video here"):
        kept.find(token)
    assert video.exists()
    kept.new()  # the next one clears away
    assert not video.exists()
    assert kept.find(other) == second
    kept.delete(other)
    with pytest.raises(InputError):
        kept.delete(other)


@pytest.mark.parametrize("token", ["", "x", "../" * 14 + "x", "A" * 42 + "/", "A" * 43])
def test_what_is_no_token_finds_nothing(tmp_path: Path, token: str) -> None:
    with pytest.raises(InputError):
        KeptVideos(tmp_path, hours=1).find(token)
