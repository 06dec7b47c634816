"""The video service in a real pipeline, against a server whose frames the test sends."""

from __future__ import annotations

import asyncio
from typing import Any

from pipecat.frames.frames import (
    ErrorFrame,
    InterruptionFrame,
    OutputImageRawFrame,
    ServiceUpdateSettingsFrame,
    TextFrame,
    TTSAudioRawFrame,
    TTSStoppedFrame,
)

from fake_server import HEIGHT, WIDTH, FakeServer, FakeSession
from joystudio_pipecat import JoyStudioVideoService
from pipelines import Bot, levels, running, speech, with_fake

SECOND = 48000
"""Bytes of a second of 24 kHz."""


def service(server: FakeServer, **more: Any) -> JoyStudioVideoService:
    return JoyStudioVideoService(address=server.address, portrait=b"portrait", consent=True, **more)


async def spoken(there: FakeSession, context_id: str | None, frames: int, level: int = 1000) -> None:
    """A voice comes back, with its end."""
    await there.started(context_id, rate=24000)
    for number in range(frames):
        await there.frame(level, end=number == frames - 1)


async def sound_until(bot: Bot, kind: type) -> list[TTSAudioRawFrame]:
    sounds = []
    while not isinstance(frame := await bot.after.seen.get(), kind):
        if isinstance(frame, TTSAudioRawFrame):
            sounds.append(frame)
    return sounds


@with_fake
async def test_each_picture_comes_with_its_sound(server: FakeServer) -> None:
    async with running(service(server)) as bot:
        there = await server.session()
        await bot.send(speech(0.08, context_id="hello"))
        await there.sound(3840)
        await there.frame()
        await spoken(there, "hello", 2)
        idle = await bot.after.next(OutputImageRawFrame)
        assert (idle.size, idle.format, idle.sync_with_audio) == ((WIDTH, HEIGHT), "RGB", True)
        assert len(idle.image) == 3 * WIDTH * HEIGHT
        for _ in range(2):
            picture, sound = await bot.after.seen.get(), await bot.after.seen.get()
            assert isinstance(picture, OutputImageRawFrame)
            assert isinstance(sound, TTSAudioRawFrame)
            assert (sound.sample_rate, sound.num_channels, sound.context_id) == (24000, 1, "hello")
            assert (len(sound.audio), levels(sound)) == (1920, {1000})


@with_fake
async def test_only_the_portraits_copy_of_the_sound_goes_on(server: FakeServer) -> None:
    async with running(service(server)) as bot:
        there = await server.session()
        await bot.send(speech(1), TextFrame("passes"))
        await there.sound(SECOND)
        await bot.after.next(TextFrame)
        assert not [frame for frame in bot.after.rest() if isinstance(frame, TTSAudioRawFrame)]


@with_fake
async def test_the_stop_waits_until_the_reply_is_played(server: FakeServer) -> None:
    async with running(service(server)) as bot:
        there = await server.session()
        for context_id in ("one", "two"):
            await bot.send(speech(0.04, context_id=context_id), TTSStoppedFrame(context_id=context_id))
            await there.message("flush")
        for context_id in ("one", "two"):
            await spoken(there, context_id, 3)
            assert len(await sound_until(bot, TTSStoppedFrame)) == 3
        assert not bot.after.rest()
        await bot.send(TTSStoppedFrame(context_id="without sound"))
        assert (await bot.after.next(TTSStoppedFrame)).context_id == "without sound"


@with_fake
async def test_no_sound_follows_an_interruption_20_times_in_a_row(server: FakeServer) -> None:
    async with running(service(server)) as bot:
        there = await server.session()
        for number in range(1, 21):
            await bot.send(speech(2, level=number), TTSStoppedFrame())
            await there.message("flush")
            await there.started("reply", rate=24000)
            for _ in range(3):
                await there.frame(number)
            first = await bot.after.next(TTSAudioRawFrame)
            assert levels(first) == {number}
            await bot.send(InterruptionFrame())
            await there.message("interrupt")
            for _ in range(3):  # were on their way
                await there.frame(number)
            await there.tell("interrupted", position=0.12, dropped=1.88, message_id="reply")
            await there.frame()
            await bot.after.next(InterruptionFrame)
            await bot.send(TextFrame("after"))
            after = []
            while not isinstance(frame := await bot.after.seen.get(), TextFrame):
                after.append(frame)
            assert not [one for one in after if isinstance(one, TTSAudioRawFrame | TTSStoppedFrame)]
        await bot.send(speech(0.04, level=99), TTSStoppedFrame())
        await there.message("flush")
        await spoken(there, "reply", 2, level=99)
        assert [levels(sound) for sound in await sound_until(bot, TTSStoppedFrame)] == [{99}, {99}]


@with_fake
async def test_pictures_are_repeated_after_an_interruption(server: FakeServer) -> None:
    """The transport drops those that wait in it, and would show an open mouth until the next change."""
    async with running(service(server)) as bot:
        there = await server.session()
        await there.frame()
        await there.frame(picture=False)
        await bot.after.next(OutputImageRawFrame)
        await bot.send(InterruptionFrame())
        await there.interrupted()
        await bot.after.next(InterruptionFrame)
        await there.frame(picture=False)
        assert (await bot.after.next(OutputImageRawFrame)).image[0] == 0


@with_fake
async def test_an_end_waits_for_the_last_words(server: FakeServer) -> None:
    async with running(service(server)) as bot:
        there = await server.session()
        await bot.send(speech(0.04))
        await bot.end()
        await there.message("flush")
        await spoken(there, "reply", 3)
        for _ in range(3):
            await bot.after.next(TTSAudioRawFrame)
        await there.message("close")


