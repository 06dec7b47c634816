"""What a recorded performance drives on a portrait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from media.errors import EngineError

if TYPE_CHECKING:
    from media.performance.motion_template import LivePortraitTemplate
    from media.performance.performance import Performance


@dataclass(frozen=True, eq=False)
class Performing:
    """A performance and how it is used. mouth: whether it moves the mouth; otherwise the voice does."""

    performance: Performance | LivePortraitTemplate
    mouth: bool = True

    @property
    def curves(self) -> Performance:
        """A performance of blend shapes, for engines whose spec says `performs`. Raises EngineError."""
        from media.performance.performance import Performance

        if not isinstance(self.performance, Performance):
            raise EngineError("This engine cannot follow a motion template.")
        return self.performance

    @property
    def template(self) -> LivePortraitTemplate | None:
        """A motion template, for engines whose spec says `follows_templates`; None for blend shapes."""
        from media.performance.motion_template import LivePortraitTemplate

        return self.performance if isinstance(self.performance, LivePortraitTemplate) else None
