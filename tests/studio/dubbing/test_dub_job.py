"""A dub is described completely before any file is opened, and what contradicts itself is refused."""

from __future__ import annotations

from typing import Any

import pytest

from media.errors import OptionError
from studio.dubbing.job import DubJob

GIVEN: dict[str, Any] = {"video": "talk.mp4", "voice": "new.wav"}


def test_a_video_and_a_voice_are_enough() -> None:
    job = DubJob(**GIVEN)
    assert (job.engine, job.sync_mode, job.person) == ("preview", None, "largest")
    assert sorted(job.files) == ["video", "voice"]
    assert hash(job) == hash(DubJob(**GIVEN))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"voice": None}, "voice is missing"),
        ({"spoken": {"text": "Good evening."}}, "Leave one of them out"),
        ({"engine": "joyhallo"}, r"paints whole pictures.*Use preview or joyvasa\."),
        ({"engine": "joyvasa", "options": {"animation_mode": "animal"}}, "only a person"),
        ({"max_turn": 90}, "60"),
        ({"fade": -1}, "fade"),
        ({"sync_mode": "stretch"}, "takes bounce or loop or cut_off"),
        ({"seed": 2**32}, "seed"),
    ],
)
def test_what_cannot_be_dubbed_is_refused_with_the_reason(given: dict[str, Any], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        DubJob(**GIVEN | given)
