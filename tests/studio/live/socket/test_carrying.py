"""Offers of WebRTC in a conversation, with a carrier that answers when the test says so."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from media.errors import LiveMessageError
from studio.live.socket import Client, LiveHost
from studio.live.socket.carrying import MOST_A_MINUTE, MOST_OFFERS, Carrying
from studio.live.socket.messenger import Messenger
from tests.studio.live.socket.other_end import OtherEnd, opened, run


class SlowCarrier:
    """Answers an offer with itself, once it may."""

    def __init__(self, may_answer: asyncio.Event) -> None:
        self._may_answer = may_answer

    async def answer(self, sdp: str) -> str:
        await self._may_answer.wait()
        return sdp

    async def close(self) -> None:
        pass


def test_an_interruption_is_heard_while_offers_are_answered(host: LiveHost, portrait_file: Path) -> None:
    async def story() -> None:
        may_answer = asyncio.Event()
        host.offers = lambda _: SlowCarrier(may_answer)
        async with opened(host, portrait_file) as end:
            end.say({"type": "offer", "sdp": "first"}, {"type": "offer", "sdp": "second"})
            end.say({"type": "interrupt"})
            await end.event("interrupted")
            may_answer.set()
            for sdp in ("first", "second"):
                assert (await end.event("answer"))["sdp"] == sdp

    run(story)


def test_offers_that_wait_end_with_the_session(host: LiveHost, portrait_file: Path) -> None:
    async def story() -> None:
        host.offers = lambda _: SlowCarrier(asyncio.Event())
        async with opened(host, portrait_file) as end:
            end.say({"type": "offer", "sdp": "first"}, {"type": "offer", "sdp": "second"}, {"type": "close"})
            assert await end.end() == 1000

    run(story)


def test_offers_are_few_in_a_minute_and_in_a_session() -> None:
    async def story() -> None:
        now, answering, conversation = 0.0, asyncio.Event(), object()
        answering.set()
        end = OtherEnd()
        messenger = Messenger(end, Client(), 1.0)
        carrying = Carrying(messenger, lambda _: SlowCarrier(answering), clock=lambda: now)
        offered: Any = conversation
        for count in range(MOST_OFFERS):
            if count and count % MOST_A_MINUTE == 0:
                with pytest.raises(LiveMessageError, match="5 offers of WebRTC in a minute"):
                    carrying.begin(offered, "v=0")
                now += 60.5
            carrying.begin(offered, "v=0")
            await end.event("answer")
        now += 3600
        with pytest.raises(LiveMessageError, match="20 offers"):
            carrying.begin(offered, "v=0")
        await carrying.stop()

    run(story)
