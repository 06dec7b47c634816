"""What a browser lets other websites do with a running page: link to it, and nothing else."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext

from studio.settings import Settings
from tests.ui.server.serving import serving
from tests.ui.visit import watch_policy


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving() as url:
        yield url


class Neighbour(http.server.BaseHTTPRequestHandler):
    """Another website, on another port of this machine."""

    body = b""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@contextmanager
def neighbour(body: str) -> Iterator[str]:
    """The address of another website, cross-site by another of the machine's names."""
    handler = type("Handler", (Neighbour,), {"body": body.encode()})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()


def test_a_website_in_a_real_browser_reaches_nothing_but_can_link_to_the_page(
    url: str, context: BrowserContext
) -> None:
    page = context.new_page()
    with neighbour(f'<a href="{url}">Open</a>') as address:
        page.goto(address)
        asked = """async ([url, how]) => {
            try { const answer = await fetch(url, how); return [answer.type, await answer.text()]; }
            catch (error) { return [String(error), ""]; }
        }"""
        for how in ({}, {"credentials": "include"}, {"method": "POST", "body": "{}"}):
            said, body = page.evaluate(asked, [url + "config", how])
            assert "Failed to fetch" in said
            assert body == ""
        page.get_by_role("link").click()
        page.locator("#say").wait_for()
    assert page.url == url


@pytest.mark.parametrize("space", [False, True])
def test_only_the_hub_shows_the_page_in_a_frame_and_only_a_space(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, space: bool
) -> None:
    """The Hub is a page that the browser is given under its name; a page from afar needs leave to ask us."""
    if space:
        monkeypatch.setenv("SPACE_ID", "ann/studio")
        monkeypatch.setenv("SPACE_HOST", "ann-studio.hf.space")
    settings = Settings(port=0)
    with serving(settings, server_name="127.0.0.1") as url:
        policy = httpx.get(url).headers["content-security-policy"]
        assert ("https://huggingface.co https://*.hf.space" in policy) == space
        assert ("x-frame-options" in httpx.get(url).headers) == (not space)
        answer = httpx.get(url, headers={"Host": "ann-studio.hf.space"})
        assert answer.status_code == (200 if space else 403)
        with neighbour(f'<iframe src="{url}"></iframe>') as address:
            context = browser.new_context()
            context.grant_permissions(["local-network-access"])
            page = context.new_page()
            page.goto(address)
            page.wait_for_load_state("networkidle")
            assert page.frame_locator("iframe").locator("#say").count() == 0  # no stranger, on a Space either
            page.route(
                "https://huggingface.co/**",
                lambda route: route.fulfill(content_type="text/html", body=f'<iframe src="{url}"></iframe>'),
            )
            page.goto("https://huggingface.co/spaces/ann/studio")
            if space:
                page.frame_locator("iframe").locator("#say").wait_for()
            else:
                page.wait_for_load_state("networkidle")
                assert page.frame_locator("iframe").locator("#say").count() == 0
            context.close()


def test_a_script_that_the_page_did_not_bring_is_not_run(url: str, browser: Browser) -> None:
    context = browser.new_context()
    broken = watch_policy(context)
    page = context.new_page()
    page.goto(url)
    page.locator("#say").wait_for()
    assert broken == []
    page.evaluate(
        """() => {
            document.body.insertAdjacentHTML("beforeend", `<img src="data:," onerror="window.hit = 1">`);
            const script = document.createElement("script");
            script.textContent = "window.hit = 2";
            document.body.append(script);
        }"""
    )
    page.wait_for_function("() => document.querySelector('img[onerror]').complete")
    assert page.evaluate("() => window.hit") is None
    assert len(broken) == 2
    context.close()
