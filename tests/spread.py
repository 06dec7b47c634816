"""How pytest-xdist spreads the tests over its workers: file by file, and the slowest files first.

A file's tests stay on one worker because they share what its fixtures make: a page, a Ray, a trained network.
Slow files begin first, so that no worker is left alone with a long one at the end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import pytest
from xdist.scheduler import LoadFileScheduling

PAGES = "tests/ui/"
"""Files that start a page. Two browsers at once make clicks late, so that one worker takes them all."""


class ByUnit(LoadFileScheduling):
    """Hands out units in the order in which the tests were collected."""

    def __init__(self, config: pytest.Config, log: object) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False  # it would begin with the units of the most tests

    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)


def unit(nodeid: str) -> str:
    """The tests that one worker runs together: those of a file, or all that start a page."""
    file = nodeid.partition("::")[0]
    return PAGES if file.startswith(PAGES) else file


def slowest_first(items: list[pytest.Item], seconds: Mapping[str, float]) -> None:
    """Put units in order of the seconds that their slow tests took; within one, the order stays."""
    costs: defaultdict[str, float] = defaultdict(float)
    for test, took in seconds.items():
        costs[unit(test)] += took
    items.sort(key=lambda item: -costs[unit(item.nodeid)])
