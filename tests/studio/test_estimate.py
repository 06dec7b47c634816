"""The time of a video is estimated from earlier ones or, without any, from the amount of work."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from engines import registry
from studio.estimate import estimate
from studio.gallery.history import History
from studio.options import make_options
from studio.settings import Settings
from studio.short_loops import SOON
from studio.weights_report import report_weights
from tests.studio.test_history import make_result


@pytest.fixture(autouse=True)
def no_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOYSTUDIO_WEIGHTS", str(tmp_path / "weights"))


def cost(engine: str, voice: float, settings: Settings, **options: Any) -> float:
    return estimate(engine, make_options(engine, options), voice, settings=settings).seconds


@pytest.mark.parametrize("engine", ["preview", "joyvasa", "joyhallo"])
def test_more_voice_takes_longer(engine: str, settings: Settings) -> None:
    short, long = cost(engine, 4.0, settings), cost(engine, 40.0, settings)
    assert 0 < short < long < 11 * short


def test_steps_and_size_count_where_they_are_work(settings: Settings) -> None:
    assert cost("joyhallo", 4.0, settings, inference_steps=20) < 0.6 * cost("joyhallo", 4.0, settings)
    assert cost("joyvasa", 4.0, settings, inference_steps=500) > cost("joyvasa", 4.0, settings)


def test_a_gpu_is_faster_than_a_processor(settings: Settings) -> None:
    gpu = settings.model_copy(update={"device": "cuda"})
    assert cost("joyhallo", 4.0, gpu) < cost("joyhallo", 4.0, settings)


def test_a_gpu_that_has_the_networks_needs_no_start_and_a_kept_motion_no_sampling(
    settings: Settings, tmp_path: Path
) -> None:
    gpu, options = settings.model_copy(update={"device": "cuda"}), make_options("joyvasa")
    seconds = partial(estimate, "joyvasa", options, 2.0, settings=gpu)
    past = replace(
        make_result("one", tmp_path / "one.mp4"), engine="joyvasa", device="cuda", duration=2.0, seconds=60.0,
        options=options.model_dump(mode="json"),
    )  # fmt: skip
    History(settings.history).record(past)  # it began with the start, or it did not
    assert seconds().seconds == pytest.approx(60.0)
    assert SOON > seconds(loaded=True).seconds > seconds(loaded=True, sampled=False).seconds > 0
    assert estimate("joyvasa", options, 2.0, settings=settings, sampled=False).seconds < cost(
        "joyvasa", 2.0, settings
    )


def test_estimates_use_earlier_videos(settings: Settings, tmp_path: Path) -> None:
    options = make_options("preview")
    guess = estimate("preview", options, 2.0, settings=settings)
    assert not guess.measured
    past = replace(
        make_result("one", tmp_path / "one.mp4"), engine="preview", device=settings.device, size=(512, 512),
        duration=2.0, seconds=10 * guess.seconds, options=options.model_dump(mode="json"),
    )  # fmt: skip
    History(settings.history).record(past)
    told = estimate("preview", options, 2.0, settings=settings)
    assert told.measured
    assert told.seconds == pytest.approx(10 * guess.seconds)
    assert estimate("preview", options, 20.0, settings=settings).seconds > 4 * told.seconds


@pytest.mark.parametrize("other", [{"engine": "joyvasa"}, {"device": "cuda"}, {"random_weights": True}])
def test_videos_made_in_another_way_are_ignored(
    other: dict[str, Any], settings: Settings, tmp_path: Path
) -> None:
    past = replace(make_result("one", tmp_path / "one.mp4"), engine="preview", device=settings.device)
    History(settings.history).record(replace(past, **other))
    assert not estimate("preview", make_options("preview"), 2.0, settings=settings).measured


def test_larger_portraits_take_longer(settings: Settings, portrait_file: Path, tmp_path: Path) -> None:
    from PIL import Image

    large = tmp_path / "large.png"
    Image.new("RGB", (1200, 1200)).save(large)
    options = make_options("preview")
    small_cost, large_cost, unread = (
        estimate("preview", options, 4.0, portrait=portrait, settings=settings).seconds
        for portrait in (portrait_file, large, tmp_path / "no.png")
    )
    assert small_cost < unread < large_cost


@pytest.mark.parametrize("engine", ["joyvasa", "joyhallo"])
def test_small_random_weights_are_judged_by_their_own_operations(
    engine: str, settings: Settings, tmp_path: Path
) -> None:
    published = cost(engine, 4.0, settings)
    known = registry.weights_of(engine)
    for _ in known.synthesize(known.catalogue.folder(tmp_path / "weights"), "tiny", "v1:"):
        pass
    report = report_weights(engine)
    assert report is not None
    assert report.tiny
    assert cost(engine, 4.0, settings) < published / 10
    assert cost(engine, 4.0, settings) < 60
