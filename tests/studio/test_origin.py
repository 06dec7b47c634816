"""The origin of a video is written in several places from one model; other programs read their keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from studio.events import Finished, Result
from studio.gallery.found_videos import found_videos
from studio.job import Job
from studio.provenance.inspection import inspect_video
from studio.provenance.origin import Origin
from studio.run import run
from studio.settings import Settings
from tests.fake_engine import FakeWorld

FACTS = [
    "ai_generated", "settings_sha256", "engine", "audio_track", "options", "preset", "seed", "face_index",
    "anchors", "portrait_sha256", "speech_sha256", "random_weights",
]  # fmt: skip
RESULT = [
    "job_id", "path", "frames", "fps", "size", "duration", "seconds", "first_chunk_seconds",
    "realtime_factor", "engine", "preset", "options", "seed", "portrait", "speech",
    "portrait_sha256", "speech_sha256",
    "random_weights", "notes", "motion", "signed", "device", "incomplete", "generated_voice",
    "portrait_edit", "second_voice", "performance", "dub",
]  # fmt: skip
SHARED = ("engine", "preset", "options", "seed", "portrait_sha256", "speech_sha256", "random_weights")


@pytest.fixture
def result(world: FakeWorld, portrait_file: Path, voice_file: Path, settings: Settings) -> Result:
    job = Job(engine="fake", portrait=portrait_file, voice=voice_file, options={"level": 20}, seed=7)
    *_, finished = run(job, settings)
    assert isinstance(finished, Finished)
    return finished.result


def test_metadata_manifest_and_result_say_the_same(result: Result) -> None:
    found = inspect_video(result.path)
    assert found.facts is not None
    assert list(found.facts) == FACTS
    assert list(result.as_json()) == RESULT
    assert {name: found.facts[name] for name in SHARED} == {name: result.as_json()[name] for name in SHARED}
    assert found.settings_hold
    assert found.manifest is not None
    assert found.manifest.claims == {
        name: found.facts[name] for name in ("engine", "settings_sha256", "random_weights")
    }


def test_a_video_says_itself_what_its_result_said(result: Result, settings: Settings) -> None:
    ((_, again),) = found_videos(settings.outputs)
    for name in SHARED:
        assert getattr(again, name) == getattr(result, name)


@pytest.mark.parametrize(
    "change",
    [
        {"engine": 1},
        {"seed": "x"},
        {"options": None},
        {"portrait_sha256": None},
        {"seed": None},
        {"anchors": [1]},
        {"audio_track": "x"},
        {"motion": 1},
    ],
)
def test_foreign_facts_are_refused(result: Result, change: dict[str, object]) -> None:
    facts = inspect_video(result.path).facts
    assert facts is not None
    with pytest.raises((KeyError, TypeError, ValueError)):
        Origin.from_facts(facts | change)
