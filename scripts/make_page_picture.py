"""Make the picture of the page in the documentation: python -m scripts.make_page_picture

Starts the page, chooses an example portrait, makes a video with it, and takes a picture of the window. Needs
Chromium, as the benchmarks of the page do, and a font with Chinese characters.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from benchmarks.page import FLAGS, open_when_there, page_of

PICTURE = Path(__file__).resolve().parent.parent / "docs" / "images" / "page.jpg"
SIZE = {"width": 1280, "height": 900}
PATIENCE_MS = 300_000


def main() -> None:
    """Start, visit, choose, generate, write."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        page = chromium.new_page(viewport=SIZE)  # type: ignore[arg-type]
        with page_of(Path(folder)) as (address, _):
            open_when_there(page, address)
            picture = finished(page)
        chromium.close()
    Image.open(BytesIO(picture)).convert("RGB").save(PICTURE, quality=82, optimize=True, progressive=True)
    print(f"{PICTURE}: {PICTURE.stat().st_size // 1024} KB")


def finished(page: Page) -> bytes:
    """A PNG of the window with the finished video of the first example."""
    page.set_default_timeout(PATIENCE_MS)
    page.locator("#page-portrait-examples button").first.click()
    page.locator("#page-voice audio").first.wait_for(state="attached")
    page.locator("#page-consent input").check()
    page.locator("#preview-generate").click()
    page.locator('#preview-progress [data-state="done"]').wait_for()
    page.evaluate("scrollTo(0, 0)")
    page.locator("video").first.wait_for()
    return page.screenshot(animations="disabled")


if __name__ == "__main__":
    main()
