"""The tab Live, in a browser whose microphone plays half a second of speech and as much silence in turn."""

from __future__ import annotations

import re
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Dialog, Locator, Page, expect

from studio.settings import Settings
from tests.ui.conftest import CHROMIUM
from tests.ui.seat import new_context
from tests.ui.served import served
from tests.ui.visit import Files, agree, beyond_the_screen, give, watch_policy
from ui.app import build
from ui.server.live_sockets import live_host
from ui.tabs.gallery import gallery_tab
from ui.tabs.live import live_tab

VOICES = Path(__file__).resolve().parents[2] / "examples" / "voices"
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
OBSERVED = """async ([seconds, [left, top, width, height]]) => {
    const canvas = document.querySelector("#live-stage canvas"), seen = [];
    const small = new OffscreenCanvas(14, 10).getContext("2d", { willReadFrequently: true });
    const sound = new Float32Array(heard.fftSize);
    for (const end = performance.now() + 1000 * seconds; performance.now() < end;) {
        await new Promise(requestAnimationFrame);
        heard.getFloatTimeDomainData(sound);
        const loud = Math.sqrt(sound.reduce((sum, one) => sum + one * one, 0) / sound.length);
        small.drawImage(canvas, left, top, width, height, 0, 0, 14, 10);
        seen.push([loud, ...small.getImageData(0, 0, 14, 10).data]);
    }
    return seen;
}"""
"""How loud it is and how the mouth looks, at every picture of the browser."""
ASKS_FOR_THE_APPLICATION = "fetch('gradio_api/app_id').then(({ status }) => status)"
MOUTH = (130, 140, 70, 50)
"""Left, top, width and height in the portrait."""
LOUD, QUIET = 0.05, 0.003
LONGER = re.compile("0:0[1-9] / 10:00")
"""A recording of a second and more."""
NAME = "studio.localhost"
"""A name of this machine that looks like that of another one."""


def part(page: Page, name: str) -> Locator:
    """A part of the tab that its script uses."""
    return page.locator(f'[data-live="{name}"]')


def start(page: Page, source: str = "Microphone") -> None:
    """Start, and wait for pictures."""
    page.locator("#live-source").get_by_label(source).check()
    page.locator("#live-start").click()
    expect(part(page, "status")).to_contain_text("Live")


def stop(page: Page) -> None:
    if page.locator("#live-start").inner_text().strip() == "Stop":
        page.locator("#live-start").click()
    expect(page.locator("#live-start")).to_have_text("Start")


def wait_until_heard(page: Page, *, loud: bool = True) -> None:
    """Wait until the page plays a voice, or nothing for a second."""
    page.evaluate(
        """([loud, level]) => new Promise((done) => {
            const sound = new Float32Array(heard.fftSize);
            let since = performance.now();
            const look = () => {
                heard.getFloatTimeDomainData(sound);
                const is = sound.some((one) => Math.abs(one) > level);
                if (is) since = performance.now();
                if (loud ? is : performance.now() - since > 1000) done(); else requestAnimationFrame(look);
            };
            look();
        })""",
        [loud, LOUD if loud else QUIET],
    )


def lips(page: Page, wanted: Callable[[float, float], bool]) -> tuple[float, float]:
    """How far the mouth is from its look in silence, as medians: while a voice is heard, and in silence.

    Observes until they are as wanted, half a minute at most: a busy machine leaves out pictures.
    """
    opened = (0.0, 0.0)
    for _ in range(10):
        seen = np.array(page.evaluate(OBSERVED, [3, MOUTH]), float)
        loud, mouths = seen[:, 0], seen[:, 1:]
        if loud.max() < LOUD or loud.min() > QUIET:
            continue
        moved = np.abs(mouths - np.median(mouths[loud < QUIET], axis=0)).mean(axis=1)
        opened = float(np.median(moved[loud > LOUD])), float(np.median(moved[loud < QUIET]))
        if wanted(*opened):
            break
    return opened


@pytest.fixture(scope="module")
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


@pytest.fixture(scope="module")
def blocks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[gr.Blocks, str]]:
    """A page with one live session for all, and its address."""
    settings = Settings(port=0, outputs=tmp_path_factory.mktemp("live"), live_sessions=1, allowed_hosts=NAME)
    page = build(settings, [gallery_tab(), live_tab(["preview"])])
    with served(settings, page) as url:
        yield page, url.replace("127.0.0.1", NAME)


@pytest.fixture(scope="module")
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


@pytest.fixture(scope="module")
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


def test_the_lips_follow_the_microphone_and_options_and_muting_act_at_once(page: Page) -> None:
    start(page)
    expect(part(page, "delay")).to_contain_text("ms")
    speaking, silent = lips(page, lambda speaking, silent: speaking > 3 + 2 * silent)
    assert speaking > 3 + 2 * silent

    # The lips stay closed, with the voice as it was.
    page.locator("#live-preview-option-mouth_opening input[type=range]").fill("0")
    page.locator("#live-preview-option-head_motion input[type=range]").fill("0")
    closed, _ = lips(page, lambda speaking, silent: speaking < 3)
    assert closed < 3

    page.locator("#live-mute").click()
    expect(part(page, "status")).to_contain_text("muted")
    wait_until_heard(page, loud=False)
    page.locator("#live-mute").click()
    wait_until_heard(page)


