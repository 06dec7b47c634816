"""A job of more than half an hour is reported with its time, and starts only when confirmed."""

from __future__ import annotations

from pathlib import Path

import pytest

from engines.base import EngineOptions
from engines.cost import CostModel
from media.errors import OptionError
from studio.estimate import PRACTICAL, Estimate
from studio.job import Job
from studio.long_jobs import (
    check_practical,
    expected,
    expected_together,
    long_job_words,
    longest,
    reading_time,
    time_in_words,
)
from studio.settings import Settings
from studio.speaking import start_speaking
from studio.spoken_text import SpokenText
from studio.voice_view import VoiceView
from tests.conftest import write_voice
from tests.fake_engine import FakeWorld, registered, spec_for

SLOW = CostModel(
    steps=1, stretch=1.0, step_gflop=1e9, frame_gflop=0, gpu_start=1, gpu_step=1, gpu_frame=1, tiny=(1.0, 0.0)
)


@pytest.fixture
def slow(portrait_file: Path, voice_file: Path):
    with registered(spec_for("slow", EngineOptions, FakeWorld().engine(), cost=SLOW)):
        yield Job(engine="slow", portrait=portrait_file, voice=voice_file)


def test_it_is_refused_with_its_time_and_what_to_do(slow: Job, settings: Settings) -> None:
    with pytest.raises(OptionError, match=r"about \d+ h .*Express.* add --yes\.") as refused:
        check_practical([slow], settings, "add --yes")
    assert "not practical" in str(refused.value)


def test_short_jobs_and_those_that_cannot_be_made_are_let_through(
    slow: Job, settings: Settings, tmp_path: Path
) -> None:
    quick = Job(portrait=slow.portrait, voice=slow.voice)
    found = expected(quick, settings)
    assert found is not None
    assert found.practical
    check_practical([quick], settings, "add --yes")
    no_voice = Job(engine="slow", portrait=slow.portrait, voice=tmp_path / "none.wav")
    check_practical([no_voice], settings, "add --yes")


def test_what_one_user_waits_for_counts_together_and_a_list_by_its_longest_video(
    portrait_file: Path, voice_file: Path, tmp_path: Path, settings: Settings
) -> None:
    cost = CostModel(
        steps=1, stretch=1.0, step_gflop=1.0, frame_gflop=0, gpu_start=1, gpu_step=1, gpu_frame=1
    )
    long_voice = write_voice(tmp_path / "long.wav", seconds=3.0)
    with registered(spec_for("slow", EngineOptions, FakeWorld().engine(), cost=cost)):
        short, long = (
            Job(engine="slow", portrait=portrait_file, voice=voice) for voice in (voice_file, long_voice)
        )
        one, other = expected(short, settings), expected(long, settings)
        assert one is not None
        assert other is not None
        both = expected_together([short, long], settings)
        assert both is not None
        assert both.seconds == pytest.approx(one.seconds + other.seconds, rel=0.5)
        found = longest([short, long, short], settings)
        assert found is not None
        assert found[0] is long
        quick = Job(portrait=portrait_file, voice=voice_file)
        assert longest([quick, long], settings) == (long, other)
    assert "in all" in long_job_words(Estimate(7200.0, False, "cpu"), 2)
    assert "in all" in long_job_words(Estimate(7200.0, False, "cuda"), 2)


def test_a_voice_of_several_jobs_is_opened_once(
    slow: Job, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[tuple[Path | str, int | None]] = []

    def view(source: Path | str, *, settings: Settings, track: int | None = None) -> VoiceView:
        opened.append((source, track))
        return VoiceView(2.0, "")

    monkeypatch.setattr("studio.voice_view.view_voice", view)
    jobs = [slow.model_copy(update={"seed": seed}) for seed in range(3)]
    jobs.append(slow.model_copy(update={"audio_track": 2}))
    one, all_of_them = expected(slow, settings), expected_together(jobs, settings)
    assert one is not None
    assert all_of_them is not None
    assert all_of_them.seconds == pytest.approx(4 * one.seconds, rel=0.5)
    assert opened == [(slow.voice, None), (slow.voice, None), (slow.voice, 2)]


def test_a_performance_without_a_voice_counts_with_its_length(
    portrait_file: Path, tmp_path: Path, settings: Settings
) -> None:
    take = tmp_path / "take.csv"
    spec = spec_for("slow", EngineOptions, FakeWorld().engine(), cost=SLOW, performs=True)
    found = []
    with registered(spec):
        for seconds in (60, 120):
            take.write_text(f"time,JawOpen\n0,0\n{seconds / 2},1\n")  # each of two frames lasts as long
            job = Job(engine="slow", portrait=portrait_file, performance={"file": take})
            found.append(expected(job, settings))
        take.write_text("time,JawOpen\n0,none\n")
        assert expected(job, settings) is None, "the job reports the error"
    short, long = found
    assert short is not None
    assert long is not None
    assert long.seconds == pytest.approx(2 * short.seconds, rel=0.05)


def test_half_an_hour_is_the_bound() -> None:
    assert Estimate(PRACTICAL, False).practical
    assert not Estimate(PRACTICAL + 1, False).practical
    assert "GPU" in long_job_words(Estimate(7200.0, False, "cpu"))
    assert "GPU" not in long_job_words(Estimate(7200.0, False, "cuda"))
    assert time_in_words(7200.0) == "2 h 00 min"


@pytest.mark.parametrize(
    "text",
    [
        "The quick brown fox jumps over the lazy dog, and nobody buys shells on a Monday morning.",
        "今天天气很好，我们一起去公园散步吧。昨天晚上我看了一部很有意思的电影，讲的是一个老人的故事。",
        "12345678901234567890",
        "In 1984 and 2024, 350 people paid 1200 dollars.",
    ],
)
@pytest.mark.parametrize("speed", [1.0, 2.0])
def test_the_length_of_a_text_is_known_before_it_is_spoken(text: str, speed: float) -> None:
    spoken = start_speaking(SpokenText(text=text, speed=speed), Settings())
    seconds = sum(len(block) for block in spoken.blocks) / spoken.rate
    assert reading_time(text) / speed == pytest.approx(seconds, rel=0.4)
