"""A temporarily wrong clock deletes nothing, and a right one is trusted in the end."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from studio.clock import SureClock, brought_back, is_over

DAY, YEAR, MARGIN = 86_400.0, 365 * 86_400.0, 3600.0
"""MARGIN: the hour of a clock's own."""
BEGIN = 1_800_000_000.0


@dataclass
class World:
    """The true time since the process began, and the lead of the machine's clock."""

    passed: float = 0.0
    ahead: float = 0.0

    def clock(self) -> SureClock:
        return SureClock(wall=lambda: BEGIN + self.passed + self.ahead, steady=lambda: 50.0 + self.passed)


def test_nothing_is_sure_before_the_margin_is_over() -> None:
    world = World()
    clock = world.clock()
    world.passed = MARGIN - 1
    assert clock.now() is None
    assert not clock.surely_over(0.0)
    world.passed = MARGIN
    assert clock.now() == BEGIN + MARGIN
    assert clock.surely_over(BEGIN)
    assert not clock.surely_over(BEGIN + MARGIN + 1)


def test_a_process_that_begins_with_a_wrong_clock_deletes_nothing_if_that_is_mended() -> None:
    world = World(ahead=YEAR)
    clock = world.clock()
    world.passed = MARGIN / 2
    assert not clock.surely_over(BEGIN + DAY)
    world.ahead = 0.0
    for world.passed in (MARGIN, 2 * MARGIN, 3 * MARGIN):
        assert not clock.surely_over(BEGIN + DAY)
    world.passed = DAY
    clock.now()
    world.passed = DAY + MARGIN
    assert clock.surely_over(BEGIN + DAY)


def test_a_clock_that_stays_ahead_is_believed_in_the_end() -> None:
    world = World()
    clock = world.clock()
    world.passed = 2 * MARGIN
    clock.now()
    world.ahead = YEAR
    clock.now()
    world.passed += MARGIN / 2
    assert not clock.surely_over(BEGIN + YEAR)
    world.passed += MARGIN
    assert clock.surely_over(BEGIN + YEAR)


def test_a_jump_between_two_questions_is_not_believed_at_once() -> None:
    world = World()
    clock = world.clock()
    world.passed, world.ahead = 10 * MARGIN, YEAR
    assert not clock.surely_over(BEGIN + DAY)


@given(st.lists(st.tuples(st.floats(0, 2 * DAY), st.floats(0, MARGIN * 0.9)), max_size=20), st.data())
def test_no_jump_that_is_taken_back_within_the_margin_deletes_what_still_holds(
    spells: list[tuple[float, float]], data: st.DataObject
) -> None:
    world = World()
    clock = world.clock()
    for right, wrong in spells:
        for ahead, seconds in ((0.0, right), (data.draw(st.floats(0, 100 * YEAR)), wrong)):
            world.ahead = ahead
            clock.now()
            world.passed += seconds
            sure = clock.now()
            assert sure is None or sure <= BEGIN + world.passed + 1e-3
        world.ahead = 0.0
        clock.now()


def test_expiry_follows_the_clock() -> None:
    assert is_over(BEGIN, BEGIN)
    assert not is_over(BEGIN, BEGIN - 1)
    assert is_over(0.0)
    assert not is_over(BEGIN * 100)


def test_things_from_the_future_get_the_longest_time() -> None:
    assert brought_back(BEGIN + DAY, 7 * DAY, BEGIN) == BEGIN + DAY
    assert brought_back(BEGIN + YEAR, 7 * DAY, BEGIN) == BEGIN + 7 * DAY
