"""A fair line: visitors who send little wait little, whatever others send, and it is never too long."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.errors import LineFull
from studio.admission import Line, LineLimits, Ticket
from studio.fair_turns import Visitor

ANN, BEN, CLEO = Visitor("192.0.2.1", "ann"), Visitor("192.0.2.1", "ben"), Visitor("192.0.2.9", "cleo")


def line(at_once: int = 1, places: int = 100, visitor: int = 50, address: int = 80, **more: Any) -> Line:
    return Line(LineLimits(at_once, places, visitor, address, **more))


def at_work(*tickets: Ticket) -> list[bool]:
    return [ticket.at_work for ticket in tickets]


def served(line: Line, tickets: dict[Ticket, str]) -> str:
    """The names in the order in which they begin, when each leaves before the next begins."""
    order = ""
    while tickets:
        (working,) = (ticket for ticket in tickets if ticket.at_work)
        order += tickets.pop(working)
        working.leave()
    return order


def test_first_come_first_served_among_equals() -> None:
    one = line()
    tickets = {one.enter(Visitor(f"192.0.2.{number}", "x")): str(number) for number in range(6)}
    assert [ticket.ahead for ticket in tickets] == [0, 0, 1, 2, 3, 4]
    assert served(one, tickets) == "012345"


def test_a_visitor_next_to_a_flood_is_next() -> None:
    one = line()
    tickets = {one.enter(ANN): "a" for _ in range(20)}
    polite = one.enter(BEN)
    assert polite.ahead == 0
    assert served(one, tickets | {polite: "b"}) == "ab" + "a" * 19


def test_new_names_at_one_address_do_not_buy_turns_of_others() -> None:
    one = line()
    tickets = {one.enter(Visitor("192.0.2.1", str(number))): "a" for number in range(20)}
    tickets |= {one.enter(CLEO): "c" for _ in range(3)}
    assert served(one, tickets).startswith("acacac")


def test_two_that_send_much_take_turns() -> None:
    one = line()
    tickets = {one.enter(ANN): "a" for _ in range(4)} | {one.enter(BEN): "b" for _ in range(4)}
    assert served(one, tickets) == "abababab"


def test_each_bound_refuses_with_its_number() -> None:
    one = line(places=4, visitor=3, address=5)
    for _ in range(3):
        one.enter(ANN)
    with pytest.raises(LineFull, match="You have 3 videos"):
        one.enter(ANN)
    for name in "xy":
        one.enter(Visitor(ANN.address, name))
    with pytest.raises(LineFull, match="Your network address has 5 videos"):
        one.enter(BEN)
    for number in range(4):  # each takes a place of the address with the most
        one.enter(Visitor(f"198.51.100.{number}", "z"))
    with pytest.raises(LineFull, match="4 videos are waiting"):
        one.enter(Visitor("198.51.100.9", "z"))
    assert one.waiting == 4


def test_a_caller_without_a_name_is_bound_by_the_address_only() -> None:
    one = line(visitor=2, address=4)
    for _ in range(4):
        one.enter(Visitor("192.0.2.1"))
    with pytest.raises(LineFull, match="address has 4"):
        one.enter(Visitor("192.0.2.1"))


def test_a_full_line_accepts_who_has_fewer_and_notifies_the_other() -> None:
    async def story() -> None:
        one = line(places=5)
        flood = [one.enter(ANN) for _ in range(6)]
        polite = one.enter(CLEO)
        assert (polite.ahead, one.waiting) == (0, 5)
        with pytest.raises(LineFull, match="full with 5 videos"):
            async for _ in flood[-1].turn(60):
                pass
        with pytest.raises(LineFull, match="5 videos are waiting"):
            one.enter(ANN)

    asyncio.run(story())


def test_waiting_reports_each_new_place_and_ends_with_the_turn() -> None:
    async def story() -> list[int]:
        one = line()
        first, second, third = one.enter(ANN), one.enter(BEN), one.enter(CLEO)
        heard = []
        async for ahead in second.turn(60):
            heard.append(ahead)
            (third if ahead else first).leave()
        assert second.at_work
        return heard

    assert asyncio.run(story()) == [1, 0]


def test_a_sign_of_life_without_news() -> None:
    async def story() -> list[int]:
        one = line()
        one.enter(ANN)
        heard = []
        async for ahead in one.enter(BEN).turn(0.001):
            heard.append(ahead)
            if len(heard) == 3:
                break
        return heard

    assert asyncio.run(story()) == [0, 0, 0]


@pytest.mark.parametrize("stored", [True, False])
def test_a_stopping_server_accepts_no_jobs_and_ends_all_others(stored: bool) -> None:
    stopping = False
    one = Line(LineLimits(1, 100, 50, 80), stopping=lambda: stopping, stored=stored)
    working, waiting = one.enter(ANN), one.enter(BEN)

    async def asks(ticket: Ticket) -> None:
        async for _ in ticket.turn(60.0):
            pass

    asyncio.run(asks(working))  # between two steps nothing holds it up
    stopping = True
    for ticket in (working, waiting):
        with pytest.raises(LineFull, match="gallery are kept" if stored else "Send this again"):
            asyncio.run(asks(ticket))
        ticket.leave()
    with pytest.raises(LineFull, match=r"The server is stopping\. Send this again"):
        one.enter(CLEO)  # nothing of it is stored yet
    assert one.wait_until_idle(0.0)


def test_waiting_for_an_idle_line_returns_whether_it_is_idle() -> None:
    one = line()
    ticket = one.enter(ANN)
    assert not one.wait_until_idle(0.0)
    ticket.leave()
    assert one.wait_until_idle(0.0)


def test_a_long_job_of_a_flood_pauses_for_a_visitor_without_a_running_job() -> None:
    now = 0.0
    one = Line(LineLimits(1, 100, 50, 80, pausing=True), clock=lambda: now)
    long, more = one.enter(ANN), one.enter(ANN)
    now = 5.0
    polite = one.enter(CLEO)
    assert at_work(long, more, polite) == [False, False, True]
    assert (long.ahead, more.ahead) == (0, 1)
    now = 8.0
    polite.leave()
    assert at_work(long, more) == [True, False]
    now = 9.0
    again = one.enter(CLEO)
    assert at_work(long, again) == [True, False]  # it has paused for three seconds, and worked for one
    now = 9.5
    one.review()
    assert at_work(long, again) == [False, True]
    again.leave()
    long.leave()
    assert at_work(more) == [True]


def test_a_visitor_with_one_job_is_not_interrupted() -> None:
    one = line(pausing=True)
    single = one.enter(ANN)
    assert not one.enter(CLEO).at_work
    assert single.at_work


def test_no_more_jobs_pause_than_may_work() -> None:
    one = line(pausing=True)
    for visitor in (ANN, CLEO):
        one.enter(visitor)
        one.enter(visitor)
    assert one.enter(BEN).ahead == 0
    assert one.working == 1
    assert sum(ticket.paused for ticket in one._waiting) == 1


def test_one_address_does_not_take_every_place_at_work() -> None:
    one = line(at_once=4, at_once_per_address=3)
    slow = [one.enter(ANN) for _ in range(8)]
    assert one.working == 3
    assert one.enter(CLEO).at_work
    slow[0].leave()
    assert one.working == 4


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.booleans()), max_size=60),
    st.integers(1, 3),
    st.booleans(),
)
def test_whatever_comes_and_goes_the_bounds_hold(
    steps: list[tuple[int, int, bool]], at_once: int, pausing: bool
) -> None:
    one = line(at_once, places=6, visitor=3, address=5, pausing=pausing)
    tickets: list[Ticket] = []
    for address, name, leaves in steps:
        if leaves and tickets:
            tickets.pop((address * 4 + name) % len(tickets)).leave()
        else:
            with suppress(LineFull):
                tickets.append(one.enter(Visitor(str(address), str(name))))
        assert one.waiting <= 6
        assert one.working == min(at_once, one.working + one.waiting)  # never idle while somebody waits
    for ticket in tickets:
        ticket.leave()
        ticket.leave()
    assert (one.waiting, one.working) == (0, 0)


def test_a_paused_job_keeps_its_turn() -> None:
    now = 0.0
    one = Line(LineLimits(1, 100, 50, 80, pausing=True), clock=lambda: now)
    first, second = one.enter(ANN), one.enter(ANN)
    polite, later = one.enter(CLEO), one.enter(CLEO)
    assert at_work(first, polite) == [False, True]  # the first has paused
    now = 10.0
    polite.leave()
    assert at_work(first, second, later) == [True, False, False]
    first.leave()
    assert at_work(second, later) == [True, False]
