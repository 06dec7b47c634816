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

from playwright.sync_api import Page, expect

from tests.ui.rehearsal import ENGINE
from tests.ui.visit import PATIENCE, Files, agree, at, give
from ui.uploads import FOLDER

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port


@contextmanager
def server(folder: Path, port: int, **more: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A real server at a port of its own, and its address. more: for its environment."""
    settings = {
        "TMPDIR": str(folder),
        "JOYSTUDIO_OUTPUTS": str(folder / "outputs"),
        "JOYSTUDIO_PORT": str(port),
        "PYTHONUNBUFFERED": "1",
    }
    environment = {name: value for name, value in os.environ.items() if name != FOLDER}
    environment |= settings | more
    with subprocess.Popen(
        [sys.executable, "-m", "tests.ui.unhurried_app"], cwd=ROOT, env=environment, text=True,
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


def tries(job: Path) -> int:
    """How often a job was interrupted in the middle of its work."""
    return len(list(job.glob("try-*")))


def open_at(page: Page, address: str) -> None:
    page.goto(address)
    at(page, "generate").wait_for()


def gallery(page: Page) -> None:
    page.get_by_role("tab", name="Gallery").click()
    at(page, "hint", "gallery").wait_for()


def begin(page: Page, files: Files, folder: Path) -> None:
    """Ask for a video that takes long, and wait until it is at work."""
    ask(page, files)
    wait_until_at_work(page, folder)
    assert len(waiting(folder)) == 1


def ask(page: Page, files: Files) -> None:
    agree(page)
    give(page, files.portrait, files.long_voice)
    at(page, "generate").click()


def wait_until_at_work(page: Page, folder: Path) -> None:
    page.locator(f"#{ENGINE}-progress .job.running").wait_for()
    wait_for(page, lambda: bool(list((folder / "outputs").glob(".joystudio-*.part"))))


def wait_for(page: Page, there: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE / 1000
    while not there():
        page.wait_for_timeout(20)
        assert time.monotonic() < deadline


def test_jobs_of_a_killed_page_continue_or_are_offered_to_their_visitor(
    window: Page, stranger: Page, files: Files, tmp_path: Path
) -> None:
    port = free_port()
    with server(tmp_path, port) as (process, address):
        open_at(window, address)
        begin(window, files, tmp_path)
        second = window.context.new_page()
        open_at(second, address)
        ask(second, files)
        wait_for(second, lambda: len(waiting(tmp_path)) == 2)  # it waits for its turn
        process.kill()
        process.wait()
        window.goto("about:blank")
        second.close()
    (job,) = (one for one in waiting(tmp_path) if tries(one) == 1)
    (other,) = (one for one in waiting(tmp_path) if tries(one) == 0)
    jobs, told = window.locator("#job-tray li"), window.locator(".tray-interrupted")
    with server(tmp_path, port) as (process, address):
        assert not list((tmp_path / "outputs").glob(".joystudio-*.part"))
        open_at(window, address)
        expect(window.locator(".toast-body")).to_contain_text("Your 2 jobs are in the queue again")
        expect(jobs).to_have_count(2)
        expect(told).to_have_count(0)
        open_at(stranger, address)
        expect(stranger.locator("#job-tray li")).to_have_count(0)
        wait_until_at_work(window, tmp_path)
        process.kill()
        process.wait()
        window.goto("about:blank")
    assert (tries(job), tries(other)) == (2, 0)
    shutil.copytree(job, tmp_path / "copy")
    for one in (other, tmp_path / "copy"):
        shutil.copy(files.voice, next((one / "voice").iterdir()))  # the long one would take two minutes
    with server(tmp_path, port) as (process, address):
        for page in (stranger, window):
            open_at(page, address)
        expect(window.locator(".toast-body")).to_contain_text("Your job is in the queue again")
        expect(at(window, 'progress [data-state="done"]')).to_be_visible()  # the one that had waited
        for page in (stranger, window):
            gallery(page)
        expect(window.locator("#gallery-stills button img")).to_have_count(1)
        expect(stranger.locator(".tray-interrupted")).to_have_count(0)
        expect(told).to_contain_text("1 job was interrupted when the page stopped. Open the gallery")
        notice = at(window, "interrupted-text", "gallery")
        expect(notice).to_contain_text("1 job was interrupted")
        expect(at(stranger, "interrupted-text", "gallery")).not_to_be_visible()
        at(window, "discard-interrupted", "gallery").click()
        expect(notice).not_to_be_visible()
        expect(told).to_have_count(0)
        assert waiting(tmp_path) == []

        shutil.move(tmp_path / "copy", job)
        window.get_by_role("tab", name="Rehearsal").click()
        gallery(window)
        expect(notice).to_contain_text("1 job was interrupted")
        at(window, "make-interrupted", "gallery").click()
        expect(window.locator("#gallery-stills button img")).to_have_count(2)
        expect(notice).not_to_be_visible()
        assert waiting(tmp_path) == []
        assert len(list((tmp_path / "outputs").glob("*.mp4"))) == 2

        window.get_by_role("tab", name="Rehearsal").click()
        begin(window, files, tmp_path)
        at(window, "cancel").click()
        wait_for(window, lambda: not waiting(tmp_path))
        at(window, "generate").click()
        wait_until_at_work(window, tmp_path)
        process.send_signal(signal.SIGTERM)  # a restart by a service manager
        assert process.wait(60) == 0
    assert len(waiting(tmp_path)) == 1
    assert not list((tmp_path / "outputs").glob(".joystudio-*.part"))
    assert tries(waiting(tmp_path)[0]) == 0  # a restart is no fault of the job
