"""Measures how late a live portrait is in a browser: python -m benchmarks.live_page

`python app.py` is visited by a headless Chromium whose microphone plays a recording. The page says of each
picture how long ago its sound came in; it knows, because that sound comes back sample for sample. Delays
are wall time, and depend on everything else that this machine does.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

from benchmarks.figures import Figure, report_from_a_folder
from benchmarks.page import FLAGS, PATIENCE, open_when_there, page_of
from benchmarks.speed import PORTRAIT, make_voice

SECONDS = 20
USUAL, LATE = 160.0, 170.0
"""The gates of the median and of 95 of 100 pictures, in milliseconds."""
LISTEN = """() => {
    window.delays = [];
    const add = ({ detail }) => { if (detail !== null) window.delays.push(1000 * detail); };
    document.querySelector("#live-stage canvas").addEventListener("live-picture", add);
}"""


def delays(page: Page) -> np.ndarray:
    """Milliseconds from the microphone to each picture, without the first ones, while the page settles."""
    page.locator("#page-portrait input[type=file]").set_input_files(PORTRAIT)
    page.locator("#page-consent input").check()
    page.locator("#page-portrait-overlay .face-box").first.wait_for()
    page.get_by_role("tab", name="Live").click()
    page.evaluate(LISTEN)
    page.locator("#live-start").click()
    page.wait_for_function("delays.length > 50", timeout=1000 * PATIENCE)
    page.evaluate("delays.length = 0")
    page.wait_for_timeout(1000 * SECONDS)
    return np.array(page.evaluate("delays"), float)


def figures(folder: Path) -> Iterator[Figure]:
    """Measure, one figure after the other."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    said = make_voice(10.0, folder / "said.wav")
    heard = ("--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={said}")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=[*FLAGS, *heard])
        context = chromium.new_context(permissions=["microphone"])
        page = context.new_page()
        with page_of(folder) as (address, _):
            open_when_there(page, address)
            late = delays(page)
        chromium.close()
    share = len(late) / (25 * SECONDS)
    yield Figure("pictures whose sound was found again, of all", share, "", 0.5)
    yield Figure("microphone to picture, median", float(np.median(late)), "ms", USUAL, at_least=False)
    worst = float(np.percentile(late, 95))
    yield Figure("microphone to picture, 95 of 100", worst, "ms", LATE, at_least=False)


if __name__ == "__main__":
    sys.exit(report_from_a_folder(__doc__ or "", figures))
