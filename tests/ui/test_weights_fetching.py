"""Weights downloaded from the page, and the line about the machine; the Hub is on the loopback device."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engines import registry
from studio.settings import Settings
from studio.weights_fetch import Fetching, fetch_group
from tests.studio.hub import Hub
from tests.ui.served import served
from tests.ui.visit import PATIENCE, at, open_tab
from ui.app import build
from ui.components.device_strip import strip_html
from ui.components.fetch_job import fetching_bar
from ui.components.weights_panel import panel_html
from ui.tabs.animate import animate_tab

JOYVASA = "joyvasa"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = Settings(port=0, outputs=tmp_path_factory.mktemp("outputs"))
    with served(settings, build(settings, [animate_tab(registry.spec_of(JOYVASA))])) as url:
        yield url


@pytest.fixture
def tab(window: Page, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Page:
    monkeypatch.setenv("JOYSTUDIO_WEIGHTS", str(tmp_path / "weights"))
    window.goto(url)
    open_tab(window, "JoyVASA", JOYVASA)
    return window


def test_the_strip_names_device_memory_and_jobs_and_a_click_downloads_a_group(tab: Page, hub: Hub) -> None:
    expect(tab.locator("#device-strip")).to_contain_text(
        re.compile(r"CPU, \d+ cores.*memory.*GB.*no jobs running")
    )
    assert "jobs: 1 running, 0 waiting" in strip_html(Settings(), 1)
    busy = strip_html(Settings(), 2, 3)
    assert "jobs: 2 running, 3 waiting" in busy
    assert "任务：运行 2 个，排队 3 个" in busy
    assert "GPU (cuda:1)" in strip_html(Settings(device="cuda:1"))

    button = at(tab, "fetch-engine", JOYVASA)
    expect(button).to_have_text("Get JoyVASA, 1.05 GB")
    card = at(tab, "weights .get-engine", JOYVASA)
    for told in ("Get JoyVASA", "1.05 GB", "GB free", "10 s of video take about", "MIT", "--from FOLDER"):
        expect(card).to_contain_text(told)
    generate = at(tab, "generate", JOYVASA)
    expect(generate).to_be_disabled()
    expect(at(tab, "why", JOYVASA)).to_contain_text("until you get JoyVASA")
    expect(at(tab, "preview", JOYVASA)).to_be_enabled()
    expect(at(tab, "fetch-animal", JOYVASA)).to_be_hidden()  # folded
    expect(at(tab, "weights .problem", JOYVASA)).to_contain_text("This tab cannot make videos yet")
    hub.go.clear()
    button.click()
    progress = at(tab, "fetch-progress", JOYVASA)
    expect(progress).to_contain_text(re.compile(r"File 1 of \d+: motion_generator"))
    expect(button).to_be_hidden()
    expect(at(tab, "fetch-cancel", JOYVASA)).to_be_visible()
    tab.reload()  # the download belongs to its visitor
    expect(progress).to_contain_text(re.compile(r"File 1 of \d+: motion_generator"))
    expect(progress).to_contain_text(re.compile(r"Nothing has come for \d+ s"))
    expect(button).to_be_hidden()
    expect(at(tab, "fetch-cancel", JOYVASA)).to_be_visible()
    expect(tab.locator("#job-tray li")).to_contain_text("Get JoyVASA")
    hub.go.set()
    expect(tab.locator(".toast-body")).to_contain_text("The weights are installed")
    expect(at(tab, "weights .problem", JOYVASA)).to_have_count(0)
    expect(button).to_be_hidden()
    expect(progress).to_be_hidden()
    expect(generate).to_be_enabled()
    expect(at(tab, "why", JOYVASA)).not_to_contain_text("until you get")
    at(tab, "fetch-buttons", JOYVASA).get_by_text("More downloads").click()
    expect(at(tab, "fetch-animal", JOYVASA)).to_be_visible()  # still missing


def test_a_fetch_can_be_cancelled_and_an_error_is_a_toast_and_can_be_tried_again(
    tab: Page, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = threading.Event()

    def watched(engine: str, group: str) -> Iterator[Fetching]:
        try:
            yield from fetch_group(engine, group)
        finally:
            closed.set()

    monkeypatch.setattr("ui.components.fetch_job.fetch_group", watched)
    hub.go.clear()
    at(tab, "fetch-engine", JOYVASA).click()
    expect(at(tab, "fetch-progress", JOYVASA)).to_contain_text("File 1 of")
    at(tab, "fetch-cancel", JOYVASA).click()
    expect(at(tab, "fetch-engine", JOYVASA)).to_be_visible()
    expect(at(tab, "fetch-cancel", JOYVASA)).to_be_hidden()
    expect(at(tab, "fetch-progress", JOYVASA)).to_contain_text("What was downloaded is kept")
    assert closed.wait(PATIENCE / 1000)
    hub.go.set()
    assert len(hub.asked) <= 1

    hub.refuses = True
    at(tab, "fetch-engine", JOYVASA).click()
    expect(tab.locator(".toast-body")).to_contain_text("could not be downloaded from")
    expect(at(tab, "fetch-engine", JOYVASA)).to_be_visible()
    expect(at(tab, "fetch-progress", JOYVASA)).to_be_hidden()
    hub.refuses = False
    at(tab, "fetch-engine", JOYVASA).click()
    expect(at(tab, "weights .problem", JOYVASA)).to_have_count(0)


def test_visitors_from_elsewhere_may_not_fetch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPACE_ID", raising=False)
    assert Settings().page_may_fetch
    assert not Settings(host="0.0.0.0").page_may_fetch
    assert not Settings(allowed_hosts="studio.example.org").page_may_fetch
    assert Settings(host="0.0.0.0", fetch_weights="always").page_may_fetch
    assert not Settings(fetch_weights="never").page_may_fetch
    monkeypatch.setenv("SPACE_ID", "me/studio")
    assert not Settings().page_may_fetch


def test_only_those_who_may_download_see_how_much_room_the_disk_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPACE_ID", raising=False)
    monkeypatch.setenv("JOYSTUDIO_WEIGHTS", str(tmp_path))
    here = panel_html(JOYVASA, Settings(), timed=False)
    elsewhere = panel_html(JOYVASA, Settings(host="0.0.0.0"), timed=False)
    assert "GB free" in here
    assert "GB free" not in elsewhere
    assert "Download: 1.05 GB" in here
    assert "Download: 1.05 GB" in elsewhere


def test_the_bytes_of_a_download_are_shown_in_both_languages() -> None:
    known = fetching_bar(Fetching("JoyVASA/g.pt", 2, 7, 5_000_000, 414_000_000))
    assert "File 2 of 7: g.pt, 5.0 of 414.0 MB" in known
    assert "第 2 / 7 个文件：g.pt，5.0 / 414.0 MB" in known
    unknown = fetching_bar(Fetching("JoyVASA/g.pt", 2, 7, 5_000_000, None))
    assert "第 2 / 7 个文件：g.pt，5.0 MB" in unknown
