"""Tickets: who opens a session of the page with one, for how long, and what it keeps."""

from __future__ import annotations

from pathlib import Path

import pytest

from media.errors import LiveTicketError
from studio.in_use import in_use
from studio.live.socket import Client, LiveHost, SessionArguments
from studio.live.socket.connection import Closing
from studio.live.socket.tickets import Tickets
from tests.studio.live.socket.other_end import OPEN, connected, run


def test_a_ticket_opens_one_session_of_its_visitor_once(host: LiveHost, portrait_file: Path) -> None:
    opening = SessionArguments(portrait=portrait_file, engine="talker", options={"level": 3}, visitor="ann")
    ann = Client("somewhere", login="Ann")

    async def story() -> None:
        word = host.tickets.issue(opening, "Ann")
        async with connected(host, Client("elsewhere", login="Ben")) as end:
            end.say({"type": "open", "ticket": word})
            await end.error("bad_ticket", fatal=True)
            assert await end.end() == Closing.REFUSED
        word = host.tickets.issue(opening, "Ann")
        async with connected(host, ann) as end:
            end.say({"type": "open", "ticket": word, "picture": "rgb"})
            assert (await end.event("ready"))["options"]["level"] == 3
            assert (await end.frame()).picture == bytes([3] * 192)
        for used in (word, "guessed"):
            async with connected(host, ann) as end:
                end.say({"type": "open", "ticket": used})
                await end.error("bad_ticket", fatal=True)

    run(story)


def test_a_ticket_of_another_window_counts_for_the_same_address(host: LiveHost, portrait_file: Path) -> None:
    address = Client(("address", "192.0.2.1"), address="192.0.2.1")
    first, second = (
        host.tickets.issue(SessionArguments(portrait=portrait_file, engine="talker", visitor=window))
        for window in ("a window", "a private window")
    )

    async def story() -> None:
        async with connected(host, address) as end:
            end.say({"type": "open", "ticket": first})
            await end.event("ready")
            async with connected(host, address) as another:
                another.say({"type": "open", "ticket": second})
                assert "limit for one address" in await another.error("no_place", fatal=True)

    run(story)


def test_a_session_of_the_page_can_be_opened_again_as_it_was(host: LiveHost, portrait_file: Path) -> None:
    opening = SessionArguments(portrait=portrait_file, engine="talker", options={"level": 3}, visitor="ann")
    ann = Client("somewhere", login="Ann")

    async def story() -> None:
        word = host.tickets.issue(opening, "Ann")
        async with connected(host, ann) as end:
            end.say({"type": "open", "ticket": word, "picture": "rgb"})
            again = (await end.event("ready"))["ticket"]
            end.say({"type": "options", "values": {"level": 9}})
            await end.event("options")
            # The server has not noticed that the connection is lost: this takes over the only place.
            async with connected(host, ann) as early, connected(host, ann) as earlier:
                for one in (earlier, early):
                    one.say({"type": "open", "ticket": again})
                    assert (await one.event("ready"))["ticket"] == again  # as if that had been lost, too
                    assert host.places.taken == 1
                for one in (end, earlier):
                    assert await one.end() == Closing.DONE
                await early.frame()
        host.tickets.issue(opening, "Ann")  # what another page of the visitor does is another matter
        for _ in range(2):
            async with connected(host, ann) as end:
                end.say({"type": "open", "ticket": again, "picture": "rgb"})
                assert (await end.event("ready"))["options"]["level"] == 9
        async with connected(host, Client("elsewhere", login="Ben")) as end:
            end.say({"type": "open", "ticket": again})
            await end.error("bad_ticket", fatal=True)
        async with connected(host, ann) as end:
            end.say(OPEN, portrait_file.read_bytes())
            assert (await end.event("ready"))["ticket"] is None

    run(story)


def test_a_session_can_be_opened_again_until_a_minute_after_its_end() -> None:
    now = 100.0
    tickets = Tickets(clock=lambda: now)
    opening = SessionArguments(portrait=b"", visitor="ann")
    with tickets.again(opening, lambda: {"level": 5}) as word:
        now += 7200
        assert tickets.take(word).options == {"level": 5}
    now += 59
    assert tickets.take(word).options == {"level": 5}
    now += 1.5
    with pytest.raises(LiveTicketError):
        tickets.take(word)


def test_a_portrait_stays_while_its_session_can_be_opened(tmp_path: Path) -> None:
    now = 100.0
    tickets = Tickets(clock=lambda: now)
    mine, other = tmp_path / "mine.png", tmp_path / "other.png"
    for path in (mine, other):
        path.write_bytes(b"a picture")
    tickets.issue(SessionArguments(portrait=other, visitor="ann"))
    word = tickets.issue(SessionArguments(portrait=mine, visitor="ann"))
    assert in_use(mine)
    assert not in_use(other)  # its ticket has ended
    opening = tickets.take(word)
    assert in_use(mine)
    with tickets.again(opening, dict) as again:
        now += 7200
        tickets.forget_old()
        assert in_use(mine)
        with tickets.again(opening, dict, opened_by=again):
            pass
    now += 59
    tickets.forget_old()
    assert in_use(mine)
    now += 2
    tickets.forget_old()
    assert not in_use(mine)
    tickets.issue(SessionArguments(portrait=mine))
    tickets.close()
    assert not in_use(mine)


def test_a_ticket_ends_after_a_minute_or_with_the_next_one() -> None:
    now = 100.0
    tickets = Tickets(clock=lambda: now)
    opening = SessionArguments(portrait=b"", visitor="ann")
    first, second = tickets.issue(opening), tickets.issue(opening)
    with pytest.raises(LiveTicketError):
        tickets.take(first)
    now += 60.5
    with pytest.raises(LiveTicketError):
        tickets.take(second)
