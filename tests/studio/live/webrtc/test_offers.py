from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from aiortc import RTCPeerConnection

from media.errors import OptionError
from studio.live.webrtc.offers import checked_offer
from studio.live.webrtc.peer import LivePeer
from studio.settings import Settings
from tests.studio.live.webrtc.viewer import offer_of, viewing


async def usual() -> str:
    connection = RTCPeerConnection()
    try:
        return await offer_of(connection)
    finally:
        await connection.close()


@pytest.fixture(scope="module")
def offer() -> str:
    return asyncio.run(usual())


def without(part: str, offer: str) -> str:
    return "\r\n".join(line for line in offer.split("\r\n") if part not in line)


CHANGES: list[tuple[Callable[[str], Any], str]] = [
    (lambda _: None, "has no text"),
    (lambda _: 17, "has no text"),
    (lambda _: "", "0 parts, but takes 2"),
    (lambda _: "hello", "0 parts, but takes 2"),
    (lambda offer: offer + "a=x\r\n" * 30000, "characters, but takes 65536"),
    (lambda offer: offer[: offer.index("m=video")], "1 parts, but takes 2"),
    (lambda offer: offer + offer[offer.index("m=video") :], "3 parts, but takes 2"),
    (lambda offer: offer.replace("m=audio", "m=application"), "(cannot be read|0 parts|1 parts|2 parts)"),
    (lambda offer: offer.replace("recvonly", "sendonly"), "does not receive the audio"),
    (lambda offer: offer.replace("recvonly", "inactive"), "does not receive the audio"),
    (lambda offer: offer + "a=candidate:1 1 udp 1 10.0.0.1 9 typ host\r\n" * 70, "candidates, but takes 64"),
    (lambda offer: offer + "a=candidate:1 1 udp\r\n", "cannot be read"),
    (lambda offer: offer + "a=candidate:1 1 udp 1 10.0.0.1 port typ host\r\n", "cannot be read"),
    (lambda offer: offer.replace("UDP/TLS/RTP/SAVPF", "what"), "cannot be read"),
    (lambda offer: offer.replace("a=setup:actpass", "a=setup:perhaps"), "cannot be read"),
    (lambda offer: without("fingerprint", offer), "cannot be read"),
    (lambda offer: without("ice-pwd", offer), "cannot be read"),
    (lambda offer: without("rtcp-mux", offer), "cannot be read"),
    (lambda offer: offer.replace("VP8", "VP0").replace("H264", "H0"), "cannot be read"),
    (lambda offer: offer.replace("opus/48000/2", "song/1/2"), "cannot be read"),
    (lambda offer: offer.replace("a=mid:1", "a=mid:0"), "cannot be read"),
    (lambda offer: offer.replace("a=rtpmap:97", "a=rtpmap:" + "9" * 5000), "cannot be read"),
    (lambda offer: offer[::-1], "(cannot be read|0 parts)"),
]


@pytest.mark.parametrize("number", range(len(CHANGES)))
def test_an_offer_that_cannot_be_used_is_refused_and_says_why(number: int, offer: str) -> None:
    change, message = CHANGES[number]

    async def story() -> None:
        with pytest.raises(OptionError, match=message):
            await LivePeer.answer(change(offer), fps=25, settings=Settings())
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(story())


def test_of_many_addresses_a_handful_of_each_kind_is_used(offer: str) -> None:
    def candidate(number: int, kind: str, protocol: str = "udp") -> str:
        return f"a=candidate:{number} 1 {protocol} {number} 192.0.2.{number} 9999 typ {kind}\r\n"

    hosts = "".join(candidate(number, "host") for number in (*range(1, 20), *range(1, 20)))
    others = candidate(50, "host", "tcp") + candidate(51, "srflx") + candidate(52, "relay")
    lines = checked_offer(without("a=candidate", offer) + hosts + others).split("\r\n")
    named = [line.split()[4] for line in lines if line.startswith("a=candidate:") and "192.0.2." in line]
    assert set(named) == {f"192.0.2.{number}" for number in (1, 2, 3, 4, 5, 6, 51, 52)}


def test_after_a_refusal_the_next_offer_is_answered(offer: str) -> None:
    async def story() -> None:
        with pytest.raises(OptionError):
            await LivePeer.answer(without("ice-pwd", offer), fps=25, settings=Settings())
        async with viewing() as (_, peer):
            assert "a=sendonly" in peer.description

    asyncio.run(story())
