"""A browser window in which a file's visitors sit one after another.

A window of their own would cost each of them more than the page does.
"""

from __future__ import annotations

from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize

from tests.ui.visit import PATIENCE, Site, watch_policy

SCREEN: ViewportSize = {"width": 1440, "height": 900}


def new_context(browser: Browser) -> BrowserContext:
    """Cookies, storage and cache that no other visitor shares."""
    context = browser.new_context(viewport=SCREEN)
    context.set_default_timeout(PATIENCE)
    return context


class Seat:
    """The window, and what its pages tried against their Content-Security-Policy since a visitor came."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._page: Page | None = None
        self.broken: list[str] = []

    def page(self) -> Page:
        """An empty page; a new window if a visitor closed the last one."""
        self.broken.clear()
        if self._page is None:
            context = new_context(self._browser)
            self.broken = watch_policy(context)
            self._page = context.new_page()
        return self._page

    def leave(self, site: Site) -> None:
        """Close the page as a visitor does, and forget everything that it keeps in a browser."""
        page = self._page
        if page is None or page.is_closed() or page.context.pages != [page]:
            self.close()
            return
        page.goto("about:blank")
        page.set_viewport_size(SCREEN)
        page.context.clear_cookies()
        session = page.context.new_cdp_session(page)
        session.send("Storage.clearDataForOrigin", {"origin": site.url.rstrip("/"), "storageTypes": "all"})
        session.detach()

    def close(self) -> None:
        if self._page is not None:
            self._page.context.close()
            self._page = None
