"""What "Use via API" shows in a browser."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from engines import registry
from studio.settings import Settings
from tests.ui.served import served
from ui.app import build
from ui.tabs.animate import animate_tab


def test_the_page_shows_examples_that_run_as_they_stand(window: Page, tmp_path: Path) -> None:
    """test_api_examples.py runs them."""
    settings = Settings(port=0, outputs=tmp_path)
    with served(settings, build(settings, [animate_tab(registry.spec_of("preview"))])) as url:
        window.goto(url)
        window.get_by_role("button", name="Use via API").click()
        shown = window.locator("pre").filter(has_text="handle_file").filter(has_text="/preview").first
        expect(shown).to_contain_text("consent=True")
        code = shown.text_content() or ""
        assert f"{url}joystudio/examples/" in code
        expect(window.get_by_text("sample_file.pdf")).to_have_count(0)
        window.locator(".snippet").filter(has_text="CLI").click()
        asked = window.locator("pre").filter(has_text="/delete").filter(has_text="$OWNER")
        expect(asked.first).to_contain_text("gradio predict")
        expect(window.get_by_text("{command}")).to_have_count(0)
