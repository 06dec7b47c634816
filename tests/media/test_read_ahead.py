"""Items made in another thread arrive as from the generator itself, and none too many are in memory."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Generator, Iterator
from contextlib import closing

import pytest

from media.read_ahead import read_ahead

PATIENCE = 30
"""Seconds until a test fails that would otherwise wait without end."""


class Item:
    """Something that can be seen to be gone."""


@pytest.fixture(autouse=True)
def _no_thread_stays() -> Iterator[None]:
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


def test_items_arrive_in_their_order_and_are_made_in_another_thread() -> None:
    items = list(read_ahead(((n, threading.get_ident()) for n in range(100)), 3))
    assert [n for n, _ in items] == list(range(100))
    assert {thread for _, thread in items} != {threading.get_ident()}
    assert list(read_ahead((n for n in range(0)), 3)) == []


def test_an_item_is_made_while_the_one_before_it_is_in_use() -> None:
    second = threading.Event()

    def items() -> Generator[int]:
        yield 1
        second.set()
        yield 2

    with closing(read_ahead(items(), 2)) as ahead:
        assert next(ahead) == 1
        assert second.wait(PATIENCE)
        assert list(ahead) == [2]


@pytest.mark.parametrize("most", [1, 3])
def test_no_more_items_are_in_memory_than_allowed(most: int) -> None:
    alive: weakref.WeakSet[Item] = weakref.WeakSet()
    seen = []

    def items() -> Generator[Item]:
        for _ in range(50):
            item = Item()
            alive.add(item)
            seen.append(len(alive))
            yield item
            del item

    for _item in read_ahead(items(), most):
        del _item
    assert len(seen) == 50
    assert max(seen) <= most


def test_an_error_comes_after_the_items_before_it() -> None:
    def items() -> Generator[int]:
        yield 1
        yield 2
        raise KeyboardInterrupt("stopped")

    ahead = read_ahead(items(), 8)
    assert [next(ahead), next(ahead)] == [1, 2]
    with pytest.raises(KeyboardInterrupt, match="stopped"):
        next(ahead)


def test_closing_closes_the_generator_in_its_own_thread() -> None:
    made, closed_in = [], []

    def items() -> Generator[int]:
        try:
            for n in range(1000):
                made.append(n)
                yield n
        finally:
            closed_in.append(threading.current_thread().name)

    with closing(read_ahead(items(), 4, "reader")) as ahead:
        assert next(ahead) == 0
    assert closed_in == ["reader"]
    assert len(made) <= 5


def test_an_error_while_closing_is_not_lost_at_the_end() -> None:
    def items() -> Generator[int]:
        try:
            yield 1
        finally:
            raise OSError("the disk is gone")

    with pytest.raises(OSError, match="the disk is gone"):
        list(read_ahead(items(), 2))
