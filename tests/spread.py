"""How pytest-xdist spreads the tests over its workers: file by file, and the slowest files first.

A file's tests stay on one worker because they share what its fixtures make: a page, a Ray, a trained network.
Slow files begin first, so that no worker is left alone with a long one at the end.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
from xdist.scheduler import LoadFileScheduling

ROOT = Path(__file__).resolve().parent.parent
PAGES = "tests/ui/"
"""Where tests visit a page with a browser. Each browser more makes all clicks later, so that two workers take
them: one those whose pages are shared, the other those with pages of their own.
"""
SHARED = "visitors of the shared pages"
OWN = "visitors of other pages"
MADE_ONCE = {"talking_videos": "tests/training/", "material": "tests/evaluation/"}
"""Session fixtures that take seconds, and the folder whose files use them: one worker makes them, once."""


class ByUnit(LoadFileScheduling):
    """Hands out units in the order in which the tests were collected."""

    def __init__(self, config: pytest.Config, log: object) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False  # it would begin with the units of the most tests

    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)


def workers() -> int:
    """One more than there are cores: those with a browser often wait for it."""
    return (os.cpu_count() or 1) + 1


def unit(nodeid: str) -> str:
    """The tests that one worker runs together: those of a file, half of those that need a browser, or those
    of files that share a slow fixture.
    """
    file = nodeid.partition("::")[0]
    return (_visits(file) if file.startswith(PAGES) else _takes(file)) or file


@cache
def _takes(file: str) -> str:
    """Which of MADE_ONCE a file of tests uses, or ""."""
    for fixture, folder in MADE_ONCE.items():
        if file.startswith(folder) and f"{fixture}: " in (ROOT / file).read_text(encoding="utf-8"):
            return f"takers of {fixture}"
    return ""


@cache
def _visits(file: str) -> str:
    """Which pages a file visits with a browser: SHARED, OWN, or "" for none."""
    text = (ROOT / file).read_text(encoding="utf-8")
    if "playwright" not in text:
        return ""
    return SHARED if re.search("site: Site|visitor: Page", text) else OWN


def slowest_first(items: list[pytest.Item], seconds: Mapping[str, float]) -> None:
    """Put units in order of the seconds that their slow tests took; within one, the order stays."""
    costs: defaultdict[str, float] = defaultdict(float)
    for test, took in seconds.items():
        costs[unit(test)] += took
    items.sort(key=lambda item: -costs[unit(item.nodeid)])
