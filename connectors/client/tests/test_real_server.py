"""The client against a JoyStudio server."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable

import numpy as np
import pytest

from joystudio_live import LiveError, LiveFrame, LiveSession
from real_server import PORTRAIT, RATE, server_address, voice


def run(test: Callable[[LiveSession], Awaitable[None]], **more: object) -> None:
    async def opened() -> None:
        arguments = {"consent": True, "paced": False} | more
        async with await LiveSession.open(server_address(), PORTRAIT, **arguments) as session:  # type: ignore[arg-type]
            await test(session)

    asyncio.run(asyncio.wait_for(opened(), 60))


async def reply(session: LiveSession) -> list[LiveFrame]:
    """The frames until the end of a voice."""
    frames = []
    async for frame in session.run():
        frames.append(frame)
        if frame.end_of_speech:
            break
    return frames


@pytest.mark.parametrize("picture", ["rgb", "jpeg", "png", "none"])
def test_the_sound_comes_back_sample_for_sample(picture: str) -> None:
    said = voice(0.9)

    async def test(session: LiveSession) -> None:
        await session.push_audio(said, RATE, last_chunk=True, message_id="hello")
        frames = [frame for frame in await reply(session) if frame.speaking]
        heard = np.concatenate([frame.samples for frame in frames]).tobytes()
        assert heard[: len(said)] == said
        assert not any(heard[len(said) :])
        assert {(frame.sample_rate, frame.source_message_id) for frame in frames} == {(RATE, "hello")}
        shapes = {None if frame.rgb_image is None else frame.rgb_image.shape for frame in frames}
        assert shapes == {None if picture == "none" else (session.height, session.width, 3)}
        assert session.waiting_seconds == 0.0

    run(test, picture=picture)


def test_pictures_are_the_same_however_they_travel() -> None:
    pictures = []

    async def test(session: LiveSession) -> None:
        await session.push_audio(voice(0.5), RATE, last_chunk=True)
        pictures.append([np.asarray(frame.rgb_image).tobytes() for frame in await reply(session)])

    run(test, picture="rgb")
    run(test, picture="png")
    raw, png = pictures
    assert len(set(raw)) > 5
    assert raw == png


def test_an_interruption_and_the_next_reply() -> None:
    async def test(session: LiveSession) -> None:
        frames = session.run()
        for _ in range(5):
            await session.push_audio(voice(3), RATE)
            while not (await anext(frames)).speaking:
                pass
            said = session.interrupt()
            assert said.position == 0.04
            assert said.dropped == pytest.approx(2.96)
            await session.push_audio(voice(0.2), RATE, last_chunk=True, message_id="next")
            spoken = [frame for frame in await reply(session) if frame.speaking]
            assert b"".join(frame.samples.tobytes() for frame in spoken)[: len(voice(0.2))] == voice(0.2)

    run(test)


def test_more_sound_than_may_wait_goes_through() -> None:
    async def test(session: LiveSession) -> None:
        pushing = asyncio.create_task(session.push_audio(voice(2) * 12, RATE, last_chunk=True))
        frames = await reply(session)
        await pushing
        assert sum(frame.speaking for frame in frames) == 24 * session.settings.FPS

    run(test, picture="none")


def test_options_change_in_flight_and_refusals_are_said() -> None:
    async def test(session: LiveSession) -> None:
        reading = asyncio.create_task(reply(session))
        assert "mouth_opening" in session.ranges
        assert (await session.set_options(mouth_opening=0.5))["mouth_opening"] == 0.5
        with pytest.raises(LiveError, match="mouth_opening") as refused:
            await session.set_options(mouth_opening=99)
        assert refused.value.code == "bad_option"
        await session.push_audio(voice(0.2), RATE, last_chunk=True)
        await reading

    run(test)


def test_what_cannot_be_opened_says_why() -> None:
    async def opened(portrait: bytes, consent: bool) -> None:
        await LiveSession.open(server_address(), portrait, consent=consent)

    with pytest.raises(LiveError) as refused:
        asyncio.run(opened(base64.b64encode(b"no picture"), True))
    assert refused.value.code == "bad_portrait"
    with pytest.raises(LiveError) as refused:
        asyncio.run(opened(PORTRAIT.read_bytes(), False))
    assert refused.value.code == "no_consent"


def test_a_refused_connection_says_why() -> None:
    async def test(_: LiveSession) -> None:
        """It is not reached."""

    with pytest.raises(LiveError, match=r"\(status 403\): Requests from other websites are refused"):
        run(test, headers={"Origin": "https://other.example"})
