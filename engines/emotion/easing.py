"""Leads a face from one emotion to another without a jump."""

from __future__ import annotations

from collections.abc import Mapping

from engines.emotion.shapes import NO_EXPRESSION, Expression, expression_of

SECONDS = 0.5
"""How long a change takes, whatever its size..."""
MOST_PER_FRAME = 0.15
"""...but so long that no strength changes by more than this from one frame to the next."""
_STEEPEST = 1.5  # slope of the ease in its middle


class EasedEmotion:
    """The emotion of one frame after the other. It begins neutral, as the portrait is.

    strengths: as from `engines.emotion.parsing.strengths_of`.
    """

    def __init__(self, strengths: Mapping[str, float], fps: int) -> None:
        self._step = 1.0 / max(SECONDS * fps, _STEEPEST / MOST_PER_FRAME)
        self._start: Mapping[str, float] = {}
        self._now: Mapping[str, float] = {}
        self._wanted: Mapping[str, float] = dict(strengths)
        self._share = 0.0 if strengths else 1.0
        self._expression = NO_EXPRESSION

    def lead_to(self, strengths: Mapping[str, float]) -> None:
        """Change to another emotion from the next frame on."""
        if strengths != self._wanted:
            self._start, self._wanted, self._share = self._now, dict(strengths), 0.0

    def step_with(self, marked: Mapping[str, float]) -> Expression:
        """The next frame's expression where marks say the strengths of some emotions."""
        if not marked:
            return self.step()
        self.step()
        return expression_of({**self._now, **marked})

    def step(self) -> Expression:
        """The next frame's expression; the same object while nothing changes."""
        if self._share < 1.0 or self._now != self._wanted:
            eased = self._share * self._share * (3.0 - 2.0 * self._share)
            self._now = {
                name: (1.0 - eased) * self._start.get(name, 0.0) + eased * self._wanted.get(name, 0.0)
                for name in {**self._start, **self._wanted}
            }
            if self._share >= 1.0:
                self._now = self._wanted
            self._expression = expression_of(self._now)
            self._share = min(self._share + self._step, 1.0)
        return self._expression
