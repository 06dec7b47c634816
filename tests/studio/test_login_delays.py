"""Wrong passwords slow down their sender, and hardly the owner of the name."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.login_delays import FORGOTTEN, FREE, LONGEST, LONGEST_FOR_NAME, MOST, LoginDelays, network_of


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def delays(clock: Clock) -> LoginDelays:
    return LoginDelays(clock)


def test_the_first_mistakes_cost_nothing_and_more_of_them_ever_more(delays: LoginDelays) -> None:
    waits = []
    for _ in range(12):
        waits.append(delays.seconds("ann", "192.0.2.1"))
        delays.failed("ann", "192.0.2.1")
    assert waits[: FREE + 4] == [0, 0, 0, 1, 2, 4, 8]
    assert waits[-1] == LONGEST


def test_an_address_pays_for_tries_at_many_names(delays: LoginDelays) -> None:
    for number in range(20):
        delays.failed(f"name{number}", "192.0.2.1")
    assert delays.seconds("ann", "192.0.2.1") == LONGEST
    assert delays.seconds("ann", "192.0.2.2") == 0


def test_a_flooded_name_costs_its_owner_little_and_nothing_at_home(delays: LoginDelays) -> None:
    for number in range(1_000):
        delays.failed("ann", f"198.51.100.{number}")
    assert delays.seconds("ann", "192.0.2.1") == LONGEST_FOR_NAME
    assert delays.seconds("ann", "her browser", at_home=True) == 0
    assert delays.seconds("ben", "192.0.2.1") == 0


def test_mistakes_are_forgotten(delays: LoginDelays, clock: Clock) -> None:
    for _ in range(10):
        delays.failed("ann", "192.0.2.1")
    clock.now = FORGOTTEN - 1
    assert delays.seconds("ann", "192.0.2.1") == LONGEST
    clock.now = FORGOTTEN
    assert delays.seconds("ann", "192.0.2.1") == 0


def test_the_memory_is_limited_and_the_latest_stay(delays: LoginDelays) -> None:
    for number in range(MOST + 500):
        for _ in range(FREE):
            delays.failed(f"name{number}", f"address{number}")
    assert len(delays.by_visitor.entries) == len(delays.by_name.entries) == MOST
    assert delays.seconds("ann", "address0") == 0
    assert delays.seconds("ann", f"address{MOST + 499}") == 1


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_is_one_visitor(address: object) -> None:
    assert network_of(str(address)) == network_of(f"::ffff:{address}") == str(address)


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_an_ipv6_network_is_one_visitor(first: int, second: int) -> None:
    ends = [
        f"2001:db8:0:1:{each >> 48:x}:{each >> 32 & 0xFFFF:x}:{each >> 16 & 0xFFFF:x}:{each & 0xFFFF:x}"
        for each in (first, second)
    ]
    assert network_of(ends[0]) == network_of(ends[1]) == "2001:db8:0:1::/64"


@given(st.text(max_size=200))
def test_an_address_may_be_any_text(text: str) -> None:
    assert len(network_of(text)) <= 64
