"""The client, against a server whose frames the test sends."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sessions import opened, read, served

from fake_server import FakeServer
from joystudio_live import LiveEnded, LiveError

SECOND = b"\1\0" * 16000


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
async def test_each_change_of_options_gets_its_own_answer(server: FakeServer) -> None:
    session, there = await opened(server)
    given_up = asyncio.create_task(session.set_options(mouth_opening=0.1))
    await there.message("options")
    given_up.cancel()
    changes = [asyncio.create_task(session.set_options(mouth_opening=value)) for value in (9, 0.2, 0.3)]
    for _ in changes:
        await there.message("options")
    await there.tell("options", values={"mouth_opening": 0.1})
    await there.tell("error", code="bad_sound", message="The sound is not for options.", fatal=False)
    await there.tell("error", code="bad_option", message="The option is 9.", fatal=False)
    await there.tell("options", values={"mouth_opening": 0.2})
    await there.tell("options", values={"mouth_opening": 0.3})
    refused, second, third = await asyncio.gather(*changes, return_exceptions=True)
    assert (str(refused), second, third) == (
        "The option is 9.",
        {"mouth_opening": 0.2},
        {"mouth_opening": 0.3},
    )
    assert session.options == {"mouth_opening": 0.3}
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
async def test_the_last_frames_of_a_broken_session_can_be_interrupted(server: FakeServer) -> None:
    session, there = await opened(server)
    await there.started()
    for _ in range(2):
        await there.frame(5)
    await there.close(1011, "broken")
    with pytest.raises(LiveEnded):
        await session.set_options(mouth_opening=0.5)  # has noticed it
    with pytest.raises(LiveEnded):
        session.interrupt()
    assert [frame.speaking for frame in await read(session, 2)] == [False, False]
    with pytest.raises(LiveEnded, match="broken"):
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
async def test_a_message_id_that_cannot_be_used_is_refused(server: FakeServer) -> None:
    session, _ = await opened(server)
    for message_id, why in (("a" * 201, "201 characters, but takes at most 200"), (7, "takes text")):
        with pytest.raises(LiveError, match=why):
            await session.push_audio(SECOND, 16000, message_id=message_id)  # type: ignore[arg-type]
    await session.push_audio(SECOND, 16000, message_id="a" * 200)
    await session.shutdown()


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
