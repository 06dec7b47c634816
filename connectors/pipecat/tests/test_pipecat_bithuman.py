"""A session satisfies the protocol of pipecat-bithuman, whose service then drives a portrait of ours."""

from __future__ import annotations

from pipecat.frames.frames import (
    InterruptionFrame,
    OutputImageRawFrame,
    TextFrame,
    TTSAudioRawFrame,
    TTSStoppedFrame,
)
from pipecat_bithuman import BitHumanRuntime, BitHumanVideoService

from fake_server import FakeServer
from joystudio_live import LiveSession
from pipelines import levels, running, speech, with_fake


def service(server: FakeServer) -> BitHumanVideoService:
    return BitHumanVideoService(
        runtime_factory=lambda: LiveSession.open(server.address, b"portrait", consent=True)
    )


def test_the_session_has_the_methods_of_the_protocol() -> None:
    assert issubclass(LiveSession, BitHumanRuntime)


@with_fake
async def test_it_speaks_stops_and_speaks_again(server: FakeServer) -> None:
    async with running(service(server)) as bot:
        there = await server.session()
        for level in (5, 6):
            await bot.send(speech(2, level=level), TTSStoppedFrame())
            await there.message("flush")
            await there.started(rate=24000)
            await there.frame(level)
            assert levels(await bot.after.next(TTSAudioRawFrame)) == {level}
            await bot.send(InterruptionFrame())
            await there.message("interrupt")
            await there.frame(level)
            await there.tell("interrupted", position=0.04, dropped=1.96, message_id=None)
            await there.frame()
            await bot.after.next(InterruptionFrame)
            await bot.after.next(OutputImageRawFrame)
            await bot.send(TextFrame("after"))
            after = []
            while not isinstance(frame := await bot.after.seen.get(), TextFrame):
                after.append(frame)
            assert not [one for one in after if isinstance(one, TTSAudioRawFrame)]
        await bot.send(speech(0.08, level=7), TTSStoppedFrame())
        await there.message("flush")
        await there.started(rate=24000)
        await there.frame(7)
        await there.frame(7, end=True)
        sound = await bot.after.next(TTSAudioRawFrame)
        assert (sound.sample_rate, len(sound.audio)) == (24000, 1920)
        await bot.after.next(TTSStoppedFrame)
