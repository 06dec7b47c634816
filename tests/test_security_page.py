"""docs/security.md promises numbers: they are those of the program, and the tests that it names exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from media.decoding.isolated_video import VIDEO_LIMITS
from media.documents.subtitles import SUBTITLES
from media.dubbing.frame_spool import SPOOL_BYTES
from media.dubbing.source_reports import MOST_FRAMES
from media.sound.placement import LONGEST_HOLE
from studio.clock import MARGIN
from studio.retention import PUBLIC_DAYS, PUBLIC_GB
from ui.server import request_body, sessions, upkeep, videos

ROOT = Path(__file__).resolve().parent.parent
PAGE = " ".join((ROOT / "docs" / "security.md").read_text(encoding="utf-8").split())


@pytest.mark.parametrize(
    "promise",
    [
        f"{VIDEO_LIMITS.memory_mb / 1000:g} GB of memory and {VIDEO_LIMITS.seconds:g} s",
        f"{SUBTITLES.size / 1e6:g} MB, {SUBTITLES.nodes:,} cues and {SUBTITLES.text:,} characters",
        f"at most {request_body.LARGEST / 1e6:g} MB and {request_body.MOST_VALUES:,} values",
        f"share {request_body.LARGEST_TOOL_CALL / 1e6:g} MB",
        f"at most {MOST_FRAMES:,} frames, and at most {SPOOL_BYTES / 1e6:g} MB of them",
        f"ends {sessions.IDLE:g} seconds after its last request",
        f"videos stay {PUBLIC_DAYS:g} days and take at most {PUBLIC_GB:g} GB",
        f"checks sizes every {upkeep.EVERY / 60:g} minutes",
    ],
)
def test_a_number_is_the_programs(promise: str) -> None:
    assert promise in PAGE


def test_numbers_in_words() -> None:
    for words, number in (
        ("must arrive within a minute", request_body.LONGEST / 60),
        ("at most ten minutes of silence", LONGEST_HOLE / 600),
        ("until it has run for an hour", MARGIN / 3600),
    ):
        assert words in PAGE
        assert number == 1
    assert "within a few seconds for a download in progress" in PAGE
    assert videos.SECONDS_BETWEEN_LOOKS < 5


def test_the_tests_that_are_named_exist() -> None:
    known = {path.name for path in (ROOT / "tests").rglob("test_*.py")}
    named = set(re.findall(r"test_\w+\.py", PAGE))
    assert len(named) > 20
    assert named <= known