def test_a_file_speaks_can_be_interrupted_and_speaks_again(page: Page, files: Files) -> None:
    page.locator("#live-source").get_by_label("Your voice file or text").check()
    page.locator("#live-start").click()
    expect(page.locator(".toast-body").last).to_contain_text("There is no voice yet")
    expect(page.locator("#live-start")).to_have_text("Start")
    expect(part(page, "status")).to_contain_text("Add a voice")
    page.locator("#page-text-fold button").first.click()
    page.locator("#page-text textarea").fill("Good morning.")
    expect(part(page, "status")).to_contain_text("Press Listen")
    page.locator("#live-start").click()
    expect(page.locator(".toast-body").last).to_contain_text("Press Listen first")
    expect(page.locator("#page-text-listen")).to_be_focused()
    give(page, voice=files.voice)
    start(page, "Your voice file or text")
    wait_until_heard(page)
    expect(page.locator("#live-again")).to_be_visible()  # once it is over
    wait_until_heard(page, loud=False)
    stop(page)
    start(page, "English woman")
    wait_until_heard(page)
    page.locator("#live-interrupt").click()
    wait_until_heard(page, loud=False)
    page.locator("#live-again").click()
    wait_until_heard(page)


def test_a_hidden_page_speaks_on_and_shows_the_present_when_it_is_seen_again(page: Page) -> None:
    start(page, "English woman")
    wait_until_heard(page)
    look = "document.querySelector('#live-stage canvas').toDataURL()"
    page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    before = page.evaluate(look)
    wait_until_heard(page)
    page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_function(f"(before) => {look} !== before", arg=before)


def test_after_a_gap_of_five_seconds_it_connects_again_with_its_portrait(
    page: Page, files: Files, tmp_path: Path
) -> None:
    start(page)
    wait_until_heard(page)
    page.locator("#live-record").click()
    expect(page.locator("#live-record")).to_have_text("Stop recording")
    smaller = tmp_path / "smaller.png"
    Image.open(files.portrait).resize((256, 256)).save(smaller)
    give(page, smaller)
    page.evaluate("window.cut = true")
    expect(part(page, "status")).to_contain_text("waits for the network")
    expect(part(page, "status")).to_contain_text("connects again")
    # Gradio would load the page again, which would end the session.
    assert page.evaluate(ASKS_FOR_THE_APPLICATION) == 503
    page.evaluate("window.cut = false")
    expect(part(page, "status")).to_contain_text("Live")
    wait_until_heard(page)
    expect(part(page, "problem")).to_contain_text("which ended the recording")
    expect(part(page, "later")).to_have_text("From the next start on: Portrait")
    expect(page.locator("#live-record")).to_have_text("Record")
    assert part(page, "canvas").evaluate("(canvas) => canvas.width") == 320
    stop(page)
    assert page.evaluate(ASKS_FOR_THE_APPLICATION) == 200
    start(page)
    expect(part(page, "canvas")).to_have_js_property("width", 256)
    give(page, files.portrait)


def test_who_stops_while_the_portrait_is_checked_is_not_asked_for_the_microphone(page: Page) -> None:
    page.locator("#live-source").get_by_label("Microphone").check()
    page.evaluate("window.stream = null")
    with page.expect_event("console", lambda said: said.text == "ticket"):
        page.evaluate(
            """() => {
                const given = () => setTimeout(console.log, 0, "ticket");
                document.addEventListener("live-ticket", given, { once: true });
                const button = document.querySelector("#live-start");
                button.click();
                button.click();
            }"""
        )
    expect(part(page, "status")).to_contain_text("has ended")
    start(page, "English woman")
    assert page.evaluate("window.stream") is None


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        ("NotAllowedError", "Allow it beside the page's address"),
        ("NotFoundError", "found no microphone"),
        ("NotReadableError", "Close other programs"),
    ],
)
def test_a_microphone_that_cannot_be_used_is_explained(page: Page, refusal: str, words: str) -> None:
    page.evaluate("(name) => { window.refusal = name; }", refusal)
    page.locator("#live-source").get_by_label("Microphone").check()
    page.locator("#live-start").click()
    expect(part(page, "problem")).to_contain_text(words)


def test_a_microphone_that_is_unplugged_ends_the_session(page: Page) -> None:
    start(page)
    page.evaluate("stream.getAudioTracks()[0].dispatchEvent(new Event('ended'))")
    expect(part(page, "problem")).to_contain_text("was disconnected")
    expect(page.locator("#live-start")).to_have_text("Start")


