"""Files from ModelScope: only those that are published there, checked, and resumed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engines.joyvasa.weights.catalogue import FILES as JOYVASA_FILES
from engines.weights.catalogue import WeightFile, WeightFolder
from engines.weights.download import download, fetch
from engines.weights.modelscope import REPOSITORIES, address_of
from media.errors import WeightsError, WeightsMissing
from tests.engines.weights.test_download import GENERATOR, PAINTER
from tests.studio.hub import Hub

LIVEPORTRAIT = "KlingTeam/LivePortrait"
THERE = replace(PAINTER, repository=LIVEPORTRAIT, megabytes=0.3)


@pytest.fixture(autouse=True)
def wanted(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """ModelScope is on the same loopback address as the Hub."""
    from huggingface_hub import constants

    monkeypatch.setenv("JOYSTUDIO_WEIGHTS_HUB", "modelscope")
    monkeypatch.setenv("MODELSCOPE_DOMAIN", constants.ENDPOINT)


def test_what_is_published_there_comes_from_there_and_the_rest_from_the_hub(
    tmp_path: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = WeightFolder(tmp_path, "top")
    got = [path for _, path in download([THERE, GENERATOR], folder)]
    assert hub.asked == [("AI-ModelScope/LivePortrait", THERE.name), ("jdh-algo/JoyVASA", GENERATOR.name)]
    assert [path.read_bytes() for path in got] == [b"w" * hub.size] * 2
    monkeypatch.setenv("JOYSTUDIO_WEIGHTS_HUB", "huggingface")
    assert address_of(THERE) is None


def test_a_file_that_is_not_the_published_one_is_not_kept(tmp_path: Path) -> None:
    def judged(file: WeightFile, path: Path) -> str:
        return "A tensor is missing."

    for file, told in (
        (THERE, "A tensor is missing"),
        (replace(THERE, megabytes=414), "0.3 MB instead of 414"),
    ):
        with pytest.raises(WeightsError, match=f"is not the published file. .*{told}.*JOYSTUDIO_WEIGHTS_HUB"):
            fetch(file, tmp_path, check=judged)
        assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_it_resumes_after_a_stall(tmp_path: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    part = tmp_path / Path(THERE.name).parent / ".p.pth.modelscope"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"w" * 100_000)
    hub.stalls[THERE.name] = 200_000
    monkeypatch.setattr(constants, "HF_HUB_DOWNLOAD_TIMEOUT", 0.5)
    assert fetch(THERE, tmp_path).read_bytes() == b"w" * hub.size
    assert hub.ranges[THERE.name][0] == 100_000
    assert not part.exists()


def test_a_silent_modelscope_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELSCOPE_DOMAIN", "http://127.0.0.1:9")
    with pytest.raises(
        WeightsMissing, match=r"could not be downloaded from http://127\.0\.0\.1:9/models/AI-M"
    ):
        list(download([THERE], WeightFolder(tmp_path, "top")))
    monkeypatch.setenv("MODELSCOPE_DOMAIN", "www.modelscope.cn")
    assert str(address_of(THERE)).startswith("https://www.modelscope.cn/models/AI-ModelScope/LivePortrait/")


def test_every_repository_is_one_of_the_catalogues() -> None:
    from engines.joyhallo.weights.catalogue import CATALOGUE

    assert set(REPOSITORIES) <= {file.repository for file in (*JOYVASA_FILES, *CATALOGUE.files)}
