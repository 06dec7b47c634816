"""What a recorded performance drives on a portrait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from media.performance.performance import Performance


@dataclass(frozen=True, eq=False)
class Performing:
    """A performance and how it is used. mouth: whether it moves the mouth; otherwise the voice does."""

    performance: Performance
    mouth: bool = True