@with_fake
async def test_a_bot_speaks_on_if_the_portrait_is_refused(server: FakeServer) -> None:
    server.refusal = {"code": "no_face", "message": "No face was found."}
    portrait = service(server)
    async with running(portrait) as bot:
        assert "No face was found. The bot speaks on" in (await bot.before.next(ErrorFrame)).error
        assert not portrait.is_ready
        await bot.send(speech(1, level=7), TTSStoppedFrame())
        assert levels(await bot.after.next(TTSAudioRawFrame)) == {7}
        await bot.after.next(TTSStoppedFrame)


@with_fake
async def test_a_bot_speaks_on_if_the_portrait_ends(server: FakeServer) -> None:
    """Of each reply, what the portrait has not spoken is heard, before what follows it."""
    async with running(service(server)) as bot:
        there = await server.session()
        for level in (1, 3):
            await bot.send(*(speech(0.1, level=level + more, context_id=f"r{level}") for more in (0, 1)))
            await bot.send(TTSStoppedFrame(context_id=f"r{level}"))
            await there.message("flush")
        await there.started("r1", rate=24000)
        for level in (1, 1, 1):  # the third frame is half of the one sound and half of the other
            await there.frame(level)
        await there.close(1012, "stopping")
        for level in (1, 3):
            heard = b"".join(sound.audio for sound in await sound_until(bot, TTSStoppedFrame))
            whole = b"".join((level + more).to_bytes(2, "little") * 2400 for more in (0, 1))
            played = whole[: 3 * 1920] if level == 1 else b""
            assert heard[len(played) :] == whole[len(played) :]
        assert "code 1012, stopping" in (await bot.before.next(ErrorFrame)).error
        await bot.send(speech(1, level=7))
        assert levels(await bot.after.next(TTSAudioRawFrame)) == {7}
        await bot.send(InterruptionFrame())
        await bot.after.next(InterruptionFrame)
    assert not [frame for frame in bot.before.rest() if isinstance(frame, ErrorFrame)]


@with_fake
async def test_a_bot_that_speaks_faster_than_it_is_heard_loses_nothing(server: FakeServer) -> None:
    async with running(service(server)) as bot:
        there = await server.session()
        await bot.send(*(speech(1, level=number) for number in range(1, 21)), TTSStoppedFrame())
        await there.sound(15 * SECOND)  # the rest waits for room
        await there.close(1011, "broken")
        heard = b"".join(sound.audio for sound in await sound_until(bot, TTSStoppedFrame))
        assert heard == b"".join(number.to_bytes(2, "little") * 24000 for number in range(1, 21))


@with_fake
async def test_an_interrupted_reply_is_not_spoken_on(server: FakeServer) -> None:
    async with running(service(server)) as bot:
        there = await server.session()
        await bot.send(speech(1, level=5), TTSStoppedFrame())
        await there.message("flush")
        await bot.send(InterruptionFrame())
        await there.message("interrupt")
        await there.close(1012, "stopping")
        await bot.before.next(ErrorFrame)
        await bot.send(speech(1, level=7))
        assert levels(await bot.after.next(TTSAudioRawFrame)) == {7}


@with_fake
async def test_sound_that_the_portrait_cannot_take_is_heard(server: FakeServer) -> None:
    async with running(service(server)) as bot:
        there = await server.session()
        await bot.send(speech(0.5, level=6, context_id="one"))
        await there.sound(SECOND // 2)
        await bot.send(speech(0.5, level=7, rate=7000, context_id="two"), TTSStoppedFrame())
        assert "takes 8000 to 48000" in (await bot.before.next(ErrorFrame)).error
        assert [(levels(sound), sound.sample_rate) for sound in await sound_until(bot, TTSStoppedFrame)] == [
            ({6}, 24000),
            ({7}, 7000),
        ]


@with_fake
async def test_options_change_while_it_speaks(server: FakeServer) -> None:
    portrait = service(server, options={"head_motion": 0.5})
    async with running(portrait) as bot:
        there = await server.session()
        assert there.opening["options"] == {"head_motion": 0.5}
        change = JoyStudioVideoService.Settings(extra={"mouth_opening": 0.8})
        await bot.send(ServiceUpdateSettingsFrame(delta=change, service=portrait), TextFrame("after"))
        assert (await there.message("options"))["values"] == {"mouth_opening": 0.8}
        await there.tell("options", values={"mouth_opening": 0.8})
        await bot.after.next(TextFrame)
        assert portrait.settings.extra == {"head_motion": 0.5, "mouth_opening": 0.8}
        wrong = JoyStudioVideoService.Settings(extra={"mouth_opening": 9})
        await bot.send(ServiceUpdateSettingsFrame(delta=wrong, service=portrait))
        await there.message("options")
        await there.tell("error", code="bad_option", message="It takes 0 to 2.", fatal=False)
        assert "It takes 0 to 2." in (await bot.before.next(ErrorFrame)).error
        assert portrait.settings.extra["mouth_opening"] == 0.8


@with_fake
async def test_stereo_becomes_mono(server: FakeServer) -> None:
    async with running(service(server)) as bot:
        there = await server.session()
        frame = TTSAudioRawFrame(b"\x02\0\x04\0" * 240, 24000, 2)
        await bot.send(frame)
        assert await there.sound(480) == b"\x03\0" * 240


@with_fake
async def test_the_interruption_comes_while_sound_waits_for_room(server: FakeServer) -> None:
    async with running(service(server)) as bot:
        there = await server.session()
        await bot.send(speech(60, level=1))
        await there.sound(15 * SECOND)
        await bot.send(InterruptionFrame())
        async with asyncio.timeout(10):
            await there.interrupted()
        await bot.send(speech(1, level=2, context_id="next"))
        assert (await there.message("audio"))["message_id"] == "next"
        assert await there.sound(SECOND) == b"\x02\0" * 24000
