"""Options that change while the face moves: numbers glide to their new value."""

from __future__ import annotations

from engines.preview.options import PreviewOptions

GLIDES = ("mouth_opening", "head_motion", "blink_rate", "expression")
SECONDS = 0.4
"""How long a change by 1 takes."""


class Strengths:
    """The options of the current frame, on their way to the ones that were asked for."""

    def __init__(self, options: PreviewOptions) -> None:
        self._now = self._wanted = options

    def lead_to(self, options: PreviewOptions) -> None:
        """Glide to other options from the next frame on."""
        self._wanted = options

    def step(self) -> PreviewOptions:
        """The options of the next frame."""
        if self._now == self._wanted:
            return self._now
        most = 1.0 / (SECONDS * self._now.fps)
        steps = {}
        for name in GLIDES:
            now, wanted = getattr(self._now, name), getattr(self._wanted, name)
            steps[name] = now + min(max(wanted - now, -most), most)
        self._now = self._wanted.model_copy(update=steps)
        return self._now

    def of_movement(self) -> dict[str, float]:
        """The strengths that `HeadMovement` takes."""
        return {name: getattr(self._now, name) for name in GLIDES[1:]}
