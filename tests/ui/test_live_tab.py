"""The tab Live in a browser whose microphone plays a recording: half a second of speech, then as much silence."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from studio.settings import Settings
from tests.ui.conftest import CHROMIUM
from tests.ui.seat import new_context
from tests.ui.served import served
from tests.ui.visit import Files, agree, at, beyond_the_screen, give, watch_policy
from ui.app import build
from ui.tabs.live import live_tab

LIVE = "live"
VOICES = Path(__file__).resolve().parents[2] / "examples" / "voices"
HEARD = """
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (to, ...rest) {
    if (to instanceof AudioDestinationNode && this instanceof GainNode) {
        window.heard = new AnalyserNode(this.context, { fftSize: 1024 });
        connect.call(this, window.heard);
    }
    return connect.call(this, to, ...rest);
};
"""
"""What the page plays can be listened to."""
OBSERVED = """async ([seconds, mouth]) => {
    const canvas = document.querySelector("#live-stage canvas");
    const small = new OffscreenCanvas(mouth[2], mouth[3]).getContext("2d", { willReadFrequently: true });
    const sound = new Float32Array(heard.fftSize), seen = [];
    for (const end = performance.now() + 1000 * seconds; performance.now() < end;) {
        await new Promise(requestAnimationFrame);
        heard.getFloatTimeDomainData(sound);
        const loud = Math.sqrt(sound.reduce((sum, one) => sum + one * one, 0) / sound.length);
        small.drawImage(canvas, -mouth[0], -mouth[1]);
        seen.push([performance.now(), loud, [...small.getImageData(0, 0, mouth[2], mouth[3]).data]]);
    }
    return seen;
}"""
"""What is heard and how the mouth looks, at every picture of the browser."""
MOUTH = (130, 140, 70, 50)
"""Left, top, width and height in the portrait."""


def part(page: Page, name: str) -> Any:
    """A part of the tab that its script uses."""
    return page.locator(f'[data-live="{name}"]')


def start(page: Page, source: str = "Microphone") -> None:
    """Start, and wait for pictures."""
    page.locator("#live-source").get_by_label(source).check()
    page.locator("#live-start").click()
    expect(part(page, "status")).to_contain_text("Live")


def stop(page: Page) -> None:
    page.locator("#live-start").click()
    expect(part(page, "status")).to_contain_text("ended")


@pytest.fixture(scope="module")
def microphone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The recording that the microphone plays, over and over."""
    with wave.open(str(VOICES / "english-woman.wav")) as file:
        rate, sound = file.getframerate(), np.frombuffer(file.readframes(file.getnframes()), "<i2")
    loud = max(range(0, len(sound) - rate, rate // 10), key=lambda at: np.abs(sound[at : at + rate // 2]).mean())
    path = tmp_path_factory.mktemp("microphone") / "said.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(sound[loud : loud + rate // 2].tobytes() + bytes(2 * (rate // 2)))
    return path


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = Settings(port=0, outputs=tmp_path_factory.mktemp("live"))
    with served(settings, build(settings, [live_tab(["preview"])])) as url:
        yield url


@pytest.fixture(scope="module")
def window(microphone: Path) -> Iterator[BrowserContext]:
    browser = CHROMIUM.another(
        "--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={microphone}"
    )
    context = new_context(browser)
    context.grant_permissions(["microphone"])
    context.add_init_script(HEARD)
    broken = watch_policy(context)
    yield context
    browser.close()
    assert broken == []


@pytest.fixture(scope="module")
def page(window: BrowserContext, url: str, files: Files) -> Page:
    """A page with portrait and consent, which the tests share."""
    page = window.new_page()
    page.goto(url)
    page.locator("#live-start").wait_for()
    page.locator("#live-start").click()
    toast = page.locator(".toast-body")
    expect(toast).to_contain_text("There is no portrait yet")
    expect(toast).to_contain_text("Tick the box")
    expect(page.locator("#page-portrait")).to_have_class("is-missing") if False else None
    agree(page)
    give(page, files.portrait)
    return page


def test_the_lips_follow_the_microphone(page: Page) -> None:
    start(page)
    expect(part(page, "delay")).to_contain_text("ms")
    seen = page.evaluate(OBSERVED, [4, MOUTH])
    stop(page)
    loud = np.array([one[1] for one in seen])
    print("loud", loud.min(), loud.max(), len(seen))
    mouths = np.array([one[2] for one in seen], float)
    rest = np.median(mouths[loud < 0.01], axis=0)
    opened = np.abs(mouths - rest).mean(axis=1)
    print("silent", np.median(opened[loud < 0.003]), "loud", np.median(opened[loud > 0.05]), np.corrcoef(loud, opened))
