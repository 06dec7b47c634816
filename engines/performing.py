"""What a recorded performance drives on a portrait."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from engines.saved_motion import SavedMotion
from media.errors import EngineError

if TYPE_CHECKING:
    from media.performance.performance import Performance


@dataclass(frozen=True, eq=False)
class RecordedMotion:
    """The motion of a recorded face in LivePortrait's terms.

    motion: the arrays exp (n, 21, 3), scale (n, 1), t (n, 3), and pitch, yaw and roll (n, 1) in degrees.
    rate: frames per second.
    """

    motion: SavedMotion
    rate: Fraction
    notes: tuple[str, ...] = ()

    @property
    def duration(self) -> float:
        """In seconds."""
        return float(self.motion.frames / self.rate)


@dataclass(frozen=True, eq=False)
class Performing:
    """A performance and how it is used. mouth: whether it moves the mouth; otherwise the voice does."""

    performance: Performance | RecordedMotion
    mouth: bool = True

    @property
    def curves(self) -> Performance:
        """A performance of blend shapes, for engines whose spec says `performs`. Raises EngineError."""
        if isinstance(self.performance, RecordedMotion):
            raise EngineError("This engine cannot follow a motion template.")
        return self.performance

    @property
    def template(self) -> RecordedMotion:
        """A motion template, for engines whose spec says `follows_templates`. Raises EngineError."""
        if not isinstance(self.performance, RecordedMotion):
            raise EngineError("This engine cannot follow curves.")
        return self.performance
