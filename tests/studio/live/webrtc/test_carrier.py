from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from studio.live.socket import LiveHost
from studio.live.socket.carrying import MOST_A_MINUTE
from studio.settings import Settings
from tests.studio.live.socket.other_end import OtherEnd, opened
from tests.studio.live.talker import Talk
from tests.studio.live.webrtc.viewer import Viewer, offer_of


@pytest.fixture(autouse=True)
def talk(talk: Talk) -> Talk:
    return talk


@pytest.fixture
def host() -> Iterator[LiveHost]:
    host = LiveHost(Settings(live_webrtc_seconds=10))
    yield host
    assert host.places.taken == 0
    host.close()


@asynccontextmanager
async def carried(end: OtherEnd) -> AsyncIterator[Viewer]:
    """A viewer to whom WebRTC carries the session."""
    viewer = Viewer(RTCPeerConnection(RTCConfiguration(iceServers=[])))
    end.say({"type": "offer", "sdp": await offer_of(viewer.connection)})
    try:
        answer = await end.event("answer")
        await viewer.connection.setRemoteDescription(RTCSessionDescription(answer["sdp"], "answer"))
        assert await end.event("webrtc") == {"type": "webrtc", "state": "connected"}
        yield viewer
    finally:
        await viewer.connection.close()


async def whole_frame(end: OtherEnd) -> None:
    """The next frame that the connection carries whole has a picture: the other end has missed some."""
    while not len((frame := await end.frame()).samples):
        assert frame.picture is None
    assert frame.picture is not None


def test_webrtc_takes_pictures_and_sound_over_and_gives_them_back(
    host: LiveHost, portrait_file: Path
) -> None:
    sound = np.full(16000, 1000, "<i2").tobytes()

    async def story() -> None:
        async with opened(host, portrait_file, options={"level": 200}) as end:
            async with carried(end) as viewer:
                end.frames.clear()
                end.say(sound, {"type": "flush"})
                await end.event("started")
                await end.event("finished")
                # Their numbers, flags and delays still come, for whoever counts them.
                said = [frame for frame in end.frames if frame.speaking]
                assert len(said) == 25
                assert not any(len(frame.samples) or frame.picture for frame in said)
                await viewer.until(lambda: len(viewer.pictures) >= 3 and len(viewer.sounds) >= 40)
                light = viewer.pictures[-1].to_ndarray(format="gray").mean()
                assert light == pytest.approx(200, abs=4)
                end.say({"type": "stop_webrtc"})
                await whole_frame(end)
                await viewer.until(lambda: viewer.connection.connectionState == "closed")
            # Another offer, and a browser that closes its side.
            async with carried(end) as viewer:
                await viewer.connection.close()
                assert await end.event("webrtc") == {"type": "webrtc", "state": "gone"}
                await whole_frame(end)

    asyncio.run(story())


def test_a_session_that_ends_closes_its_connection(host: LiveHost, portrait_file: Path) -> None:
    async def story() -> None:
        async with opened(host, portrait_file) as end, carried(end) as viewer:
            end.say({"type": "close"})
            await end.end()
            await viewer.until(lambda: viewer.connection.connectionState == "closed")

    asyncio.run(story())


def test_without_udp_the_connection_says_so_and_carries_on(portrait_file: Path) -> None:
    async def story() -> None:
        host = LiveHost(Settings(live_webrtc_seconds=0.1))
        unheard = RTCPeerConnection()
        offer = await offer_of(unheard)
        await unheard.close()
        async with opened(host, portrait_file) as end:
            end.say({"type": "offer", "sdp": offer})
            await end.event("answer")
            assert await end.event("webrtc") == {"type": "webrtc", "state": "unreachable"}
            assert len((await end.frame()).samples)
        host.close()

    asyncio.run(story())


def test_an_offer_that_cannot_be_used_changes_nothing(host: LiveHost, portrait_file: Path) -> None:
    async def story() -> None:
        async with opened(host, portrait_file) as end:
            end.say({"type": "offer", "sdp": "v=0"})
            assert "2: one sound and one picture" in await end.error("bad_option")
            async with carried(end) as viewer:
                end.say({"type": "offer", "sdp": "v=0"})
                await end.error("bad_option")
                assert not len((await end.frame()).samples)
                assert viewer.connection.connectionState == "connected"

    asyncio.run(story())


def test_offers_are_counted(host: LiveHost, portrait_file: Path) -> None:
    async def story() -> None:
        async with opened(host, portrait_file) as end:
            for _ in range(MOST_A_MINUTE):
                end.say({"type": "offer", "sdp": "v=0"})
                await end.error("bad_option")
            end.say({"type": "offer", "sdp": "v=0"})
            assert "5 offers of WebRTC in a minute" in await end.error("bad_message")
            assert len((await end.frame()).samples)

    asyncio.run(story())


def test_a_session_without_a_pace_is_not_carried(host: LiveHost, portrait_file: Path) -> None:
    async def story() -> None:
        async with opened(host, portrait_file, paced=False) as end:
            end.say({"type": "offer", "sdp": "v=0"})
            assert "has no pace" in await end.error("bad_message")

    asyncio.run(story())


def test_a_server_may_do_without_webrtc(portrait_file: Path) -> None:
    async def story() -> None:
        host = LiveHost(Settings(live_webrtc_seconds=0))
        async with opened(host, portrait_file) as end:
            end.say({"type": "offer", "sdp": "v=0"})
            assert "carries no pictures by WebRTC" in await end.error("bad_message")
        host.close()

    asyncio.run(story())
