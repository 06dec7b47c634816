"""A text as the voice of a job: the video, its statements, and refusals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from media.errors import OptionError, TextError, VoiceError
from media.voice import open_voice
from studio.events import Finished, Result
from studio.job import Job
from studio.provenance.inspection import inspect_video
from studio.render_cache import fingerprint
from studio.run import run
from studio.settings import Settings
from studio.speaking import spoken_speech, write_spoken
from studio.spoken_text import SpokenText
from studio.waiting_jobs import WaitingJobs
from tests.fake_engine import FakeWorld


def finish(job: Job, settings: Settings) -> Result:
    *_, last = run(job, settings)
    assert isinstance(last, Finished)
    return last.result


@pytest.fixture
def job(world: FakeWorld, portrait_file: Path) -> Job:
    return Job(engine="fake", portrait=portrait_file, spoken={"text": "Hello, it is me."})


def test_a_text_becomes_a_video_that_says_so_everywhere(job: Job, settings: Settings) -> None:
    result = finish(job, settings)
    facts = {"engine": "espeak", "voice": "woman", "language": "en", "speed": 1.0}
    assert result.generated_voice == facts
    assert "The voice is generated from a text by the speech engine espeak." in result.notes
    assert result.speech == "(text)"
    assert 0.5 < result.duration < 3
    assert Result.from_json(json.loads(json.dumps(result.as_json()))) == result
    found = inspect_video(result.path)
    assert found.facts is not None
    assert found.facts["generated_voice"] == facts
    assert "Hello" not in json.dumps(found.facts)
    assert found.settings_hold
    assert found.manifest is not None
    assert found.manifest.claims["generated_voice"] == facts


def test_the_same_text_is_the_same_voice(job: Job, settings: Settings) -> None:
    first, second = finish(job, settings), finish(job, settings)
    assert first.speech_sha256 == second.speech_sha256
    other = job.model_copy(update={"spoken": SpokenText(text="Hello, it is you.")})
    assert finish(other, settings).speech_sha256 != first.speech_sha256
    assert fingerprint(job, settings) != fingerprint(other, settings)


def test_a_file_with_a_spoken_text_is_a_voice_that_says_so(settings: Settings, tmp_path: Path) -> None:
    wish = SpokenText(text="你好，世界。", voice="man", speed=1.2)
    assert write_spoken(wish, tmp_path / "voice.wav", settings) == ()
    speech = open_voice(tmp_path / "voice.wav")
    assert speech.generated == {"engine": "espeak", "voice": "man", "language": "zh", "speed": 1.2}
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".joystudio")] == []


def test_a_text_that_cannot_be_spoken_leaves_no_file(tmp_path: Path) -> None:
    short = Settings(max_seconds=1)
    with pytest.raises(VoiceError, match=r"longer than 1 s to speak.*speed from 1"):
        write_spoken(SpokenText(text="one two three four five six seven"), tmp_path / "voice.wav", short)
    with pytest.raises(TextError, match="has 17 characters; at most 10"):
        write_spoken(SpokenText(text="seventeen letters"), tmp_path / "v.wav", Settings(text_characters=10))
    assert list(tmp_path.glob("*")) == list(tmp_path.glob("outputs"))


def test_a_text_beyond_the_longest_voice_is_refused(settings: Settings) -> None:
    with pytest.raises(VoiceError, match="longer than 1 s"):
        spoken_speech(SpokenText(text="word " * 900), settings.model_copy(update={"max_seconds": 1}))


@pytest.mark.parametrize(
    ("wish", "kind", "message"),
    [
        ({"text": ""}, TextError, "empty"),
        (
            {"text": "Hello 你好", "language": "en"},
            TextError,
            "2 characters .* in English",
        ),
        ({"text": "ありがとう"}, OptionError, "does not speak Japanese; it speaks en, en-GB, zh"),
        ({"text": "Hi", "language": "tlh"}, OptionError, "does not speak 'tlh'"),
        ({"text": "Hi", "voice": "ghost"}, OptionError, "has no voice 'ghost' for English.*woman, man"),
        ({"text": "Hi", "engine": "none"}, OptionError, "no speech engine called 'none'"),
        ({"text": "Hi", "speed": 3}, OptionError, "speed is 3, but takes 0.5 to 2"),
        ({"text": "Hi", "speed": "fast"}, OptionError, "speed is 'fast', but takes"),
        ({"text": 5}, OptionError, "text is 5"),
        ({"text": "Hi", "colour": 1}, OptionError, "colour does not exist"),
    ],
)
def test_unspeakable_texts_are_refused_before_any_work(
    wish: dict[str, Any], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        SpokenText(**wish)


def test_a_voice_that_reads_one_language_brings_it() -> None:
    assert SpokenText(text="42").chosen_language() == "en"
    assert SpokenText(text="42", language="zh").chosen_language() == "zh"
    assert SpokenText(text="四十二").chosen_voice().name == "woman"


def test_a_job_has_a_recording_or_a_text(world: FakeWorld) -> None:
    with pytest.raises(OptionError, match="a recording and a text"):
        Job(engine="fake", portrait="a.png", voice="b.wav", spoken={"text": "Hi"})
    with pytest.raises(OptionError, match="job's voice is missing"):
        Job(engine="fake", portrait="a.png")


def test_a_waiting_job_keeps_its_text_through_a_restart(job: Job, settings: Settings) -> None:
    owner = "a" * 64
    jobs = WaitingJobs(settings)
    jobs.keep(job, owner).release()
    (waiting,) = jobs.interrupted(owner)
    assert jobs.take(owner, waiting.id).job.spoken == job.spoken
