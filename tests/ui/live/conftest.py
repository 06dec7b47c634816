"""The page of the tests of the tab Live, in a browser whose microphone plays half a second of speech and as
much silence in turn.
"""

from __future__ import annotations

import wave
from collections.abc import Iterator
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from studio.settings import Settings
from tests.ui.conftest import CHROMIUM
from tests.ui.live.actions import part, stop
from tests.ui.seat import new_context
from tests.ui.served import served
from tests.ui.visit import Files, give, watch_policy
from ui.app import build
from ui.tab import Tab
from ui.tabs.gallery import gallery_tab
from ui.tabs.live import live_tab

VOICES = Path(__file__).resolve().parents[3] / "examples" / "voices"
WATCHED = """
// What the page plays can be listened to, its network be cut, and its microphone be unplugged.
const connect = AudioNode.prototype.connect;
AudioNode.prototype.connect = function (to, ...rest) {
    if (to instanceof AudioDestinationNode && this instanceof GainNode) {
        window.heard = new AnalyserNode(this.context, { fftSize: 1024 });
        connect.call(this, window.heard);
    }
    return connect.call(this, to, ...rest);
};
window.WebSocket = class extends WebSocket {
    set onmessage(take) {
        this.addEventListener("message", ({ data }) => { if (!window.cut) take(noted(data)); });
    }
};
const noted = (data) => {
    if (!window.notes || typeof data !== "string") return { data };
    return { data: JSON.stringify({ ...JSON.parse(data), notes: window.notes }) };
};
window.Peer = class extends RTCPeerConnection {
    constructor(...given) { super(...given); window.peer = this; }
};
window.RTCPeerConnection = null; // but in a test of its own
const open = MediaDevices.prototype.getUserMedia;
MediaDevices.prototype.getUserMedia = async function (wanted) {
    if (window.refusal) throw new DOMException("", window.refusal);
    window.stream = await open.call(this, wanted);
    return window.stream;
};
"""
NAME = "studio.localhost"
"""A name of this machine that looks like that of another one."""


@pytest.fixture(scope="package")
def microphone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The recording that the microphone plays, over and over."""
    with wave.open(str(VOICES / "english-woman.wav")) as file:
        rate, sound = file.getframerate(), np.frombuffer(file.readframes(file.getnframes()), "<i2")
    half = rate // 2
    loudest = max(range(0, len(sound) - half, half // 5), key=lambda at: np.abs(sound[at : at + half]).mean())
    path = tmp_path_factory.mktemp("microphone") / "said.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(sound[loudest : loudest + half].tobytes() + bytes(2 * half))
    return path


@pytest.fixture(scope="package")
def blocks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[gr.Blocks, str]]:
    """A page with one live session for all, and its address."""
    settings = Settings(port=0, outputs=tmp_path_factory.mktemp("live"), live_sessions=1, allowed_hosts=NAME)
    first = Tab("First", lambda context, tab: None, "first-tab")
    page = build(settings, [first, live_tab(["preview"]), gallery_tab()])
    with served(settings, page) as url:
        yield page, url.replace("127.0.0.1", NAME)


@pytest.fixture(scope="package")
def browser_window(microphone: Path) -> Iterator[BrowserContext]:
    """A window of a browser with that microphone, which the page may use."""
    browser = CHROMIUM.another(
        "--use-fake-device-for-media-stream", f"--use-file-for-fake-audio-capture={microphone}"
    )
    context = new_context(browser)
    context.grant_permissions(["microphone"])
    context.add_init_script(f"{{{WATCHED}}}")
    broken = watch_policy(context)
    yield context
    browser.close()
    assert broken == []


@pytest.fixture(scope="package")
def page(browser_window: BrowserContext, blocks: tuple[gr.Blocks, str], files: Files) -> Page:
    """The page that all tests share, with portrait and consent; without them, it does not start."""
    page = browser_window.new_page()
    page.goto(blocks[1])
    page.get_by_role("tab", name="Live").click()
    page.locator("#live-start").click()
    toast = page.locator(".toast-body")
    expect(toast).to_contain_text("There is no portrait yet")
    expect(toast).to_contain_text("Tick the box")
    expect(toast).not_to_contain_text("voice yet")
    expect(page.locator(".is-missing")).to_have_count(2)
    # Whoever reaches the page by another name is somebody else than its owner.
    expect(page.locator("#live-stage")).to_contain_text("AI-generated, and say so in a corner")
    give(page, files.portrait)
    expect(part(page, "status")).to_contain_text("tick the consent box")
    part(page, "consent").check()
    expect(page.locator("#page-consent input")).to_be_checked()
    expect(part(page, "status")).to_have_text("Ready: press Start.")
    return page


@pytest.fixture(autouse=True)
def stopped(page: Page) -> Iterator[None]:
    yield
    page.evaluate("window.refusal = window.cut = window.notes = window.RTCPeerConnection = null")
    stop(page)
