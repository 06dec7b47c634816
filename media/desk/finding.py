"""What the quality light says about a portrait."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Level = Literal["good", "fair", "poor"]
LEVELS: tuple[Level, ...] = ("good", "fair", "poor")


@dataclass(frozen=True)
class Finding:
    """One thing that was judged. what: its name for the page and the shell. text: the number that decided,
    and what to do unless it is good.
    """

    what: str
    level: Level
    text: str


def worst(findings: Iterable[Finding]) -> Level:
    """The level of the light: that of the worst finding."""
    return max((one.level for one in findings), key=LEVELS.index, default="good")
