"""An agent whose portrait is on a JoyStudio server: LiveKit's own session, runner and synchroniser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from livekit import rtc
from livekit.agents import Agent, AgentSession
from livekit.agents.voice.avatar import AudioSegmentEnd
from livekit.agents.voice.io import PlaybackFinishedEvent

from joystudio_live import LiveSession
from joystudio_livekit import JoyStudioAvatar, JoyStudioVideoGenerator
from real_server import PORTRAIT, RATE, server_address, voice
from rooms import FakeRoom


def run(test: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(test(), 100))


def frames(sound: bytes) -> list[rtc.AudioFrame]:
    """Sound as a speech engine makes it: in pieces of 100 ms."""
    size = RATE // 10 * 2
    pieces = [sound[at : at + size] for at in range(0, len(sound), size)]
    return [rtc.AudioFrame(piece, RATE, 1, len(piece) // 2) for piece in pieces]


async def spoken(sound: bytes) -> AsyncIterator[rtc.AudioFrame]:
    """The same, faster than it sounds."""
    for frame in frames(sound):
        yield frame


class Speaker:
    """An agent with a portrait. finished: how its replies ended."""

    def __init__(self, session: AgentSession, room: FakeRoom, avatar: JoyStudioAvatar) -> None:
        self.session, self.room, self.avatar = session, room, avatar
        self.finished: asyncio.Queue[PlaybackFinishedEvent] = asyncio.Queue()
        self.started: asyncio.Queue[object] = asyncio.Queue()
        voice = session.output.audio
        assert voice is not None
        voice.on("playback_finished", self.finished.put_nowait)
        voice.on("playback_started", self.started.put_nowait)


@asynccontextmanager
async def agent() -> AsyncIterator[Speaker]:
    session, room = AgentSession(), FakeRoom()
    avatar = JoyStudioAvatar(address=server_address(), portrait=PORTRAIT, consent=True)
    await avatar.start(session, room=room)
    await session.start(Agent(instructions="Speak."))
    yield Speaker(session, room, avatar)
    await session.aclose()
    await avatar.aclose()
    await avatar.aclose()


def test_the_voice_comes_back_sample_for_sample_with_moving_pictures() -> None:
    async def test() -> None:
        async with await LiveSession.open(server_address(), PORTRAIT, consent=True) as session:
            generator, said = JoyStudioVideoGenerator(session), voice(1.2)
            outputs = aiter(generator)

            async def push() -> None:
                for frame in frames(said):
                    await generator.push_audio(frame)
                await generator.push_audio(AudioSegmentEnd())

            pushing = asyncio.create_task(push())
            heard, pictures, silent = b"", set(), True
            while not isinstance(output := await anext(outputs), AudioSegmentEnd):
                if isinstance(output, rtc.AudioFrame):
                    heard += bytes(output.data)
                    assert not silent  # each sound follows its picture
                silent = isinstance(output, rtc.AudioFrame)
                if isinstance(output, rtc.VideoFrame):
                    pictures.add(bytes(output.data))
                    assert (output.width, output.height) == (session.width, session.height)
            assert heard[: len(said)] == said
            assert len(pictures) > 25
            await anext(outputs)
            await pushing

    run(test)


def test_an_agent_hears_when_its_replies_are_played() -> None:
    async def test() -> None:
        async with agent() as speaker:
            for _ in range(2):
                await speaker.session.say("Hello.", audio=spoken(voice(0.8)))
                finished = await speaker.finished.get()
                assert (finished.interrupted, round(finished.playback_position, 2)) == (False, 0.8)
            assert set(speaker.room.local_participant.track_publications) == {"avatar_audio", "avatar_video"}
            assert speaker.avatar.avatar_identity == "agent"

    run(test)


def test_20_interruptions_in_a_row_and_the_next_reply_is_whole() -> None:
    async def test() -> None:
        async with agent() as speaker:
            live = speaker.avatar.live
            for number in range(20):
                reply = speaker.session.say("Hello.", audio=spoken(voice(3)))
                await speaker.started.get()  # LiveKit has its first sound
                while number % 2 and not 0 < live.waiting_seconds < 2.9:
                    await asyncio.sleep(0.01)  # until some of it is spoken
                reply.interrupt()
                await reply
                finished = await speaker.finished.get()
                assert finished.interrupted
                assert finished.playback_position < 1
            await speaker.session.say("Hello.", audio=spoken(voice(0.4)))
            finished = await speaker.finished.get()
            assert not finished.interrupted
            # LiveKit adds the frame that it was passing on when the last interruption came
            assert 0.4 <= round(finished.playback_position, 2) <= 0.44

    run(test)


def test_options_change_while_the_agent_speaks() -> None:
    async def test() -> None:
        async with agent() as speaker:
            assert (await speaker.avatar.live.set_options(mouth_opening=0.5))["mouth_opening"] == 0.5

    run(test)
