"""A bot with a portrait in Pipecat's WebRTC transport, and a visitor who sees and hears it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import numpy as np
from aiortc import RTCSessionDescription
from pipecat.frames.frames import InterruptionFrame, TTSAudioRawFrame, TTSStoppedFrame
from pipecat.transports.base_transport import TransportParams
from pipecat.transports.smallwebrtc.connection import SmallWebRTCConnection
from pipecat.transports.smallwebrtc.transport import SmallWebRTCTransport

from joystudio_pipecat import JoyStudioVideoService
from pipelines import Bot, running
from real_server import PORTRAIT, RATE, server_address
from visitor import Visitor


@asynccontextmanager
async def call() -> AsyncIterator[tuple[Bot, Visitor]]:
    """A visitor who has called a bot and sees its portrait."""
    visitor = await Visitor.ready()
    connection = SmallWebRTCConnection()
    await connection.initialize(visitor.peer.localDescription.sdp, "offer")
    size = {"video_out_width": 512, "video_out_height": 512}
    transport = SmallWebRTCTransport(
        connection, TransportParams(audio_out_enabled=True, video_out_enabled=True, **size)
    )
    service = JoyStudioVideoService(address=server_address(), portrait=PORTRAIT, consent=True)
    async with running(service, transport.output()) as bot:
        answer = connection.get_answer()
        assert answer is not None
        await visitor.peer.setRemoteDescription(RTCSessionDescription(answer["sdp"], answer["type"]))
        async with visitor.news:
            await visitor.news.wait_for(lambda: len(visitor.pictures) > 3 and visitor.loud)
        yield bot, visitor
        await visitor.close()


def tone(seconds: float) -> list[TTSAudioRawFrame]:
    """A tone, as a voice service sends it: faster than it sounds."""
    times = np.arange(round(seconds * RATE)) / RATE
    sound = (8000 * np.sin(2 * np.pi * 440 * times)).astype("<i2").tobytes()
    size = RATE // 10 * 2
    return [TTSAudioRawFrame(sound[at : at + size], RATE, 1) for at in range(0, len(sound), size)]


def quiet_at_the_end(visitor: Visitor, windows: int) -> bool:
    return len(visitor.loud) >= windows and not any(visitor.loud[-windows:])


def test_the_visitor_sees_and_hears_the_whole_reply() -> None:
    async def test() -> None:
        async with asyncio.timeout(60), call() as (bot, visitor):
            before = len(visitor.pictures)
            await bot.send(*tone(2), TTSStoppedFrame())
            async with visitor.news:
                await visitor.news.wait_for(lambda: any(visitor.loud) and quiet_at_the_end(visitor, 30))
            assert sum(visitor.loud) >= 195  # 10 ms each; a busy computer stretches it
            seen = visitor.pictures[before:]
            assert {picture.shape for picture in seen} == {(512, 512, 3)}
            assert len({picture.tobytes() for picture in seen}) > 25

    asyncio.run(test())


def test_the_visitor_hears_the_end_of_an_interrupted_reply_at_once() -> None:
    async def test() -> None:
        async with asyncio.timeout(60), call() as (bot, visitor):
            await bot.send(*tone(5), TTSStoppedFrame())
            async with visitor.news:
                await visitor.news.wait_for(lambda: sum(visitor.loud) > 50)
            await bot.send(InterruptionFrame())
            spoken = sum(visitor.loud)
            async with visitor.news:
                await visitor.news.wait_for(lambda: quiet_at_the_end(visitor, 30))
            assert sum(visitor.loud) - spoken <= 20  # what the transport and the network had

    asyncio.run(test())
