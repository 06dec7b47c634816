"""Who sees which videos in a browser, where several people log in."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

from studio.settings import Settings
from tests.fake_engine import registered
from tests.ui.rehearsal import Rehearsal
from tests.ui.server.serving import serving
from tests.ui.server.test_login import ACCOUNTS, ANN, BEN
from tests.ui.test_gallery import open_gallery
from tests.ui.visit import Files, agree, at, finish, give
from ui.app import build
from ui.server.logins import Logins
from ui.tabs.animate import animate_tab
from ui.tabs.gallery import gallery_tab


def visit(page: Page, url: str, name: str, password: str) -> None:
    """Log in with a browser."""
    page.goto(url)
    page.locator("input, textarea").nth(0).fill(name)
    page.locator("input[type=password]").fill(password)
    page.get_by_role("button", name="Login").click()
    at(page, "generate").wait_for()


def test_users_who_share_a_name_do_not_see_each_others_videos(
    window: Page, stranger: Page, files: Files, tmp_path: Path
) -> None:
    rehearsal = Rehearsal()
    rehearsal.reset()
    spec, _ = rehearsal.specs()
    with registered(spec):
        settings = Settings(port=0, outputs=tmp_path)
        page = build(settings, [animate_tab(spec), gallery_tab()])
        with serving(settings, page, auth=Logins(ACCOUNTS).check) as url:
            visit(window, url, *ANN)
            agree(window)
            give(window, files.portrait, files.voice)
            finish(window)
            open_gallery(window, 1)
            visit(stranger, url, *ANN)
            open_gallery(stranger, 0)
            window.get_by_role("link", name="Log out").click()
            window.locator("input[type=password]").wait_for()
            visit(window, url, *BEN)
            open_gallery(window, 0)
            window.goto(f"{url}logout")
            visit(window, url, *ANN)
            open_gallery(window, 1)
