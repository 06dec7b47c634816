"""Pipelines whose portrait is on a JoyStudio server."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from pipecat.frames.frames import (
    Frame,
    InterruptionFrame,
    OutputImageRawFrame,
    TextFrame,
    TTSAudioRawFrame,
    TTSStoppedFrame,
)
from pipecat.processors.frame_processor import FrameProcessor
from pipecat_bithuman import BitHumanVideoService

from joystudio_live import LiveSession
from joystudio_pipecat import JoyStudioVideoService
from pipelines import Bot, running
from real_server import PORTRAIT, RATE, server_address, voice


def native() -> FrameProcessor:
    return JoyStudioVideoService(address=server_address(), portrait=PORTRAIT, consent=True)


def bithuman() -> FrameProcessor:
    return BitHumanVideoService(
        runtime_factory=lambda: LiveSession.open(server_address(), PORTRAIT, consent=True)
    )


services = pytest.mark.parametrize("service", [native, bithuman])


def run(service: Callable[[], FrameProcessor], test: Callable[[Bot], Awaitable[None]]) -> None:
    async def opened() -> None:
        async with running(service()) as bot:
            await bot.after.next(OutputImageRawFrame)
            await test(bot)

    asyncio.run(asyncio.wait_for(opened(), 60))


def tts(sound: bytes) -> list[Frame]:
    """Sound as a voice service sends it: faster than it is spoken, in pieces of 100 ms."""
    size = RATE // 10 * 2
    pieces = [sound[start : start + size] for start in range(0, len(sound), size)]
    return [*(TTSAudioRawFrame(piece, RATE, 1, context_id="reply") for piece in pieces), TTSStoppedFrame()]


@services
def test_it_speaks_what_the_bot_says(service: Callable[[], FrameProcessor]) -> None:
    said = voice(1.5)

    async def test(bot: Bot) -> None:
        await bot.send(*tts(said))
        pictures, sounds, waiting = [], [], 0
        while not isinstance(frame := await bot.after.seen.get(), TTSStoppedFrame):
            if isinstance(frame, OutputImageRawFrame):
                pictures.append(frame)
                waiting += 1
            elif isinstance(frame, TTSAudioRawFrame):
                sounds.append(frame)
                assert waiting <= 2  # each sound follows its picture at once
                waiting = 0
        heard = b"".join(frame.audio for frame in sounds)
        assert heard[: len(said)] == said
        assert len(sounds) >= 36
        assert {frame.size for frame in pictures} == {(512, 512)}
        assert len({frame.image for frame in pictures}) > 30

    run(service, test)


@services
def test_no_sound_follows_an_interruption(service: Callable[[], FrameProcessor]) -> None:
    async def test(bot: Bot) -> None:
        for _ in range(5):
            await bot.send(*tts(voice(3)))
            for _ in range(3):
                await bot.after.next(TTSAudioRawFrame)
            await bot.send(InterruptionFrame())
            await bot.after.next(InterruptionFrame)
            for _ in range(4):
                await bot.after.next(OutputImageRawFrame)
            await bot.send(TextFrame("after"))
            after = []
            while not isinstance(frame := await bot.after.seen.get(), TextFrame):
                after.append(frame)
            assert not [one for one in after if isinstance(one, TTSAudioRawFrame)]
        await bot.send(*tts(voice(0.4)))
        sounds = 0
        while not isinstance(frame := await bot.after.seen.get(), TTSStoppedFrame):
            sounds += isinstance(frame, TTSAudioRawFrame)
        assert sounds == 10

    run(service, test)
