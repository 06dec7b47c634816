"""Opens a page of a report in Chromium and reports what it did: python visit_report.py FILE WIDTH.

A process of its own, since only one browser driver can run in one.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright


def main(path: str, width: str) -> None:
    found = os.environ.get("CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    asked: list[str] = []
    faults: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": int(width), "height": 900})
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: faults.append(message.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(Path(path).resolve().as_uri())
        told = {
            "asked": asked,
            "faults": faults,
            "text": page.inner_text("body"),
            "plots": page.locator("svg").count(),
            "dots": page.locator("circle").count(),
            "videos": page.evaluate(
                """() => Promise.all([...document.querySelectorAll('video')].map(async video => {
                    if (video.readyState < 1) await new Promise(done => { video.onloadedmetadata = done; });
                    return video.duration;
                }))"""
            ),
            "too_wide": page.evaluate("document.documentElement.scrollWidth - innerWidth"),
        }
        browser.close()
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
