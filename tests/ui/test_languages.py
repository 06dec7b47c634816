"""The page in Chinese: by the browser's language, by the switch, by a link; and nothing left in English."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from studio.settings import Settings
from tests.ui.visit import PATIENCE, Files, at, finish, give
from ui.app import build, launch_options

PREVIEW = "preview"
NAMES = (
    "AMT-S AnimateDiff BRISQUE Apache API ArcFace balanced bf16 BSD calm cfg_scale CLIP CPU CreativeML "
    "CREDITS.md csv DDIM ddim Diffusion DINO download DPM-Solver dpm-solver examples expressive "
    "espeak-ng FFmpeg fp16 github.com GPU Gradio Hallo hallo IDEA IDEA-Research InsightFace insightface "
    "JoyHallo joyhallo JoyStudio Kokoro JoyVASA joyvasa json LICENSE lively MediaPipe mediapipe MIT mp4 "
    "natural OpenCV OpenRAIL-M pe_fixed pe_old preview PyAV Q-Align Stable subtle SyncNet torch U-Net "
    "UniPC unipc weights X-Pose yaml zip"
).split()
"""Proper names, and words of the command line."""
LETTERS = re.compile(r"[A-Za-z][A-Za-z._-]{2,}")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = Settings(port=0, outputs=tmp_path_factory.mktemp("languages"))
    page = build(settings)
    _, url, _ = page.launch(prevent_thread_lock=True, quiet=True, **launch_options(settings, page))
    yield url
    page.close(verbose=False)


def visit(browser: Browser, url: str, locale: str) -> Page:
    page = browser.new_context(locale=locale, viewport={"width": 1440, "height": 900}).new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(url)
    at(page, "generate", PREVIEW).wait_for()
    return page


def english(page: Page) -> list[str]:
    """Lines that are seen and have words in Latin letters, but those with proper names only."""
    seen = page.evaluate(
        """() => {
          const code = [...document.querySelectorAll('code, a')];
          code.forEach(one => { one.style.display = 'none'; });
          const text = document.querySelector('.gradio-container').innerText;
          code.forEach(one => { one.style.display = ''; });
          const hints = [...document.querySelectorAll('[placeholder]')].filter(one => one.checkVisibility());
          const chosen = [...document.querySelectorAll('input[role=listbox]')];
          return [text, ...hints.map(one => one.placeholder), ...chosen.map(one => one.value)].join('\\n');
        }"""
    )
    lines = []
    for line in seen.splitlines():
        words = [word.strip(".-") for word in LETTERS.findall(line)]
        if any(word not in NAMES for word in words if len(word) > 2 and word != "NaN"):
            lines.append(line)
    return lines


def test_no_english_is_left_in_any_tab(browser: Browser, url: str) -> None:
    page = visit(browser, url, "zh-CN")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    for fold in page.locator("#preview-more-options button").all():
        fold.click()
    left: dict[str, list[str]] = {}
    for tab in page.get_by_role("tab").all():
        tab.click()
        expect(tab).to_have_attribute("aria-selected", "true")
        page.wait_for_function("() => !document.querySelector('.gradio-container .pending')")
        for fold in page.locator(".weights-report summary:visible").all():
            fold.click()
        if lines := english(page):
            left[tab.inner_text()] = lines
    assert left == {}
    page.context.close()


def test_the_switch_changes_the_page_while_it_is_used_and_is_remembered(
    browser: Browser, url: str, files: Files
) -> None:
    page = visit(browser, url, "en-US")
    generate = at(page, "generate", PREVIEW)
    expect(generate).to_have_text("Generate")
    give(page, files.portrait, files.voice, PREVIEW)
    at(page, "consent input", PREVIEW).check()
    page.get_by_role("button", name="中文").press("Enter")
    expect(generate).to_have_text("生成")
    expect(at(page, "portrait-hint", PREVIEW)).to_contain_text("找到一张脸")
    expect(at(page, "option-head_motion", PREVIEW)).to_contain_text("随声音轻微转头")
    expect(at(page, "voice-examples", PREVIEW)).to_contain_text("英语女声")
    finish(page, PREVIEW)  # the portrait, the voice and the consent are still there
    expect(at(page, "progress", PREVIEW)).to_contain_text("完成")
    expect(at(page, "facts", PREVIEW)).to_contain_text("用时")
    expect(page.get_by_role("group", name="语言")).to_have_count(1)
    page.get_by_role("tab", name="作品").click()
    page.locator("#gallery-stills button.thumbnail-item").click()
    expect(at(page, "settings", "gallery")).to_contain_text("头部运动")
    expect(page.locator("#gallery-stills")).to_contain_text("自然")
    assert english(page) == []

    page.reload()
    expect(generate).to_have_text("生成")
    page.get_by_role("button", name="EN", exact=True).click()
    expect(generate).to_have_text("Generate")
    expect(at(page, "portrait-hint", PREVIEW)).to_contain_text("A face that looks towards the camera")
    # What screen readers hear of a call that began before the switch is Chinese until the call has ended.
    page.wait_for_function(
        "!/[一-龥]/.test(document.querySelector('.gradio-container').innerText.replace('中文', ''))"
    )
    page.reload()
    expect(generate).to_have_text("Generate")
    page.context.close()


def test_refusals_are_in_chinese_and_a_link_can_carry_the_language(
    browser: Browser, url: str, files: Files
) -> None:
    page = visit(browser, f"{url}?lang=zh", "de-DE")
    at(page, "generate", PREVIEW).click()
    toast = page.locator(".toast-body")
    expect(toast).to_contain_text("尚未声明您有权使用这张面孔和这段声音", use_inner_text=True)
    expect(toast).to_contain_text("错误", use_inner_text=True)
    at(page, "consent input", PREVIEW).check()
    at(page, "generate", PREVIEW).click()
    expect(toast.last).to_contain_text("还没有肖像", use_inner_text=True)
    expect(at(page, "progress", PREVIEW)).to_contain_text("未完成")
    page.context.close()


@pytest.mark.parametrize("locale", ["zh", "zh-TW"])
def test_every_chinese_is_understood(browser: Browser, url: str, locale: str) -> None:
    page = visit(browser, url, locale)
    expect(at(page, "generate", PREVIEW)).to_have_text("生成")
    page.context.close()
