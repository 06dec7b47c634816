from __future__ import annotations

import pytest

from media.errors import LineFull
from studio.live import LivePlaces
from studio.settings import Settings


def test_a_server_and_a_visitor_have_limits() -> None:
    places = LivePlaces(Settings(live_sessions=3, live_sessions_per_visitor=2))
    first = places.take("ann")
    places.take("ann")
    with pytest.raises(LineFull, match="You have 2 live sessions open in other windows"):
        places.take("ann")
    places.take("bob")
    with pytest.raises(LineFull, match="3 live sessions are open"):
        places.take("eve")
    first()
    first()
    assert places.taken == 2
    places.take("eve")


def test_a_server_can_have_none() -> None:
    with pytest.raises(LineFull, match="0 live sessions"):
        LivePlaces(Settings(live_sessions=0)).take()


def test_a_visitor_is_counted_under_each_name() -> None:
    places = LivePlaces(Settings(live_sessions=4, live_sessions_per_visitor=1))
    first = places.take("a browser", "an address")
    for names in (("a browser", "another address"), ("a private window", "an address"), ("an address",)):
        with pytest.raises(LineFull, match="open in another window or program"):
            places.take(*names)
    second = places.take("another browser", "another address")
    assert places.taken == 2
    first()
    second()
    places.take("a private window", "an address")
    assert places.taken == 1


def test_visitors_may_share_an_address_up_to_its_own_limit() -> None:
    places = LivePlaces(Settings(live_sessions=5, live_sessions_per_visitor=1, live_sessions_per_address=2))
    first = places.take("ann", address="192.0.2.1")
    with pytest.raises(LineFull, match="open in another window or program"):
        places.take("ann", address="192.0.2.2")
    places.take("ben", address="192.0.2.1")
    for names in (("eve",), ()):
        with pytest.raises(LineFull, match="2 live sessions are open from your network address"):
            places.take(*names, address="192.0.2.1")
    places.take("192.0.2.1", address="192.0.2.2")  # a name is no address
    first()
    places.take("eve", address="192.0.2.1")
    assert places.taken == 3