def test_a_full_server_and_a_portrait_without_a_face_are_explained_in_both_languages(
    page: Page, blocks: tuple[gr.Blocks, str], files: Files, tmp_path: Path
) -> None:
    give_back = live_host(blocks[0].app).places.take("someone")
    page.locator("#live-start").click()
    expect(part(page, "problem")).to_contain_text("the limit of this server")
    page.get_by_role("button", name="中文").click()
    expect(part(page, "problem")).to_contain_text("达到")
    page.get_by_role("button", name="EN", exact=True).click()
    give_back()
    Image.new("RGB", (300, 300), "gray").save(tmp_path / "gray.png")
    give(page, tmp_path / "gray.png")
    page.locator("#live-start").click()
    expect(part(page, "problem")).to_contain_text("face")
    expect(page.locator("#live-start")).to_have_text("Start")
    give(page, files.portrait)


def test_notes_about_the_portrait_are_shown_in_both_languages(page: Page) -> None:
    notes = [{"message": "Turn the face.", "message_zh": "请转正脸部。"}, {"message": "Use more light."}]
    page.evaluate("(given) => { window.notes = given; }", notes)
    start(page)
    expect(part(page, "problem")).to_contain_text("Turn the face. Use more light.")
    page.get_by_role("button", name="中文").click()
    expect(part(page, "problem")).to_contain_text("请转正脸部。")
    page.get_by_role("button", name="EN", exact=True).click()
    expect(part(page, "problem")).to_contain_text("Turn the face.")
    stop(page)


def test_it_fits_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.evaluate("scrollTo(0, 0)")
    start(page)
    for shown in (page.locator("#live-start"), part(page, "canvas"), part(page, "status")):
        expect(shown).to_be_in_viewport(ratio=1)
    assert beyond_the_screen(page) == []
    page.locator("#live-full").click()
    page.locator('[data-over="mute"]').click()
    expect(page.locator('[data-over="mute"]')).to_have_text("Unmute")
    page.locator('[data-over="full"]').click()
    expect(page.locator('[data-over="full"]')).to_be_hidden()
    page.set_viewport_size({"width": 1440, "height": 900})


def test_pictures_and_sound_come_by_webrtc_and_on_the_websocket_once_that_is_gone(page: Page) -> None:
    page.evaluate("() => { window.RTCPeerConnection = Peer; }")
    start(page)
    video = part(page, "video")
    expect(video).to_be_visible()
    expect(part(page, "canvas")).to_be_hidden()
    page.wait_for_function("document.querySelector('#live-stage video').currentTime > 0.5")
    expect(part(page, "delay")).to_contain_text("ms")
    assert video.evaluate("(one) => [one.videoWidth, one.muted]") == [320, False]
    # The browser counts no more pictures, as behind a firewall that has changed its mind.
    page.evaluate("() => { peer.getStats = async () => new Map(); }")
    expect(part(page, "canvas")).to_be_visible()
    expect(video).to_be_hidden()
    wait_until_heard(page)


def test_a_recording_can_be_downloaded(page: Page) -> None:
    start(page)
    wait_until_heard(page)
    record = page.locator("#live-record")
    record.click()
    expect(part(page, "recorded")).to_have_text(LONGER)
    record.click()
    expect(part(page, "problem")).to_contain_text("in the gallery")
    expect(record).to_have_text("Record")
    with page.expect_download() as begun:
        part(page, "problem").get_by_role("link").click()
    assert begun.value.suggested_filename.endswith(".mp4")
    record.click()
    expect(part(page, "recorded")).to_have_text(LONGER)
    stop(page)
    expect(part(page, "problem").get_by_role("link")).to_be_visible()


def test_a_session_says_what_waits_for_the_next_start_and_ends_without_consent(page: Page) -> None:
    start(page, "English woman")
    later = part(page, "later")
    expect(later).to_be_hidden()
    page.locator("#live-look-ahead").get_by_label("300 ms").check()
    page.locator("#live-source").get_by_label("Microphone").check()
    expect(later).to_have_text("From the next start on: Source of the voice, Look-ahead")
    page.locator("#live-look-ahead").get_by_label("80 ms").check()
    page.locator("#live-source").get_by_label("English woman").check()
    expect(later).to_be_hidden()
    page.locator("#page-consent input").uncheck()
    expect(part(page, "problem")).to_contain_text("withdrawn your consent")
    expect(page.locator("#live-start")).to_have_text("Start")
    agree(page)


def test_a_reload_asks_first_and_then_says_what_it_has_ended(page: Page, files: Files) -> None:
    start(page)
    page.locator("#live-record").click()
    expect(page.locator("#live-record")).to_have_text("Stop recording")
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.once("dialog", leave)
    page.reload()
    assert asked == ["beforeunload"]
    expect(part(page, "problem")).to_be_visible()  # its tab is not the first one
    expect(part(page, "problem")).to_contain_text("has ended. The recording is in the gallery.")
    agree(page)
    give(page, files.portrait)


def test_a_server_that_stops_says_so(page: Page, blocks: tuple[gr.Blocks, str]) -> None:
    start(page)
    live_host(blocks[0].app).end()
    expect(part(page, "problem")).to_contain_text("server")
    expect(page.locator("#live-start")).to_have_text("Start")
