from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from fractions import Fraction

import av
import numpy as np
import pytest
from aiortc import MediaStreamTrack, RTCPeerConnection

from media.portrait import Portrait
from studio.live import LiveSession
from studio.live.webrtc.peer import LivePeer, PeerState
from studio.settings import Settings
from tests.studio.live.webrtc.test_sound import lag, sweep
from tests.studio.live.webrtc.viewer import Viewer, number_in, numbered, offer_of, viewing


class Tone(MediaStreamTrack):
    """A microphone that hears a sweep, by the clock of the connection, and then nothing more."""

    kind = "audio"

    def __init__(self) -> None:
        super().__init__()
        self._sound = sweep(48000, 1.0)
        self._at = 0

    async def recv(self) -> av.AudioFrame:
        if self._at >= len(self._sound):
            await asyncio.Event().wait()
        frame = av.AudioFrame.from_ndarray(
            self._sound[None, self._at : self._at + 960], format="s16", layout="mono"
        )
        frame.sample_rate, frame.pts, frame.time_base = 48000, self._at, Fraction(1, 48000)
        self._at += 960
        return frame


async def beats(portrait: Portrait, count: int) -> AsyncIterator[int]:
    """The numbers of frames, when a session makes them."""
    async with await LiveSession.open(portrait) as session:
        async for frame in session.run():
            yield frame.frame_index
            if frame.frame_index == count - 1:
                break


def test_pictures_and_sound_arrive_on_one_clock(portrait: Portrait) -> None:
    sound = sweep(48000, 1.0)

    async def story() -> Viewer:
        async with viewing() as (viewer, peer):
            async for index in beats(portrait, 25):
                peer.show(numbered(index, sound[1920 * index : 1920 * (index + 1)]))
            # aiortc holds back the last picture until a packet of the next one comes, and 4 packets of sound.
            await viewer.until(lambda: len(viewer.sounds) >= 46 and number_in(viewer.pictures[-1]) >= 23)
            return viewer

    viewer = asyncio.run(story())
    numbers = [number_in(picture) for picture in viewer.pictures]
    assert len(numbers) >= 22
    assert [picture.pts for picture in viewer.pictures] == [3600 * (n - numbers[0]) for n in numbers]
    assert [piece.pts for piece in viewer.sounds[:46]] == [960 * number for number in range(46)]
    assert 0 <= lag(sound.astype(float), viewer.sound().astype(float)) <= 0.01 * 48000


def test_a_microphone_is_heard_and_can_be_refused() -> None:
    heard: list[bytes] = []

    async def story() -> None:
        done = asyncio.Event()

        async def hear(pcm: bytes, rate: int) -> None:
            assert rate == 48000
            heard.append(pcm)
            if len(heard) == 45:
                done.set()

        async with viewing(Tone(), hear=hear):
            await done.wait()
        async with viewing(Tone()) as (_, peer):
            assert "a=sendrecv" not in peer.description

    asyncio.run(story())
    got = np.frombuffer(b"".join(heard), "<i2").astype(float)
    assert np.corrcoef(got[2000:40000], sweep(48000, 1.0)[2000 - 312 : 40000 - 312])[0, 1] > 0.9


def test_two_viewers_get_their_own_session_and_the_rest_goes_on_when_one_leaves(portrait: Portrait) -> None:
    quiet = np.zeros(1920, np.int16)

    async def story() -> None:
        async with viewing() as (one, peer), viewing() as (other, other_peer):
            async for index in beats(portrait, 12):
                peer.show(numbered(index, quiet))
                other_peer.show(numbered(100 + index, quiet))
                if index == 5:
                    await other.connection.close()
                    await other.until(lambda: other.told[-1] == PeerState.GONE)
            await one.until(lambda: number_in(one.pictures[-1]) == 10)
            assert {number_in(picture) for picture in one.pictures} <= set(range(12))
            assert {number_in(picture) for picture in other.pictures} <= set(range(100, 106))
            assert one.told == [PeerState.CONNECTED]

    asyncio.run(story())


def test_a_viewer_that_no_packet_reaches_is_reported() -> None:
    async def story() -> list[PeerState]:
        told: list[PeerState] = []
        reported = asyncio.Event()

        def tell(state: PeerState) -> None:
            told.append(state)
            reported.set()

        connection = RTCPeerConnection()
        offer = await offer_of(connection)
        await connection.close()
        settings = Settings(live_webrtc_seconds=0.1)
        peer = await LivePeer.answer(offer, fps=25, settings=settings, on_state=tell)
        await reported.wait()
        peer.show(numbered(0, np.zeros(1920, np.int16)))
        await peer.close()
        return told

    assert asyncio.run(story()) == [PeerState.UNREACHABLE]


def test_a_browser_that_hides_its_addresses_connects() -> None:
    async def story() -> None:
        async with viewing(addresses=False) as (viewer, peer):
            assert viewer.told == [PeerState.CONNECTED]
            assert peer.state is PeerState.CONNECTED

    asyncio.run(story())


def test_a_session_speaks_to_its_viewer(portrait: Portrait, pcm: bytes) -> None:
    async def story() -> None:
        async with await LiveSession.open(portrait) as session, viewing() as (viewer, peer):
            await session.push_audio(pcm, 16000, last_chunk=True)
            async for frame in session.run():
                peer.show(frame)
                if frame.end_of_speech:
                    break
            await viewer.until(lambda: len(viewer.pictures) >= 20 and len(viewer.sounds) >= 50)
            voice = np.frombuffer(pcm, "<i2").astype(float)
            heard = viewer.sound().astype(float)[::3]
            late = lag(np.concatenate([voice, np.zeros(len(heard))]), np.pad(heard, (0, len(voice))))
            both = min(len(voice), len(heard) - late)
            assert np.corrcoef(voice[:both], heard[late : late + both])[0, 1] > 0.8

    asyncio.run(story())


@pytest.mark.parametrize("seconds", [-1, 61])
def test_the_wait_for_a_connection_has_bounds(seconds: float) -> None:
    from media.errors import OptionError

    with pytest.raises(OptionError, match="takes 0 to 60"):
        Settings(live_webrtc_seconds=seconds)
