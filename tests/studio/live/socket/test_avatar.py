"""The avatar of a server moves with the first open session, whose owner set its address."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from pythonosc.osc_bundle import OscBundle

from media.errors import OptionError
from studio.live.socket import LiveHost
from studio.settings import Settings
from tests.studio.live.socket.other_end import OPEN, OtherEnd, connected, run
from tests.test_cli_live_curves import address, came, receiver

PREVIEW = {"engine": "preview", "picture": "none"}


def times_of(one: socket.socket) -> list[float]:
    """The times of the frames that came."""
    messages = [each for packet in came(one) for each in OscBundle(packet)]
    return [each.params[0] for each in messages if each.address == "/VMC/Ext/T"]


def test_the_first_session_moves_the_avatar_until_it_ends(portrait_file: Path) -> None:
    async def seen(end: OtherEnd, frames: int) -> None:
        for _ in range(frames):
            await end.frame()

    async def story() -> None:
        with receiver() as avatar:
            settings = Settings(
                live_vmc=address(avatar),
                live_sessions_per_visitor=3,
                live_sessions_per_address=3,
                live_painters=0,
            )
            host = LiveHost(settings)
            async with connected(host) as first:
                first.say(OPEN | PREVIEW, portrait_file.read_bytes())
                await first.event("ready")
                await seen(first, 3)
                assert times_of(avatar)[:3] == pytest.approx([0.0, 0.04, 0.08])
                async with connected(host) as second:
                    second.say(OPEN | PREVIEW, portrait_file.read_bytes())
                    await second.event("ready")
                    times_of(avatar)
                    await seen(second, 3)
                    assert 0.0 not in times_of(avatar), "the avatar has two masters"
            async with connected(host) as third:
                third.say(OPEN | PREVIEW, portrait_file.read_bytes())
                await third.event("ready")
                await seen(third, 2)
                assert 0.0 in times_of(avatar)
            host.close()

    run(story)


def test_an_address_that_is_not_found_stops_no_session(
    portrait_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def story() -> None:
        host = LiveHost(Settings(live_link="no-such-host.invalid", live_painters=0))
        async with connected(host) as end:
            end.say(OPEN | PREVIEW, portrait_file.read_bytes())
            await end.event("ready")
            await end.frame()
        host.close()

    run(story)
    assert "no-such-host.invalid" in caplog.text


def test_a_setting_that_is_no_address_is_refused() -> None:
    with pytest.raises(OptionError, match="write HOST:PORT"):
        Settings(live_vmc="http://127.0.0.1")
