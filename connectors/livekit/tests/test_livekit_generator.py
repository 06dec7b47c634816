"""The generator under LiveKit's own runner, against a server whose frames the test sends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from livekit import rtc
from livekit.agents.voice.avatar import AudioSegmentEnd, AvatarRunner

from fake_server import HEIGHT, WIDTH, FakeServer, FakeSession
from joystudio_live import LiveSession
from joystudio_livekit import AvatarVoice, JoyStudioVideoGenerator
from rooms import FakeRoom, Playback, levels, sound, with_fake

SECOND = 48000
"""Bytes of a second of 24 kHz."""


@asynccontextmanager
async def generating(server: FakeServer) -> AsyncIterator[tuple[JoyStudioVideoGenerator, FakeSession]]:
    async with await LiveSession.open(server.address, b"portrait", consent=True) as session:
        yield JoyStudioVideoGenerator(session), await server.session()


@asynccontextmanager
async def playing(server: FakeServer) -> AsyncIterator[tuple[AvatarVoice, Playback, FakeSession]]:
    """A voice that LiveKit's runner plays in a room."""
    async with generating(server) as (generator, there):
        voice, room = AvatarVoice(sample_rate=24000), FakeRoom()
        runner = AvatarRunner(room, audio_recv=voice, video_gen=generator, options=generator.options())
        await runner.start()
        yield voice, Playback(voice), there
        await runner.aclose()
        assert set(room.local_participant.track_publications) == {"avatar_audio", "avatar_video"}


async def spoken(there: FakeSession, frames: int, level: int = 1000, *, end: bool = True) -> None:
    """A voice comes back."""
    await there.started(rate=24000)
    for number in range(frames):
        await there.frame(level, end=end and number == frames - 1)


@with_fake
async def test_pictures_come_with_their_sound_and_silence_without(server: FakeServer) -> None:
    async with generating(server) as (generator, there):
        outputs = aiter(generator)
        await generator.push_audio(sound(0.04))
        ending = asyncio.create_task(generator.push_audio(AudioSegmentEnd()))
        await there.message("flush")
        await there.frame()
        await spoken(there, 2)
        await there.frame(picture=False)
        got: list[Any] = [await anext(outputs) for _ in range(7)]
        await ending
        kinds = [type(one).__name__ for one in got]
        assert kinds == [
            *("VideoFrame", "VideoFrame", "AudioFrame", "VideoFrame", "AudioFrame", "AudioSegmentEnd"),
            "VideoFrame",
        ]
        picture = got[0]
        assert (picture.width, picture.height, picture.type) == (WIDTH, HEIGHT, rtc.VideoBufferType.RGB24)
        heard = got[2]
        assert (heard.sample_rate, heard.num_channels, heard.samples_per_channel) == (24000, 1, 960)
        assert levels(heard) == {1000}


@with_fake
async def test_stereo_becomes_mono(server: FakeServer) -> None:
    async with generating(server) as (generator, there):
        await generator.push_audio(rtc.AudioFrame(b"\x02\0\x04\0" * 240, 24000, 2, 240))
        assert await there.sound(480) == b"\x03\0" * 240


@with_fake
async def test_sound_faster_than_it_is_spoken_finishes_once_it_is_played(server: FakeServer) -> None:
    async with playing(server) as (voice, playback, there):
        for _ in range(20):
            await voice.capture_frame(sound(0.5))
        voice.flush()
        await there.message("flush")
        assert playback.finished.empty()
        await spoken(there, 25, end=False)
        assert playback.finished.empty()
        await there.frame(1000, end=True)
        finished = await playback.next()
        assert (finished.interrupted, round(finished.playback_position, 3)) == (False, 1.04)


@with_fake
async def test_two_segments_sent_ahead_are_both_reported(server: FakeServer) -> None:
    async with playing(server) as (voice, playback, there):
        for _ in range(2):
            await voice.capture_frame(sound(0.08))
            voice.flush()
        for frames in (2, 3):
            await there.message("flush")
            await spoken(there, frames)
            finished = await playback.next()
            assert (finished.interrupted, round(finished.playback_position, 3)) == (False, frames / 25)
        await voice.wait_for_playout()


@with_fake
async def test_20_interruptions_in_a_row_are_all_reported(server: FakeServer) -> None:
    async with playing(server) as (voice, playback, there):
        for number in range(1, 21):
            await voice.capture_frame(sound(2, level=number))
            await there.sound(2 * SECOND)
            await spoken(there, 2, level=number, end=False)
            voice.flush()
            await there.message("flush")
            voice.clear_buffer()
            finished = await playback.next()
            assert finished.interrupted
            await there.interrupted()
        await voice.capture_frame(sound(0.08))
        voice.flush()
        await there.message("flush")
        await spoken(there, 2)
        assert not (await playback.next()).interrupted
        await voice.wait_for_playout()


