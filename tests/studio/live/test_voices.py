"""Sound that is pushed: several voices, their ends, and what cannot be used."""

from __future__ import annotations

import asyncio

import pytest

from media.errors import VoiceError
from media.portrait import Portrait
from tests.studio.live.sessions import RATE, frames_of, opened, run, sound_of, voice_of
from tests.studio.live.talker import Talk


def test_another_rate_or_message_begins_another_voice(portrait: Portrait, pcm: bytes) -> None:
    async def story() -> None:
        async with opened(portrait, paced=False) as (session, _):
            await session.push_audio(pcm[:5000], 16000, message_id="a")
            await session.push_audio(pcm[:5000], 24000, message_id="a")
            await session.push_audio(pcm[:5000], 24000, last_chunk=True, message_id="b")
            frames = []
            async for frame in session.run():
                frames.append(frame)
                if frame.end_of_speech and frame.source_message_id == "b":
                    break
            ends = [(f.sample_rate, f.source_message_id) for f in frames if f.end_of_speech]
            assert ends == [(16000, "a"), (24000, "a"), (24000, "b")]
            assert [f.position for f in frames if f.position == 0.0] == [0.0] * 3

    run(story)


def test_an_end_without_sound_is_no_fault(portrait: Portrait, pcm: bytes) -> None:
    async def story() -> None:
        async with opened(portrait) as (session, _):
            await session.flush()
            await session.push_audio(b"", RATE, last_chunk=True)
            frames = await frames_of(session, 5)
            assert not sound_of(frames).any()

    run(story)


def test_sound_without_samples_begins_no_voice(portrait: Portrait, pcm: bytes, talk: Talk) -> None:
    async def story() -> None:
        async with opened(portrait, engine="talker", paced=False) as (session, _):
            for number in range(500):
                await session.push_audio(b"", 8000 + number, message_id=str(number))
                await session.push_audio(b"", 8000 + number, last_chunk=True)
            assert not session.ready
            await session.push_audio(pcm[:3000], RATE, message_id="first")
            await session.push_audio(b"", RATE, last_chunk=True)
            await session.push_audio(b"", 8000, last_chunk=True, message_id="other")
            await session.flush()
            await session.push_audio(pcm[:1000], RATE, last_chunk=True, message_id="second")
            frames = await frames_of(session, 4)
            assert not session.ready
            said = [(frame.source_message_id, frame.end_of_speech) for frame in frames]
            assert said == [("first", False), ("first", False), ("first", True), ("second", True)]

    run(story)


def test_many_short_voices_wait_as_long_as_they_take_to_be_spoken(portrait: Portrait, talk: Talk) -> None:
    async def story() -> None:
        async with opened(portrait, engine="talker", paced=False) as (session, _):

            async def push() -> None:
                for number in range(700):
                    await session.push_audio(b"\1\0", RATE, message_id=str(number))

            pushing = asyncio.create_task(push())
            for _ in range(800):
                await asyncio.sleep(0)
            assert not pushing.done(), "500 frames last 20 s"
            frames = await frames_of(session, 690)
            assert [frame.source_message_id for frame in frames] == [str(n) for n in range(690)]
            await pushing

    run(story)


def test_sound_that_cannot_be_used_is_refused_and_the_session_goes_on(portrait: Portrait, pcm: bytes) -> None:
    async def story() -> None:
        async with opened(portrait, paced=False) as (session, _):
            for rate in (7999, 48001, 16000.5, "16000", None, True, -1):
                with pytest.raises(VoiceError, match="8000 to 48000"):
                    await session.push_audio(pcm, rate)  # type: ignore[arg-type]
            with pytest.raises(VoiceError, match="3 bytes, an odd number"):
                await session.push_audio(b"abc", RATE)
            with pytest.raises(VoiceError, match="type list"):
                await session.push_audio([1, 2], RATE)  # type: ignore[arg-type]
            with pytest.raises(VoiceError, match="601 seconds long, but at most 600"):
                await session.push_audio(bytes(2 * 8000 * 601), 8000)
            await session.push_audio(memoryview(bytearray(pcm)), RATE, last_chunk=True)  # type: ignore[arg-type]
            assert voice_of(await frames_of(session, 33))[: len(pcm)] == pcm

    run(story)
