"""How the client opens a session, and what it says if that fails."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path

import pytest
from sessions import opened, served

from fake_server import FakeServer
from joystudio_live import LiveError, LiveSession


@served
async def test_opens_with_the_portrait_and_the_arguments(server: FakeServer) -> None:
    portrait = bytes(range(256)) * 3000  # three pieces
    session = await LiveSession.open(
        server.address, portrait, consent=True, options={"fps": 25}, seed=7, look_ahead_ms=100, paced=False
    )
    there = await server.session()
    assert there.portrait == portrait
    assert there.opening["options"] == {"fps": 25}
    assert (there.opening["seed"], there.opening["look_ahead_ms"], there.opening["paced"]) == (7, 100, False)
    assert there.opening["consent"] is True
    assert (session.settings.FPS, session.width, session.height) == (25, 32, 24)
    await session.shutdown()


@served
async def test_notes_are_sentences(server: FakeServer) -> None:
    server.notes = [{"message": "The face is small.", "message_zh": "人脸很小。"}, {"message": "It is dark."}]
    session, _ = await opened(server)
    assert session.notes == ("The face is small.", "It is dark.")
    await session.shutdown()


@served
async def test_a_refusal_is_said(server: FakeServer) -> None:
    server.refusal = {"code": "no_face", "message": "No face was found."}
    with pytest.raises(LiveError, match="No face was found") as refused:
        await LiveSession.open(server.address, b"portrait", consent=True)
    assert refused.value.code == "no_face"


@pytest.mark.parametrize(
    ("status", "kind", "body", "said"),
    [
        (
            403,
            "text/plain; charset=utf-8",
            "Its name is not home.\n名字",
            "(status 403): Its name is not home.",
        ),
        (
            401,
            "text/plain; charset=utf-8",
            "Log in first.",
            "(status 401): Log in first. Write the login into",
        ),
        (429, "text/plain", "Many wait.", "(status 429): Many wait."),
        (403, "text/html", "<b>Forbidden</b>", "(status 403). Use an address under which"),
        (404, "text/plain", "Not Found", "offers no live sessions (status 404)"),
    ],
)
def test_a_refused_connection_says_why(status: int, kind: str, body: str, said: str) -> None:
    @served
    async def test(server: FakeServer) -> None:
        server.closed = status, kind, body
        with pytest.raises(LiveError) as refused:
            await LiveSession.open(server.address, b"portrait", consent=True)
        assert said in str(refused.value)
        assert "<b>" not in str(refused.value)
        assert "名字" not in str(refused.value)

    test()


@served
async def test_a_login_in_the_address_goes_into_the_request(server: FakeServer) -> None:
    address = server.address.replace("//", "//ann:secret@")
    session = await LiveSession.open(address, b"portrait", consent=True)
    there = await server.session()
    assert there.headers["Authorization"] == "Basic " + base64.b64encode(b"ann:secret").decode()
    await session.shutdown()


def test_no_message_shows_the_password() -> None:
    for address in ("http://ann:secret@127.0.0.1:9", "ftp://ann:secret@127.0.0.1:9"):
        with pytest.raises(LiveError) as refused:
            asyncio.run(LiveSession.open(address, b"portrait", consent=True))
        assert "127.0.0.1:9" in str(refused.value)
        assert "secret" not in str(refused.value)


def test_a_server_that_is_not_there() -> None:
    with pytest.raises(LiveError, match=r"does not answer at ws://127\.0\.0\.1:9/live/v1"):
        asyncio.run(LiveSession.open("http://127.0.0.1:9", b"portrait", consent=True))


def test_what_cannot_be_opened_is_refused_first(tmp_path: Path) -> None:
    for portrait, picture, why in (
        (tmp_path / "none.jpg", "rgb", "cannot be read"),
        (b"", "rgb", "is empty"),
        (b"portrait", "gif", "can come as rgb, jpeg, png, none"),
    ):
        with pytest.raises(LiveError, match=why):
            asyncio.run(LiveSession.open("http://127.0.0.1:9", portrait, consent=True, picture=picture))
    with pytest.raises(LiveError, match="not the address of a JoyStudio page"):
        asyncio.run(LiveSession.open("me.example", b"portrait", consent=True))
