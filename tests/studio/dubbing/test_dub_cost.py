"""A dub of more than half an hour is known before it begins, from the length of its video."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engines.base import EngineOptions
from engines.cost import CostModel
from media.errors import OptionError
from studio.dubbing.cost import dub_length, estimate_dub
from studio.dubbing.job import DubJob
from studio.dubbing.view import VideoView
from studio.gallery.history import History
from studio.long_jobs import check_practical, expected, long_words, longest
from studio.options import make_options
from studio.settings import Settings
from tests.conftest import write_voice
from tests.fake_engine import FakeWorld, registered, spec_for
from tests.studio.test_history import make_result

VIDEO = VideoView(60.0, (1280, 720), 25.0, True, ())
EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "clips" / "example.mp4"


def seconds(settings: Settings, voice: float, video: VideoView = VIDEO, **given: Any) -> float:
    return estimate_dub("joyvasa", make_options("joyvasa"), video, voice, settings=settings, **given).seconds


@pytest.fixture(autouse=True)
def no_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOYSTUDIO_WEIGHTS", str(tmp_path / "weights"))


@pytest.mark.parametrize(
    ("voice", "sync_mode", "length"),
    [
        (30.0, None, (60.0, 1500)),  # silence follows
        (90.0, None, (90.0, 2250)),
        (90.0, "cut_off", (60.0, 1500)),
        (30.0, "cut_off", (30.0, 750)),
        (90.0, "remap", (90.0, 1500)),
    ],
)
def test_the_frames_of_a_dub_follow_from_both_lengths(
    voice: float, sync_mode: Any, length: tuple[float, int]
) -> None:
    assert dub_length(VIDEO, voice, sync_mode) == length


def test_every_frame_costs_and_earlier_dubs_correct_it(settings: Settings, tmp_path: Path) -> None:
    minute, two = seconds(settings, 60.0), seconds(settings, 120.0)
    assert two == pytest.approx(2 * minute, rel=0.1)
    assert seconds(settings, 60.0, replace(VIDEO, fps=50.0)) == pytest.approx(2 * minute, rel=0.1)
    assert seconds(settings.model_copy(update={"device": "cuda"}), 60.0) < minute / 3
    past = replace(
        make_result("one", tmp_path / "one.mp4"), engine="joyvasa", device=settings.device, duration=60.0,
        frames=1500, size=(1280, 720), seconds=3 * minute, random_weights=False, dub={"person": "largest"},
    )  # fmt: skip
    History(settings.history).record(past)
    History(settings.history).record(replace(past, job_id="two", dub={"person": "all"}, seconds=9 * minute))
    assert seconds(settings, 60.0) == pytest.approx(3 * minute, rel=0.01)
    assert seconds(settings, 60.0, faces=2) == pytest.approx(6 * minute, rel=0.1)


def test_an_hour_of_the_quick_engine_is_long_from_a_certain_size_and_number_of_faces_on(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    hour = VideoView(3600.0, (1920, 1080), 25.0, True, ())
    monkeypatch.setattr("studio.dubbing.view.view_video", lambda *_: hour)
    monkeypatch.setattr("studio.dubbing.view.most_faces", lambda *_: 3)
    monkeypatch.setattr("studio.long_jobs._seconds", lambda *_: 3600.0)
    job = DubJob(video=EXAMPLE, voice=EXAMPLE)
    with pytest.raises(OptionError, match=r"^The dub would take about \d\d min .*smaller video\. .*--yes\.$"):
        check_practical([job], settings, "add --yes")
    hour = replace(hour, size=(854, 480))
    one, everyone = (expected(one, settings) for one in (job, job.model_copy(update={"person": "all"})))
    assert one is not None
    assert everyone is not None
    assert one.practical
    assert not everyone.practical


SLOW = CostModel(steps=1, stretch=9.0, step_gflop=0, frame_gflop=1e7, gpu_start=1, gpu_step=1, gpu_frame=1)


def test_a_long_dub_is_refused_with_what_to_do_and_quick_engines_are_not_asked(
    settings: Settings, tmp_path: Path
) -> None:
    voice = write_voice(tmp_path / "voice.wav")
    spec = replace(spec_for("slow", EngineOptions, FakeWorld().engine(), cost=SLOW), dubs=True)
    with registered(spec):
        job = DubJob(engine="slow", video=EXAMPLE, voice=voice)
        with pytest.raises(OptionError, match=r"The dub would take .*a shorter video, .* add --yes\."):
            check_practical([job], settings, "add --yes")
        found = longest([DubJob(video=EXAMPLE, voice=voice), job], settings)
        assert found is not None
        assert found[0] is job
        assert "videos would take" in long_words([job, job], found[1])
        assert expected(job.with_files({"video": voice}), settings) is None  # it reports its own error
    check_practical([DubJob(video=EXAMPLE, voice=voice)], settings, "add --yes")