@with_fake
async def test_no_sound_is_given_after_a_clear(server: FakeServer) -> None:
    async with generating(server) as (generator, there):
        outputs = aiter(generator)
        await generator.push_audio(sound(2, level=5))
        await spoken(there, 3, level=5, end=False)
        assert isinstance(await anext(outputs), rtc.VideoFrame)  # its sound would be next
        generator.clear_buffer()
        await there.frame(5)
        await there.interrupted()
        await generator.push_audio(sound(0.04, level=9))
        await spoken(there, 1, level=9)
        heard: list[set[int]] = []
        while not heard:
            output = await anext(outputs)
            if isinstance(output, rtc.AudioFrame):
                heard.append(levels(output))
        assert heard == [{9}]


@with_fake
async def test_a_segment_without_samples_is_reported(server: FakeServer) -> None:
    async with playing(server) as (voice, playback, there):
        await voice.capture_frame(sound(0))
        voice.flush()
        reading = asyncio.create_task(playback.next())
        while not reading.done():
            await there.frame()
            await asyncio.wait([reading], timeout=0.04)
        assert (await reading).playback_position == 0.0


@with_fake
async def test_the_voice_goes_on_if_the_portrait_ends(server: FakeServer) -> None:
    async with playing(server) as (voice, playback, there):
        await voice.capture_frame(sound(0.4))
        voice.flush()
        await there.message("flush")
        await spoken(there, 3, end=False)
        await there.close(1012, "stopping")
        finished = await playback.next()  # also what the portrait has not spoken
        assert (finished.interrupted, round(finished.playback_position, 3)) == (False, 0.4)
        for _ in range(2):
            await voice.capture_frame(sound(0.1, level=7))
            voice.flush()
            finished = await playback.next()
            assert (finished.interrupted, round(finished.playback_position, 3)) == (False, 0.1)
        await voice.capture_frame(sound(0.1))
        voice.clear_buffer()
        assert (await playback.next()).interrupted


async def heard_until_the_end(outputs: AsyncIterator[Any]) -> bytes:
    """The sound of a segment."""
    heard = b""
    while not isinstance(output := await anext(outputs), AudioSegmentEnd):
        if isinstance(output, rtc.AudioFrame):
            heard += bytes(output.data)
    return heard


@with_fake
async def test_the_rest_of_a_segment_is_heard_sample_for_sample(server: FakeServer) -> None:
    async with generating(server) as (generator, there):
        outputs = aiter(generator)
        pushed = [sound(1, level=number) for number in range(1, 21)]

        async def push() -> None:
            for frame in pushed:
                await generator.push_audio(frame)
            await generator.push_audio(AudioSegmentEnd())

        pushing = asyncio.create_task(push())
        await there.sound(15 * SECOND)  # the rest waits for room
        await spoken(there, 4, level=1, end=False)
        await there.close(1011, "broken")
        assert await heard_until_the_end(outputs) == b"".join(bytes(frame.data) for frame in pushed)
        following = asyncio.ensure_future(heard_until_the_end(outputs))
        await pushing
        await generator.push_audio(sound(0.1, level=7))
        ending = asyncio.create_task(generator.push_audio(AudioSegmentEnd()))
        assert await following == bytes(sound(0.1, level=7).data)
        following = asyncio.ensure_future(heard_until_the_end(outputs))
        await asyncio.wait([ending, following], return_when=asyncio.FIRST_COMPLETED)
        following.cancel()
        assert ending.done()


@with_fake
async def test_a_cleared_segment_is_not_spoken_on(server: FakeServer) -> None:
    async with generating(server) as (generator, there):
        outputs = aiter(generator)
        await generator.push_audio(sound(1, level=5))
        await spoken(there, 3, level=5, end=False)
        await there.close(1011, "broken")
        assert isinstance(await anext(outputs), rtc.VideoFrame)
        generator.clear_buffer()
        await generator.push_audio(sound(0.1, level=9))
        ending = asyncio.create_task(generator.push_audio(AudioSegmentEnd()))
        assert await heard_until_the_end(outputs) == bytes(sound(0.1, level=9).data)
        ending.cancel()


@with_fake
async def test_sound_that_the_portrait_cannot_take_is_heard(server: FakeServer) -> None:
    async with generating(server) as (generator, _):
        outputs = aiter(generator)
        for frame in (sound(0.1, level=6), sound(0.1, level=7, rate=6000)):
            await generator.push_audio(frame)
        ending = asyncio.create_task(generator.push_audio(AudioSegmentEnd()))
        whole = bytes(sound(0.1, level=6).data) + bytes(sound(0.1, level=7, rate=6000).data)
        assert await heard_until_the_end(outputs) == whole
        ending.cancel()


@with_fake
async def test_what_is_cleared_before_the_runner_sees_it_is_reported(server: FakeServer) -> None:
    async with playing(server) as (voice, playback, there):
        for segments in (1, 3):
            for _ in range(segments):
                await voice.capture_frame(sound(0.1))
                voice.flush()
            voice.clear_buffer()
            for _ in range(segments):
                assert (await playback.next()).interrupted
            await voice.wait_for_playout()
            await there.interrupted()
        assert playback.finished.empty()
        await voice.capture_frame(sound(0.08))
        voice.flush()
        await there.message("flush")
        await spoken(there, 2)
        assert not (await playback.next()).interrupted
