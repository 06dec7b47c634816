"""What the scripts of the tab Live do with a network and a clock that the test drives."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from playwright.sync_api import Page

from ui.theme import script

SCRIPTS = "socket webrtc delay player sound session".split()
DRIVEN = """
// The clock of the page, its timers, and its network.
window.now = 1000; window.timers = []; window.told = []; window.sockets = [];
performance.now = () => now;
window.setTimeout = (act, after = 0) => timers.push({ act, at: now + after });
window.clearTimeout = (number) => { if (number) timers[number - 1].act = null; };
window.setInterval = window.clearInterval = () => 0;
window.later = (milliseconds) => {
    now += milliseconds;
    for (const timer of timers) {
        const { act } = timer;
        if (!act || timer.at > now) continue;
        timer.act = null;
        act();
    }
};
window.RTCPeerConnection = null;
window.video = { play: async () => {} };
window.WebSocket = class {
    static OPEN = 1;
    constructor() { Object.assign(this, { readyState: 1, bufferedAmount: 0, sent: [] }); sockets.push(this); }
    send(data) { this.sent.push(typeof data === "string" ? JSON.parse(data) : data.length); }
    close() { this.readyState = 3; }
    // What the server does.
    opens() { this.onopen(); }
    says(message) { this.onmessage({ data: JSON.stringify(message) }); }
    ready(more) {
        this.opens();
        const format = { fps: 25, sample_rate: 24000, look_ahead_ms: 80 };
        this.says({ type: "ready", ...format, ranges: { mouth: {} }, notes: [], ...more });
    }
    speaks(frames, ends) {
        for (let number = 0; number < frames; number++) {
            const data = new ArrayBuffer(12 + 1920), head = new DataView(data);
            head.setUint8(4, 1 + (ends && number === frames - 1 ? 2 : 0));
            head.setUint32(8, 1920, true);
            this.onmessage({ data });
        }
    }
    fails() { this.readyState = 3; this.onclose({ code: 1006, reason: "" }); }
};
// All that is heard and seen.
window.livePlayer = () => new Proxy({}, { get: () => () => null });
window.readVoice = async () => new Int16Array(5 * 24000);
window.begin = async () => {
    const context = { createGain: () => ({ connect() {}, gain: {} }), close() {} };
    const tell = (name) => (...what) => told.push([name, ...what]);
    const on = new Proxy({}, { get: (_, name) => tell(name) });
    const shown = { canvas: new EventTarget(), video };
    const given = { ticket: "first", engine: "preview", voice: "" };
    window.live = liveSession(context, shown, "file", async () => given, on);
    await live.start();
};
window.pieces = (socket) => socket.sent.filter(Number.isInteger).length; // of 10 ms
"""
PLAYER = """
let open = 0, asked = 0;
window.requestAnimationFrame = () => ++asked;
window.createImageBitmap = async () => { open++; return { close() { open--; } }; };
window.hide = () => Object.defineProperty(document, "hidden", { value: true });
const context = { currentTime: 0 };
const player = livePlayer(context, null, document.createElement("canvas"), () => {});
// How many pictures are kept after so many frames of silence, and how often the browser was asked to draw.
window.shown = async (frames) => {
    asked = 0;
    for (let index = 0; index < frames; index++) {
        context.currentTime = index / 25;
        const picture = index % 2 ? null : new Uint8Array(1);
        player.frame({ index, speaking: false, sound: new Int16Array(0), picture }, null);
        await null;
    }
    return [open, asked];
};
"""


@pytest.fixture
def page(window: Page) -> Page:
    """An empty page with the scripts, and a session that has asked the server to open it."""
    window.set_content("<base href='http://localhost/'>")
    for source in [*(script(f"live_{name}.js") for name in SCRIPTS), DRIVEN]:
        window.add_script_tag(content=source)
    window.evaluate("begin()")
    return window


def state(page: Page) -> str:
    """The last word about the session."""
    return str(page.evaluate("told.filter(([name]) => name === 'state').at(-1)[1]"))


def sent(page: Page, kind: str, socket: int = 0) -> Sequence[dict[str, Any]]:
    """The messages of a type that a socket has got."""
    found = page.evaluate(f"sockets[{socket}].sent.filter((one) => one.type === {json.dumps(kind)})")
    return list(found)


def lose(page: Page) -> None:
    """Lose the connection, and begin the next."""
    page.evaluate("sockets.at(-1).fails(); later(1500)")


def test_a_file_goes_on_after_the_last_frame_that_was_heard(page: Page) -> None:
    page.evaluate(
        "sockets[0].ready({ ticket: 'again' }); sockets[0].speaks(25); later(1000); sockets[0].speaks(25)"
    )
    assert page.evaluate("pieces(sockets[0])") == 250  # 1 s, and 1.5 s ahead
    lose(page)
    page.evaluate("sockets[1].ready(); later(10000); sockets[1].speaks(1)")
    assert sent(page, "open", 1) == [{"type": "open", "ticket": "again", "picture": "jpeg"}]
    assert page.evaluate("pieces(sockets[1])") == 300  # of 5 s, 2 were heard


def test_a_file_that_was_interrupted_or_is_over_stays_silent_after_a_reconnection(page: Page) -> None:
    page.evaluate("sockets[0].ready({ ticket: 'again' }); sockets[0].speaks(25); live.interrupt()")
    assert state(page) == "finished"
    lose(page)
    page.evaluate("sockets[1].ready({ ticket: 'again' }); later(1000); sockets[1].speaks(1)")
    assert page.evaluate("pieces(sockets[1])") == 0

    page.evaluate("live.again(); later(10000); sockets[1].speaks(125, true)")
    assert page.evaluate("pieces(sockets[1])") == 500
    page.evaluate("sockets[1].says({ type: 'finished' })")
    lose(page)
    page.evaluate("sockets[2].ready(); later(1000); sockets[2].speaks(1)")
    assert page.evaluate("pieces(sockets[2])") == 0


def test_a_voice_is_over_when_it_was_spoken_and_not_when_it_was_sent(page: Page) -> None:
    page.evaluate("sockets[0].ready(); later(4000); sockets[0].speaks(80)")
    assert len(sent(page, "flush")) == 1
    assert state(page) == "speaking"
    # The end of a voice that was interrupted may still be on its way.
    page.evaluate("live.interrupt(); live.again(); sockets[0].says({ type: 'finished' })")
    assert state(page) == "speaking"
    page.evaluate("sockets[0].says({ type: 'interrupted' }); sockets[0].says({ type: 'finished' })")
    assert state(page) == "finished"


def test_options_that_are_moved_before_a_session_is_ready_are_sent_then(page: Page) -> None:
    page.evaluate("sockets[0].opens(); live.setOptions('preview', { mouth: 0.5, unknown: 1 }); later(1000)")
    assert sent(page, "options") == []
    page.evaluate("sockets[0].ready()")
    assert sent(page, "options") == [{"type": "options", "values": {"mouth": 0.5}}]
    page.evaluate(
        "sockets[0].fails(); live.setOptions('preview', { mouth: 0.7 }); later(1500); sockets[1].ready()"
    )
    assert sent(page, "options", 1) == [{"type": "options", "values": {"mouth": 0.7}}]


def test_options_of_another_engine_leave_the_session_alone(page: Page) -> None:
    page.evaluate("live.setOptions('joyvasa', { mouth: 0.1 }); sockets[0].ready({ ticket: 'again' })")
    page.evaluate("live.setOptions('joyvasa', { mouth: 0.2 }); later(1000)")
    lose(page)
    page.evaluate("sockets[1].ready(); live.setOptions('preview', { mouth: 0.7 }); later(1000)")
    assert [*sent(page, "options"), *sent(page, "options", 1)] == [
        {"type": "options", "values": {"mouth": 0.7}}
    ]


def test_a_server_that_does_not_become_ready_is_given_up(page: Page) -> None:
    page.evaluate("sockets[0].opens(); later(60000)")
    assert page.evaluate("told.at(-1)") == ["ended", "no-answer", None, False]
    assert page.evaluate("sockets[0].readyState") == 3


def test_a_reconnection_that_does_not_become_ready_is_tried_again(page: Page) -> None:
    page.evaluate("sockets[0].ready({ ticket: 'again' })")
    lose(page)
    page.evaluate("sockets[1].opens(); later(15000); later(1500)")
    assert page.evaluate("sockets.length") == 3
    assert state(page) == "reconnecting"
    page.evaluate("sockets[2].opens(); later(15000)")
    assert page.evaluate("told.at(-1)") == ["ended", "lost", None, False]


def test_pictures_that_nobody_sees_do_not_pile_up(window: Page) -> None:
    for source in (script("live_player.js"), PLAYER):
        window.add_script_tag(content=source)
    # A covered window draws nothing; of a hidden page, not even that is asked for.
    assert window.evaluate("shown(300)") == [50, 1]
    assert window.evaluate("hide(); shown(300)") == [50, 0]


def test_a_voice_is_heard_again_however_an_interruption_ends(page: Page) -> None:
    heard = "!video.muted"
    page.evaluate("sockets[0].ready({ ticket: 'again' }); live.interrupt(); live.interrupt()")
    assert not page.evaluate(heard)
    page.evaluate("sockets[0].says({ type: 'interrupted' })")
    assert not page.evaluate(heard)  # the second one is not answered yet
    page.evaluate("sockets[0].says({ type: 'interrupted' })")
    assert page.evaluate(heard)
    page.evaluate("live.interrupt()")
    lose(page)
    page.evaluate("sockets[1].ready()")
    assert page.evaluate(heard)
    page.evaluate("live.interrupt(); live.stop()")
    assert page.evaluate(heard)  # the next session plays in the same place


def test_what_is_pressed_without_a_connection_neither_says_that_it_is_live_nor_is_sent(page: Page) -> None:
    press = "live.mute(true); live.mute(false); live.interrupt(); live.again(); live.record(true)"
    page.evaluate(f"sockets[0].opens(); {press}")
    assert state(page) == "connecting"
    page.evaluate(f"sockets[0].ready({{ ticket: 'again' }}); sockets[0].fails(); {press}; later(1500)")
    page.evaluate(f"sockets[1].opens(); {press}")
    assert state(page) == "reconnecting"
    assert page.evaluate("sockets.flatMap(({ sent }) => sent).every(({ type }) => type === 'open')")
    # Without pictures, the network is what matters.
    page.evaluate("sockets[1].ready(); later(1500); live.mute(true)")
    assert state(page) == "slow"


def test_what_became_of_a_recording_is_heard_after_the_session(page: Page) -> None:
    page.evaluate("sockets[0].ready(); live.record(true); sockets[0].says({ type: 'recording', id: 'a' })")
    page.evaluate("live.stop()")
    assert page.evaluate("told.at(-1)") == ["ended", None, None, True]
    assert sent(page, "close") == [{"type": "close"}]
    assert page.evaluate("sockets[0].readyState") == 1  # the server closes it
    page.evaluate("sockets[0].speaks(1); sockets[0].says({ type: 'recorded', id: 'a' })")
    assert page.evaluate("told.at(-1)") == ["outcome", {"type": "recorded", "id": "a"}, True]


def test_a_recording_of_a_lost_connection_says_nothing_of_the_one_that_runs(page: Page) -> None:
    page.evaluate("sockets[0].ready({ ticket: 'again' }); live.record(true)")
    page.evaluate("sockets[0].says({ type: 'recording', id: 'a' })")
    lose(page)
    lost = {"type": "error", "id": "a", "code": "not_written", "fatal": False}
    page.evaluate("sockets[1].ready(); live.record(true); sockets[1].says({ type: 'recording', id: 'b' })")
    page.evaluate("(lost) => sockets[1].says(lost)", lost)
    assert page.evaluate("told.at(-1)") == ["outcome", lost, False]
    page.evaluate("sockets[1].says({ type: 'recorded', id: 'b' })")
    assert page.evaluate("told.at(-1)") == ["outcome", {"type": "recorded", "id": "b"}, True]
    page.evaluate("live.stop()")
    assert page.evaluate("told.at(-1)") == ["ended", None, None, False]
    assert page.evaluate("sockets[1].readyState") == 3
