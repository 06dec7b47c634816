"""Live sessions over a real WebSocket of a running page: who may open one, and what it costs the others."""

from __future__ import annotations

import asyncio
import base64
import json
import socket as raw_socket
import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_connection
from typing import Any

import gradio as gr
import httpx
import pytest
from PIL import Image
from starlette.websockets import WebSocketDisconnect, WebSocketState
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from media.messages import said
from studio.accounts import Accounts
from studio.live.socket.frames import HEADER
from studio.passwords import PasswordHash
from studio.settings import Settings
from tests.ui.server.serving import serving, small_page
from ui.server.live_sockets import Socket, client_of, live_host
from ui.server.logins import Logins
from ui.server.upload_ledger import Ledger

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
OPEN = {"type": "open", "consent": True}


@pytest.fixture(scope="module")
def page() -> gr.Blocks:
    return small_page()


@pytest.fixture(scope="module")
def url(page: gr.Blocks, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("live")
    settings = Settings(
        port=0,
        live_unread_seconds=5.0,
        live_sessions_per_address=1,
        outputs=folder / "outputs",
        history=folder / "history.sqlite",
        keys=folder / "keys",
    )
    with serving(settings, page) as url:
        yield url


@contextmanager
def socket(url: str, **how: Any) -> Iterator[ClientConnection]:
    address = url.replace("http", "ws", 1) + "live/v1"
    with connect(address, proxy=None, max_size=None, **how) as connection:
        yield connection


def event(connection: ClientConnection, kind: str) -> dict[str, Any]:
    """The next event of this type; frames and other events before it are left out."""
    while True:
        message = connection.recv(timeout=30)
        if isinstance(message, str) and (found := json.loads(message))["type"] in (kind, "error"):
            assert found["type"] == kind, found
            return dict(found)


def open_session(connection: ClientConnection, portrait: Path, **how: Any) -> dict[str, Any]:
    connection.send(json.dumps(OPEN | how))
    connection.send(portrait.read_bytes())
    return event(connection, "ready")


def test_a_voice_becomes_pictures_and_comes_back(url: str, portrait_file: Path) -> None:
    with wave.open(str(EXAMPLES / "voices" / "english-woman.wav")) as file:
        rate, sound = file.getframerate(), file.readframes(file.getframerate())
    with socket(url) as connection:
        assert not connection.protocol.extensions  # pictures are compressed already
        ready = open_session(connection, portrait_file, paced=False)
        assert (ready["fps"], ready["width"], ready["height"]) == (25, 128, 128)
        assert "mouth_opening" in ready["ranges"]
        connection.send(json.dumps({"type": "audio", "sample_rate": rate}))
        connection.send(sound)
        connection.send(json.dumps({"type": "flush"}))
        event(connection, "started")
        heard, pictures = b"", 0
        while isinstance(message := connection.recv(timeout=30), bytes):
            _, flags, _, _, size = HEADER.unpack_from(message)
            heard += message[HEADER.size : HEADER.size + size]
            if flags & 4:
                pictures += 1
                assert message[HEADER.size + size :].startswith(b"\xff\xd8")
        assert json.loads(message)["type"] == "finished"
        assert heard.startswith(sound)
        assert pictures > 15
        connection.send(json.dumps({"type": "close"}))
        with pytest.raises(ConnectionClosed) as closed:
            connection.recv(timeout=30)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1000


def refusal(url: str, **how: Any) -> tuple[int, str]:
    """The status and the reason of a connection that is refused before it opens."""
    with pytest.raises(InvalidStatus) as refused, socket(url, **how):
        pass
    answer = refused.value.response
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    return answer.status_code, answer.body.decode()


@pytest.mark.parametrize(
    ("header", "value", "english", "other"),
    [
        ("Origin", "https://evil.example", "this one is from https://evil.example", "来自其他网站"),
        ("Sec-Fetch-Site", "cross-site", "Another website made your browser", "网站"),
    ],
)
def test_another_website_gets_no_session_and_the_reason(
    url: str, header: str, value: str, english: str, other: str
) -> None:
    status, why = refusal(url, additional_headers={header: value})
    assert status == 403
    assert english in why
    assert other in why


def test_another_name_of_the_page_gets_no_session_and_the_reason(url: str) -> None:
    there = httpx.URL(url)
    plain = create_connection((there.host, there.port))
    status, why = refusal(url.replace(there.host, "other.example"), sock=plain)
    assert status == 403
    assert "does not answer to the name other.example" in why
    assert "不响应名称 other.example" in why


def test_the_page_itself_may_open_one(url: str, portrait_file: Path) -> None:
    with socket(url, origin=url.rstrip("/")) as connection:
        assert open_session(connection, portrait_file)["notes"] == []


def test_notes_about_the_portrait_come_in_both_languages(
    url: str, portrait_file: Path, tmp_path: Path
) -> None:
    two_people = tmp_path / "two.png"
    with Image.open(portrait_file) as face, Image.new("RGB", (256, 128)) as picture:
        picture.paste(face, (0, 0))
        picture.paste(face, (128, 0))
        picture.save(two_people)
    with socket(url) as connection:
        assert open_session(connection, two_people)["notes"] == [
            {
                "message": "2 faces were found. Number 0 is animated (0 is the largest).",
                "message_zh": "找到 2 张脸；使用编号 0 的脸（0 为最大）。",
            }
        ]


def test_a_program_is_told_of_fields_and_a_visitor_of_the_page_of_what_it_shows() -> None:
    ledger, settings = Ledger(Settings()), Settings()
    client = client_of({"type": "websocket", "client": ("192.0.2.1", 1), "headers": []}, settings, ledger)
    anchors = said(
        "No animal face was found reliably. Accept or move the proposed points on the portrait, or pass them "
        "on the command line as --anchors {points}",
        points="1,2 3,4 5,6",
    )
    assert "--anchors 1,2 3,4 5,6" in client.worded(anchors)["message"]
    assert "--anchors" not in client.worded_for_page(anchors)["message"]
    path = said(
        "The folder {path} is not writable. Choose another, or change its permissions.", path="/srv/a"
    )
    for worded in (client.worded, client.worded_for_page):
        assert "/srv" not in worded(path)["message"]


def test_a_connection_that_breaks_gives_its_place_back(
    url: str, page: gr.Blocks, portrait_file: Path
) -> None:
    for _ in range(3):  # one place for each address
        with socket(url) as connection:
            open_session(connection, portrait_file)
            assert live_host(page.app).places.taken == 1
            with socket(url) as another:
                another.send(json.dumps(OPEN))
                error = event_of_refusal(another)
                assert error["code"] == "no_place"
                assert "实时会话" in error["message_zh"]
            connection.socket.close()  # without a closing message, as when a cable is pulled
        wait_for_no_session(page)


def test_a_long_voice_leaves_its_connection_alive(
    url: str, page: gr.Blocks, portrait_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wait_for_no_session(page)
    monkeypatch.setattr(page.server.config, "ws_ping_interval", 0.2)
    monkeypatch.setattr(page.server.config, "ws_ping_timeout", 0.5)
    with socket(url) as connection:
        open_session(connection, portrait_file, picture="none")
        connection.send(bytes(2 * 16000 * 120))
        connection.send(json.dumps({"type": "flush"}))
        event(connection, "started")
        for _ in range(50):  # two seconds, by the clock of the session
            assert isinstance(connection.recv(timeout=30), bytes)
        connection.send(json.dumps({"type": "interrupt"}))
        assert event(connection, "interrupted")["dropped"] > 100


def event_of_refusal(connection: ClientConnection) -> dict[str, Any]:
    found = json.loads(connection.recv(timeout=30))
    assert found["type"] == "error"
    return dict(found)


def wait_for_no_session(page: gr.Blocks) -> None:
    while live_host(page.app).places.taken:
        time.sleep(0.01)


def test_who_has_no_login_gets_no_session_and_the_reason(portrait_file: Path) -> None:
    def header(login: bytes) -> dict[str, str]:
        return {"Authorization": f"Basic {base64.b64encode(login).decode()}"}

    accounts = Accounts({"ann": PasswordHash.of("right")})
    with serving(auth=Logins(accounts).check) as url:
        status, why = refusal(url)
        assert status == 401
        assert "asks for a name and a password" in why
        assert "用户名和密码" in why
        status, why = refusal(url, additional_headers=header(b"ann:wrong"))
        assert status == 401
        assert "in the header Authorization is wrong" in why
        with socket(url, additional_headers=header(b"ann:right")) as connection:
            open_session(connection, portrait_file)


def test_a_server_that_stops_says_so(portrait_file: Path) -> None:
    page = small_page()
    with serving(page=page) as url, socket(url) as connection:
        open_session(connection, portrait_file)
        live_host(page.app).end()
        with pytest.raises(AssertionError, match="The server stops"):
            event(connection, "closed")
        with pytest.raises(ConnectionClosed) as closed:
            connection.recv(timeout=30)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1012


def test_a_connection_that_is_never_read_is_dropped(portrait_file: Path) -> None:
    page = small_page()
    with serving(Settings(port=0, live_unread_seconds=0.5), page) as url:
        plain = raw_socket.socket()
        plain.setsockopt(raw_socket.SOL_SOCKET, raw_socket.SO_RCVBUF, 4096)
        plain.connect(("127.0.0.1", page.server_port))
        with socket(url, sock=plain, max_queue=1, close_timeout=0.1) as connection:
            connection.send(json.dumps(OPEN | {"paced": False, "picture": "rgb"}))
            connection.send(portrait_file.read_bytes())
            connection.send(bytes(2 * 16000 * 20))
            connections = page.server.server_state.connections
            while not live_host(page.app).places.taken:
                time.sleep(0.01)
            wait_for_no_session(page)
            while any(one.scope["type"] == "websocket" for one in list(connections) if one.scope):
                time.sleep(0.01)


def test_closing_a_connection_that_has_just_gone_does_nothing() -> None:
    class Gone:
        application_state = client_state = WebSocketState.CONNECTED

        async def close(self, *_: object) -> None:
            raise WebSocketDisconnect(1006)

    gone: Any = Gone()
    asyncio.run(Socket(gone).close(1000, "done"))


def test_a_recording_can_be_downloaded_by_its_owner_alone(
    url: str, page: gr.Blocks, portrait_file: Path
) -> None:
    wait_for_no_session(page)
    with socket(url) as connection:
        open_session(connection, portrait_file, paced=False)
        connection.send(json.dumps({"type": "record"}))
        event(connection, "recording")
        connection.send(b"\1\0" * 8000)
        connection.send(json.dumps({"type": "flush"}))
        event(connection, "finished")
        connection.send(json.dumps({"type": "stop_recording"}))
        recorded = event(connection, "recorded")
    assert len(recorded["owner_token"]) > 32
    video = httpx.get(url + recorded["address"])
    assert video.headers["content-type"] == "video/mp4"
    assert b"c2pa" in video.content
    assert httpx.get(url + recorded["address"].replace(recorded["id"], "0" * 16)).status_code == 404
