"""The client, against a server whose frames the test sends."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable
from functools import wraps
from pathlib import Path
from typing import Any

import pytest

from fake_server import FakeServer, FakeSession, fake_server
from joystudio_live import LiveEnded, LiveError, LiveFrame, LiveSession

SECOND = b"\1\0" * 16000


def served(test: Callable[[FakeServer], Awaitable[None]]) -> Callable[[], None]:
    """Run a test with a server of its own, no longer than it may take."""

    @wraps(test)
    def run() -> None:
        async def with_server() -> None:
            async with asyncio.timeout(20), fake_server() as server:
                await test(server)

        asyncio.run(with_server())

    del run.__wrapped__  # pytest would look for a fixture
    return run


async def opened(server: FakeServer, **more: Any) -> tuple[LiveSession, FakeSession]:
    session = await LiveSession.open(server.address, b"portrait", consent=True, **more)
    return session, await server.session()


async def read(session: LiveSession, count: int) -> list[LiveFrame]:
    frames: list[LiveFrame] = []
    async for frame in session.run():
        frames.append(frame)
        if len(frames) == count:
            break
    return frames


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
async def test_frames_carry_pictures_and_sound(server: FakeServer) -> None:
    session, there = await opened(server)
    await there.frame()
    await there.started("m1", rate=24000)
    await there.frame(5)
    await there.frame(6, end=True, picture=False)
    idle, first, last = await read(session, 3)
    assert (idle.speaking, idle.audio_chunk, idle.sample_rate, len(idle.samples)) == (False, None, 16000, 640)
    assert (first.sample_rate, len(first.samples), set(first.samples)) == (24000, 960, {5})
    assert (first.source_message_id, first.position, first.delay) == ("m1", 0.0, 0.012)
    assert (last.end_of_speech, last.position) == (True, 0.04)
    assert last.rgb_image is first.rgb_image
    assert (first.changed, last.changed) == (True, False)
    assert first.rgb_image is not None
    assert (first.rgb_image.shape, first.rgb_image[0, 0, 0]) == ((24, 32, 3), 1)
    await session.shutdown()


@served
async def test_sound_goes_out_in_pieces_and_says_what_it_is(server: FakeServer) -> None:
    session, there = await opened(server)
    await session.push_audio(2 * SECOND, 16000, last_chunk=True, message_id="m1")
    assert await there.message("audio") == {"type": "audio", "sample_rate": 16000, "message_id": "m1"}
    assert await there.sound(64000) == 2 * SECOND
    await there.message("flush")
    await session.push_audio(SECOND, 24000)
    assert (await there.message("audio"))["sample_rate"] == 24000
    await session.shutdown()


@served
async def test_no_voice_from_before_an_interruption_is_read_after_it(server: FakeServer) -> None:
    session, there = await opened(server)
    await session.push_audio(SECOND, 16000)
    await there.sound(32000)
    await there.started()
    for _ in range(4):
        await there.frame(5)
    await read(session, 2)
    said = session.interrupt()
    assert (said.position, said.dropped) == (0.08, 0.92)
    await there.frame(5)  # was on its way when the interruption came
    await there.interrupted()
    await there.started()
    await there.frame(7)
    frames = await read(session, 4)
    assert [frame.speaking for frame in frames] == [False, False, False, True]
    assert [int(frame.samples.max()) for frame in frames] == [0, 0, 0, 7]
    assert [frame.frame_index for frame in frames] == [2, 3, 4, 5]
    await session.shutdown()


@served
async def test_without_a_pace_interrupted_frames_do_not_come(server: FakeServer) -> None:
    session, there = await opened(server, paced=False)
    await there.started()
    for _ in range(4):
        await there.frame(5)
    await read(session, 1)
    session.interrupt()
    await there.interrupted()
    await there.frame()
    (closing,) = await read(session, 1)
    assert (closing.frame_index, closing.speaking) == (4, False)
    await session.shutdown()


@served
async def test_an_interruption_passes_the_sound_that_waits(server: FakeServer) -> None:
    session, there = await opened(server)
    pushing = asyncio.create_task(session.push_audio(40 * SECOND, 16000))
    await there.sound(15 * 32000)
    assert not pushing.done()
    session.interrupt()
    await pushing
    await there.interrupted()
    await session.push_audio(SECOND, 16000, message_id="next")
    assert (await there.message("audio"))["message_id"] == "next"
    assert await there.sound(32000) == SECOND
    assert session.waiting_seconds == 1.0
    await session.shutdown()


@served
async def test_sound_waits_until_frames_are_read(server: FakeServer) -> None:
    session, there = await opened(server)
    pushing = asyncio.create_task(session.push_audio(17 * SECOND, 16000, last_chunk=True))
    await there.sound(15 * 32000)
    await there.started()
    reading = asyncio.create_task(read(session, 30))
    for _ in range(30):
        await there.frame(5)
    await reading
    await there.message("flush")
    await pushing
    await session.shutdown()


@served
async def test_options_change_in_flight(server: FakeServer) -> None:
    session, there = await opened(server)
    changing = asyncio.create_task(session.set_options(mouth_opening=0.5))
    assert (await there.message("options"))["values"] == {"mouth_opening": 0.5}
    await there.tell("options", values={"mouth_opening": 0.5})
    assert await changing == session.options == {"mouth_opening": 0.5}
    changing = asyncio.create_task(session.set_options(mouth_opening=9))
    await there.message("options")
    await there.tell("error", code="bad_option", message="The option is 9.", fatal=False)
    with pytest.raises(LiveError, match=r"The option is 9\."):
        await changing
    await session.push_audio(SECOND, 16000)  # goes on
    await session.shutdown()


@served
async def test_a_wait_for_a_frame_can_be_given_up(server: FakeServer) -> None:
    session, there = await opened(server)
    frames = session.run()
    waiting = asyncio.ensure_future(anext(frames))
    await asyncio.wait([waiting], timeout=0)
    waiting.cancel()
    await there.frame(5)
    assert (await anext(frames)).frame_index == 0
    await session.shutdown()


@served
async def test_a_server_that_goes_says_why(server: FakeServer) -> None:
    session, there = await opened(server)
    changing = asyncio.create_task(session.set_options(mouth_opening=0.5))
    await there.message("options")
    await there.tell("error", code="ended", message="Nothing read the frames.", fatal=True)
    await there.close(4000)
    with pytest.raises(LiveEnded, match="Nothing read the frames"):
        await read(session, 1)
    with pytest.raises(LiveEnded):
        await changing
    for late in (session.push_audio(SECOND, 16000), session.flush(), session.set_options(mouth_opening=1)):
        with pytest.raises(LiveEnded, match="Nothing read the frames"):
            await late
    with pytest.raises(LiveEnded):
        session.interrupt()
    await session.shutdown()


@served
async def test_a_connection_that_breaks_ends_the_session(server: FakeServer) -> None:
    session, there = await opened(server)
    pushing = asyncio.create_task(session.push_audio(40 * SECOND, 16000))
    await there.sound(32000)
    await there.close(1011, "broken")
    with pytest.raises(LiveEnded, match="code 1011, broken"):
        await pushing
    with pytest.raises(LiveEnded):
        await read(session, 1)
    await session.shutdown()


@served
async def test_frames_end_after_shutdown(server: FakeServer) -> None:
    session, there = await opened(server)
    await there.frame(5)
    assert len(await read(session, 1)) == 1
    reading = asyncio.create_task(read(session, 1))
    await session.shutdown()
    assert await reading == []
    await there.message("close")
    await session.shutdown()
    with pytest.raises(LiveEnded, match="was shut down"):
        session.interrupt()


@served
async def test_a_refusal_is_said(server: FakeServer) -> None:
    server.refusal = {"code": "no_face", "message": "No face was found."}
    with pytest.raises(LiveError, match="No face was found") as refused:
        await LiveSession.open(server.address, b"portrait", consent=True)
    assert refused.value.code == "no_face"


@pytest.mark.parametrize(
    ("sound", "rate", "why"),
    [(b"\0", 16000, "odd number"), (b"\0\0", 7999, "8000 to 48000"), ("aa", 16000, "type str")],
)
def test_sound_that_cannot_be_used_is_refused(sound: Any, rate: int, why: str) -> None:
    @served
    async def test(server: FakeServer) -> None:
        session, _ = await opened(server)
        with pytest.raises(LiveError, match=why):
            await session.push_audio(sound, rate)
        await session.push_audio(SECOND, 16000)
        await session.shutdown()

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


def test_a_session_that_says_nothing_shows_that_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("joystudio_live.session.SIGN_OF_LIFE", 0.01)

    @served
    async def test(server: FakeServer) -> None:
        session, there = await opened(server)
        for _ in range(3):
            assert (await there.message("options"))["values"] == {}
        changing = asyncio.create_task(session.set_options(mouth_opening=0.5))
        signs = 3
        while (await there.message("options"))["values"] == {}:
            signs += 1
        for _ in range(signs):
            await there.tell("options", values={"mouth_opening": 1.0})
        await there.tell("options", values={"mouth_opening": 0.5})
        assert await changing == {"mouth_opening": 0.5}
        await session.shutdown()

    test()


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
    with pytest.raises(LiveError, match="no address of a JoyStudio page"):
        asyncio.run(LiveSession.open("me.example", b"portrait", consent=True))
