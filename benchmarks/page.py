"""Measures how quickly the page responds: python -m benchmarks.page

`python app.py` is started in a process of its own and visited by a headless Chromium: from the start of the
process to a button that can be pressed, from a click on a tab to its screen, and from a click on "Cancel" to
the moment when the unfinished file is gone, which is when the engine has let go of the job.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.figures import ROOT, Figure, report_from_a_folder
from benchmarks.speed import PORTRAIT, make_voice

FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
PATIENCE = 60.0
TABS = (("JoyVASA", "joyvasa"), ("JoyHallo", "joyhallo"), ("Express", "preview"))


@contextmanager
def page_of(folder: Path) -> Iterator[tuple[str, float]]:
    """`python app.py` on a free port: its address, and when the process was started."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = {"JOYSTUDIO_PORT": str(port), "JOYSTUDIO_OUTPUTS": str(folder / "outputs")}
    began = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "app.py"],
        cwd=ROOT,
        env=os.environ | settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}", began
    finally:
        process.terminate()
        process.wait()


def open_when_there(page: Page, address: str) -> None:
    """Open the page as soon as it listens. Raises TimeoutError if it never does."""
    deadline = time.monotonic() + PATIENCE
    host, _, port = address.removeprefix("http://").partition(":")
    while time.monotonic() < deadline:
        try:  # not with the browser, whose error pages would take the server's CPU time
            socket.create_connection((host, int(port)), timeout=1.0).close()
        except OSError:
            time.sleep(0.02)
            continue
        page.goto(address)
        page.locator("#preview-generate").wait_for()
        return
    raise TimeoutError(f"The page did not open within {PATIENCE:g} s.")


def cancelled(page: Page, outputs: Path, voice: Path) -> float:
    """Seconds from the click on "Cancel", in the middle of a long voice, to the end of the work."""
    page.locator("#page-portrait input[type=file]").set_input_files(PORTRAIT)
    page.locator("#page-voice input[type=file]").set_input_files(voice)
    page.locator("#page-consent input").check()
    page.locator("#page-voice .waveform-container, #page-voice audio").first.wait_for(state="attached")
    page.locator("#preview-generate").click()
    page.locator("#preview-progress").get_by_text("Rendering").wait_for()
    began = time.monotonic()
    page.locator("#preview-cancel").click()
    while any(path.is_file() and "sqlite" not in path.name for path in outputs.rglob("*")):
        if time.monotonic() - began > PATIENCE:
            raise TimeoutError(f"The work went on for {PATIENCE:g} s.")
        time.sleep(0.005)
    return time.monotonic() - began


def figures(folder: Path) -> Iterator[Figure]:
    """Measure, one figure after the other."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        page = chromium.new_page(viewport={"width": 1440, "height": 900})
        with page_of(folder) as (address, began):
            open_when_there(page, address)
            first = time.monotonic() - began
            yield Figure("`python app.py` to a page that can be used", first, "s", 6.0, at_least=False)
            slowest = 0.0
            for name, engine in TABS * 2:
                began = time.monotonic()
                page.get_by_role("tab", name=name).click()
                page.locator(f"#{engine}-generate").wait_for()
                slowest = max(slowest, time.monotonic() - began)
            yield Figure("another tab, the slowest of six", slowest, "s", 0.5, at_least=False)
            seconds = cancelled(page, folder / "outputs", make_voice(120.0, folder / "long.wav"))
            yield Figure("Cancel to the end of the work", seconds, "s", 1.0, at_least=False)
        chromium.close()


if __name__ == "__main__":
    sys.exit(report_from_a_folder(__doc__ or "", figures))
