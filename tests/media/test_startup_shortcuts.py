"""The garbage collector rests while a program starts, and works afterwards."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from media.startup_shortcuts import NEW_OBJECTS, SWITCH, with_rare_garbage_rounds, without_garbage_rounds


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    """On, as in a program that starts."""
    gc.enable()
    threshold = gc.get_threshold()
    yield
    gc.set_threshold(*threshold)
    gc.enable()


def test_what_is_there_at_the_end_is_left_out_of_later_rounds() -> None:
    with without_garbage_rounds():
        assert not gc.isenabled()
        stays = [[number] for number in range(1000)]
        before = gc.get_freeze_count()
    assert gc.isenabled()
    assert gc.get_freeze_count() >= before + len(stays)


def test_it_works_again_after_an_error() -> None:
    with pytest.raises(OSError, match="full"), without_garbage_rounds():
        raise OSError("full")
    assert gc.isenabled()


def test_a_collector_that_is_off_stays_off() -> None:
    gc.disable()
    with without_garbage_rounds():
        pass
    assert not gc.isenabled()


def test_it_can_be_turned_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SWITCH, "0")
    with without_garbage_rounds():
        assert gc.isenabled()


@pytest.mark.parametrize(("switch", "first"), [("1", NEW_OBJECTS), ("0", 123)])
def test_rounds_become_rare_unless_the_shortcuts_are_off(
    switch: str, first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    gc.set_threshold(123, 4, 5)
    monkeypatch.setenv(SWITCH, switch)
    with_rare_garbage_rounds()
    assert gc.get_threshold() == (first, 4, 5)
