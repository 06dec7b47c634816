"""Browser windows in which one visitor after another sits.

A browser or a window of their own would cost each of them more than the page does.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Frame, Page, ViewportSize, expect, sync_playwright

from tests.ui.visit import PATIENCE, watch_policy

SCREEN: ViewportSize = {"width": 1440, "height": 900}
FEATURES_OFF = (
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup",
    # Chromium heeds the last list only, so those that Playwright turns off are here again.
    "AimEnabled", "AvoidCorsURLLoaderRestartOnRedirect", "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose", "HttpsFirstBalancedModeAutoEnable", "HttpsUpgrades", "LensOverlay",
    "MediaRouter", "NetworkTimeServiceQuerying", "OptimizationHints", "PaintHolding", "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)  # fmt: skip
"""Chromium draws the suggestions of its address bar as two pages of their own, in every window that it opens.
They would cost a visit as much as the page does."""
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-features=" + ",".join(FEATURES_OFF),
)


def new_context(browser: Browser) -> BrowserContext:
    """Cookies, storage and cache that no other visitor shares."""
    context = browser.new_context(viewport=SCREEN)
    context.set_default_timeout(PATIENCE)
    # The page asks before given inputs are lost; without an answer, the page would not be left.
    context.on("dialog", lambda dialog: dialog.accept())
    return context


class Seat:
    """A window, and what its pages tried against their Content-Security-Policy since a visitor came."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._page: Page | None = None
        self._seen: set[str] = set()
        self.broken: list[str] = []

    def page(self) -> Page:
        """An empty page; a new window if a visitor closed the last one."""
        self.broken.clear()
        if self._page is None:
            context = new_context(self._browser)
            self.broken = watch_policy(context)
            self._page = context.new_page()
            self._page.on("framenavigated", self._see)
        return self._page

    def _see(self, frame: Frame) -> None:
        parts = urlsplit(frame.url)
        if parts.scheme == "http":
            self._seen.add(f"{parts.scheme}://{parts.netloc}")

    def leave(self) -> None:
        """Close the page as a visitor does, and forget all that it keeps in a browser but its cache."""
        page = self._page
        if page is None or page.is_closed() or page.context.pages != [page]:
            self.close()
            return
        page.goto("about:blank")
        page.set_viewport_size(SCREEN)
        page.context.clear_cookies()
        session = page.context.new_cdp_session(page)
        for origin in self._seen:
            session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        self._seen.clear()
        session.detach()

    def close(self) -> None:
        if self._page is not None:
            self._page.context.close()
            self._page = None


class Chromium:
    """One browser for file after file of tests, with a seat for a visitor and one for another visitor.

    While it is open, an event loop runs in its thread, which tests without a browser cannot bear.
    """

    def __init__(self) -> None:
        self._opened = ExitStack()
        self._browser: Browser | None = None
        self._launch: Callable[..., Browser] | None = None
        self._seats: dict[str, Seat] = {}

    def browser(self) -> Browser:
        """The open one; a new one if there is none or it has died."""
        if self._browser is not None and not self._browser.is_connected():
            self.close()
        if self._browser is None:
            found = os.environ.get("CHROMIUM") or next(
                filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
            )
            expect.set_options(timeout=PATIENCE)
            playwright = self._opened.enter_context(sync_playwright())
            self._launch = partial(playwright.chromium.launch, executable_path=found)
            self._browser = self._launch(args=list(FLAGS))
            self._opened.callback(self._browser.close)
        return self._browser

    def another(self, *flags: str) -> Browser:
        """A browser with more flags, for the caller to close."""
        self.browser()
        assert self._launch is not None
        return self._launch(args=[*FLAGS, *flags])

    def seat(self, name: str) -> Seat:
        """The window of that name, which stays when a visitor leaves."""
        browser = self.browser()
        return self._seats.setdefault(name, Seat(browser))

    def close(self) -> None:
        """Close it, if it is open."""
        self._seats.clear()
        self._browser = None
        self._opened.close()
