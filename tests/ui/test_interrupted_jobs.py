"""A page that is killed during a visitor's job and started again: the same browser resumes the job."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.ui.visit import PATIENCE, Files, agree, at, give
from ui.uploads import FOLDER

ROOT = Path(__file__).resolve().parents[2]
ENGINE = "preview"


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port


@contextmanager
def server(folder: Path, port: int) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A real server at a port of its own, and its address."""
    settings = {
        "TMPDIR": str(folder),
        "JOYSTUDIO_OUTPUTS": str(folder / "outputs"),
        "JOYSTUDIO_PORT": str(port),
        "PYTHONUNBUFFERED": "1",
    }
    environment = {name: value for name, value in os.environ.items() if name != FOLDER} | settings
    with subprocess.Popen(
        [sys.executable, "app.py"], cwd=ROOT, env=environment, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if found := re.search(r"http://[\d.]+:\d+", line):
                    yield process, found.group()
                    break
        finally:
            process.kill()


def waiting(folder: Path) -> list[Path]:
    return sorted((folder / "outputs" / "waiting").glob("[0-9a-f]*"))


def opened(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.goto(address)
    at(page, "generate", ENGINE).wait_for()
    return page


def gallery(page: Page) -> None:
    page.get_by_role("tab", name="Gallery").click()
    at(page, "hint", "gallery").wait_for()


def begin(page: Page, files: Files, folder: Path) -> None:
    """Ask for a video that takes long, and wait until it is at work."""
    ask(page, files)
    wait_until_at_work(page, folder)
    assert len(waiting(folder)) == 1


def ask(page: Page, files: Files) -> None:
    agree(page, ENGINE)
    give(page, files.portrait, files.long_voice, ENGINE)
    at(page, "generate", ENGINE).click()


def wait_until_at_work(page: Page, folder: Path) -> None:
    page.locator(f"#{ENGINE}-progress .job.running").wait_for()
    wait_for(page, lambda: bool(list((folder / "outputs").glob(".joystudio-*.part"))))


def wait_for(page: Page, there: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE / 1000
    while not there():
        page.wait_for_timeout(20)
        assert time.monotonic() < deadline


@pytest.fixture
def other(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context()
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


def test_a_killed_page_gives_its_jobs_back_to_who_asked_for_them(
    context: BrowserContext, other: BrowserContext, files: Files, tmp_path: Path
) -> None:
    port = free_port()
    with server(tmp_path, port) as (process, address):
        page = opened(context, address)
        begin(page, files, tmp_path)
        second = opened(context, address)
        ask(second, files)
        wait_for(second, lambda: len(waiting(tmp_path)) == 2)  # it waits for its turn
        process.kill()
        process.wait()
        page.close()
        second.close()
    job, _ = waiting(tmp_path)
    shutil.copytree(job, tmp_path / "copy")
    with server(tmp_path, port) as (process, address):
        assert not list((tmp_path / "outputs").glob(".joystudio-*.part"))
        stranger, page = opened(other, address), opened(context, address)
        for one in (stranger, page):
            gallery(one)
        notice = at(page, "interrupted-text", "gallery")
        expect(notice).to_contain_text("2 jobs were interrupted")
        expect(at(stranger, "interrupted-text", "gallery")).not_to_be_visible()
        at(page, "discard-interrupted", "gallery").click()
        expect(notice).not_to_be_visible()
        assert waiting(tmp_path) == []

        shutil.move(tmp_path / "copy", job)
        shutil.copy(files.voice, next((job / "voice").iterdir()))  # the long one would take a minute
        page.get_by_role("tab", name="Preview").click()
        gallery(page)
        expect(notice).to_contain_text("1 job was interrupted")
        at(page, "make-interrupted", "gallery").click()
        expect(page.locator("#gallery-stills button img")).to_have_count(1)
        expect(notice).not_to_be_visible()
        assert waiting(tmp_path) == []
        assert len(list((tmp_path / "outputs").glob("*.mp4"))) == 1

        page.get_by_role("tab", name="Preview").click()
        begin(page, files, tmp_path)
        at(page, "cancel", ENGINE).click()
        wait_for(page, lambda: not waiting(tmp_path))
        at(page, "generate", ENGINE).click()
        wait_until_at_work(page, tmp_path)
        process.send_signal(signal.SIGTERM)  # a restart by a service manager
        assert process.wait(60) == 0
    assert len(waiting(tmp_path)) == 1
    assert not list((tmp_path / "outputs").glob(".joystudio-*.part"))
