"""Weights downloaded from a Hub on this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engines.joyvasa.weights import catalogue as weights
from media.errors import OptionError, WeightsMissing
from studio import weights_fetch
from studio.weights_fetch import Fetching, fetch_group
from studio.weights_report import report_weights
from tests.studio.hub import Hub

JOYVASA = "joyvasa"
LANDMARK = "liveportrait/landmark.onnx"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hub: Hub) -> Iterator[Path]:
    """The folder of weights. No download of the test outlives it: the Hub's client is one for all."""
    monkeypatch.setenv("JOYSTUDIO_WEIGHTS", str(tmp_path / "weights"))
    yield tmp_path / "weights"
    hub.go.set()
    hub.ended.set()
    for thread in threading.enumerate():
        if thread.name == "joystudio-fetch":
            thread.join(30)


def missing(group: str) -> int:
    report = report_weights(JOYVASA)
    assert report is not None
    return next(one for one in report.groups if one.name == group).missing


def test_a_group_is_fetched_and_reported(root: Path, hub: Hub) -> None:
    before = missing(weights.HUMAN)
    assert before > 3
    news: list[Fetching] = list(fetch_group(JOYVASA, weights.HUMAN))
    assert missing(weights.HUMAN) == 0
    assert [one.number for one in news] == sorted(one.number for one in news)
    assert news[-1].number == news[-1].files == before
    assert news[-1].received == news[-1].total == hub.size
    assert set(hub.asked) == {(f.repository, f.name) for f in weights.FILES if weights.HUMAN in f.groups}
    hub.asked.clear()
    list(fetch_group(JOYVASA, weights.HUMAN))
    assert hub.asked == []  # what is here is not fetched again


def test_a_refusal_of_the_hub_is_reported(root: Path, hub: Hub) -> None:
    hub.refuses = True
    with pytest.raises(WeightsMissing, match="could not be downloaded from"):
        list(fetch_group(JOYVASA, weights.HUMAN))
    assert missing(weights.HUMAN) > 3


def test_closing_stops_after_the_file_that_is_under_way(root: Path, hub: Hub) -> None:
    hub.go.clear()
    news = fetch_group(JOYVASA, weights.HUMAN)
    first = next(news)
    assert (first.number, first.received) == (1, 0)
    news.close()
    hub.go.set()
    assert len(set(hub.asked)) <= 1


def test_a_hub_that_stalls_within_a_file_is_told_and_the_download_resumes(
    root: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_DOWNLOAD_TIMEOUT", 3.0)
    piece = constants.DOWNLOAD_CHUNK_SIZE
    hub.size, hub.stalls[LANDMARK] = piece + 200_000, piece + 100_000
    news = list(fetch_group(JOYVASA, weights.LANDMARKS))
    assert max(one.silent for one in news) > 0.4
    assert news[-1].received == hub.size
    assert hub.ranges[LANDMARK] == [0, piece]  # the second request begins where the first one stopped
    assert missing(weights.LANDMARKS) == 0


def test_a_hub_that_never_goes_on_ends_the_download(
    root: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights_fetch, "MOST_SILENT", 0.8)
    hub.stalls[LANDMARK] = 100_000
    with pytest.raises(WeightsMissing, match=r"incomplete: nothing has come for \d+ seconds.*resumes"):
        list(fetch_group(JOYVASA, weights.LANDMARKS))


def test_an_unknown_group_is_refused() -> None:
    with pytest.raises(OptionError, match="There is no group"):
        next(fetch_group(JOYVASA, "everything"))
