"""The page in Chinese: by the browser's language, by the switch, by a link; and nothing left in English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import gradio
import pytest
from playwright.sync_api import Page, expect

from studio.settings import Settings
from tests.ui.served import served
from tests.ui.visit import Files, at, finish, give, unfold
from ui.app import build

PREVIEW = "preview"
NAMES = (
    "AMT-S AnimateDiff BRISQUE Apache API ArcFace balanced bf16 BSD calm cfg_scale CLIP CPU CreativeML "
    "CREDITS.md csv DDIM ddim Diffusion DINO download DPM-Solver dpm-solver examples expressive "
    "espeak-ng Express FFmpeg fp16 github.com GPU Gradio Hallo hallo IDEA IDEA-Research InsightFace "
    "insightface JoyHallo joyhallo JoyStudio Kokoro JoyVASA joyvasa json jsonl LICENSE lively "
    "MediaPipe mediapipe MIT mp4 natural OpenCV OpenRAIL-M pe_fixed pe_old preview PyAV Q-Align "
    "Stable subtle SyncNet torch U-Net UniPC unipc weights X-Pose yaml zip"
).split()
"""Proper names, and words of the command line."""
LETTERS = re.compile(r"[A-Za-z][A-Za-z._-]{2,}")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = Settings(port=0, outputs=tmp_path_factory.mktemp("languages"))
    with served(settings, build(settings)) as url:
        yield url


@contextmanager
def browser_of(page: Page, language: str) -> Iterator[None]:
    """The page's window belongs to a visitor whose browser is in this language."""
    session = page.context.new_cdp_session(page)
    agent = page.evaluate("navigator.userAgent")
    session.send("Emulation.setUserAgentOverride", {"userAgent": agent, "acceptLanguage": language})
    yield
    session.detach()


def visit(page: Page, url: str) -> None:
    page.goto(url)
    at(page, "generate", PREVIEW).wait_for()


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


def test_no_english_is_left_in_any_tab(window: Page, url: str) -> None:
    with browser_of(window, "zh-CN"):
        visit(window, url)
    expect(window.locator("html")).to_have_attribute("lang", "zh-CN")
    for fold in window.locator("#preview-options button.label-wrap").all():
        fold.click()
    left: dict[str, list[str]] = {}
    for tab in window.get_by_role("tab").all():
        tab.click()
        expect(tab).to_have_attribute("aria-selected", "true")
        window.wait_for_function("() => !document.querySelector('.gradio-container .pending')")
        for fold in window.locator(".weights-report summary:visible").all():
            fold.click()
        if lines := english(window):
            left[tab.inner_text()] = lines
    assert left == {}


def test_the_switch_changes_the_page_while_it_is_used_and_is_remembered(
    window: Page, url: str, files: Files
) -> None:
    with browser_of(window, "en-US"):
        visit(window, url)
    generate = at(window, "generate", PREVIEW)
    expect(generate).to_have_text("Generate")
    give(window, files.portrait, files.voice, PREVIEW)
    at(window, "consent input", PREVIEW).check()
    window.get_by_role("button", name="中文").press("Enter")
    expect(generate).to_have_text("生成")
    expect(at(window, "portrait-hint", PREVIEW)).to_contain_text("找到一张脸")
    unfold(window, PREVIEW)
    expect(at(window, "option-head_motion", PREVIEW)).to_contain_text("随声音轻微转头")
    expect(at(window, "voice-examples", PREVIEW)).to_contain_text("英语女声")
    finish(window, PREVIEW)  # the portrait, the voice and the consent are still there
    expect(at(window, "progress", PREVIEW)).to_contain_text("完成")
    expect(at(window, "facts", PREVIEW)).to_contain_text("用时")
    expect(window.get_by_role("group", name="语言")).to_have_count(1)
    window.get_by_role("tab", name="作品").click()
    window.locator("#gallery-stills button.thumbnail-item").click()
    expect(at(window, "settings", "gallery")).to_contain_text("头部运动")
    expect(window.locator("#gallery-stills")).to_contain_text("自然")
    expect(window.locator("#job-tray li")).to_have_count(0)  # it names the portrait's file
    assert english(window) == [files.portrait.name, files.voice.name]

    window.reload()
    expect(generate).to_have_text("生成")
    window.get_by_role("button", name="EN", exact=True).click()
    expect(generate).to_have_text("Generate")
    expect(at(window, "portrait-hint", PREVIEW)).to_contain_text("A face that looks towards the camera")
    # What screen readers hear of a call that began before the switch is Chinese until the call has ended.
    window.wait_for_function(
        "!/[一-龥]/.test(document.querySelector('.gradio-container').innerText.replace('中文', ''))"
    )
    window.reload()
    expect(generate).to_have_text("Generate")


def test_every_chinese_is_understood_and_a_link_can_carry_the_language(window: Page, url: str) -> None:
    for language in ("zh", "zh-TW"):
        with browser_of(window, language):
            visit(window, url)
        expect(at(window, "generate", PREVIEW)).to_have_text("生成")
    with browser_of(window, "de-DE"):
        visit(window, f"{url}?lang=zh")
    at(window, "generate", PREVIEW).click()
    toast = window.locator(".toast-body")
    for words in ("没有成功", "还没有肖像", "还没有声音", "请勾选方框，确认您有权使用这张面孔和这段声音"):
        expect(toast).to_contain_text(words, use_inner_text=True)
    expect(at(window, "progress", PREVIEW)).to_contain_text("添加肖像和声音后即可开始")
    for width in (1280, 390):
        window.set_viewport_size({"width": width, "height": 800})
        window.get_by_role("tab").last.click()  # the message does not cover the tabs


def test_gradios_own_refusals_are_ours_in_both_languages(window: Page, url: str, files: Files) -> None:
    with browser_of(window, "zh-CN"):
        visit(window, url)
    at(window, "portrait input[type=file]", PREVIEW).set_input_files(files.voice)
    toast = window.locator(".toast-body")
    expect(toast).to_contain_text("这里不能使用 voice.wav。请选择这些类型的文件：", use_inner_text=True)
    window.get_by_role("button", name="EN", exact=True).click()
    expect(toast).to_contain_text("voice.wav cannot be used here", use_inner_text=True)
    expect(toast).to_contain_text("That did not work", use_inner_text=True)
    expect(toast).not_to_contain_text("Invalid file type")
    # Such texts come when the network or the server fails; that Gradio has them, its own files say.
    texts = {
        "Connection to the server was lost. Attempting reconnection...": "your jobs continue",
        'File(s) exceed the maximum allowed size of 200 MB: "a.png"': '"a.png" is too large',
        "Connection errored out. ": "does not answer",
    }
    shown = window.evaluate(
        """(texts) => texts.map((text) => {
            const part = document.querySelector('[data-testid="toast-text"]').cloneNode();
            part.textContent = text;
            document.body.append(part);
            return new Promise((done) => requestAnimationFrame(() => {
                const said = part.innerText;
                part.remove();
                done(said);
            }));
        }).reduce(async (before, next) => [...(await before), await next], [])""",
        list(texts),
    )
    assert [ours in said for ours, said in zip(texts.values(), shown, strict=True)] == [True] * 3
    assets = Path(gradio.__file__).parent / "templates" / "frontend" / "assets"
    scripts = [path.read_text(encoding="utf-8", errors="ignore") for path in assets.glob("*.js")]
    known = ("Connection to the server was lost", "File(s) exceed the maximum allowed", "Invalid file type")
    for beginning in known:
        assert any(beginning in text for text in scripts), beginning
