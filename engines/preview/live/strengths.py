"""Options that change while the face moves: each glides to its new value."""

from __future__ import annotations

from engines.preview.articulation import gap_at_rest
from engines.preview.options import PreviewOptions

TURNS = ("head_yaw", "head_pitch")
MOVEMENT = ("head_motion", "blink_rate", "expression", "eye_motion", "gaze_x", "gaze_y", "breathing", *TURNS)
GLIDES = ("mouth_opening", "smoothing", *MOVEMENT)
SECONDS = 0.4
"""How long a change by 1 takes."""
DEGREES = 10.0
"""What a turn changes by in that time."""


class Strengths:
    """The options of the current frame, on their way to the ones that were asked for."""

    def __init__(self, options: PreviewOptions) -> None:
        self._wanted = options
        self.now = options
        """The options of the current frame."""
        self.gap = gap_at_rest(options)
        """The same of `rest_mouth`, which has no values between: as from `gap_at_rest`."""

    def lead_to(self, options: PreviewOptions) -> None:
        """Glide to other options from the next frame on."""
        self._wanted = options

    def step(self) -> None:
        """Move on to the next frame."""
        most = 1.0 / (SECONDS * self.now.fps)
        self.gap = _nearer(self.gap, gap_at_rest(self._wanted), most)
        if self.now is not self._wanted:
            steps = {
                name: _nearer(
                    getattr(self.now, name),
                    getattr(self._wanted, name),
                    most * (DEGREES if name in TURNS else 1.0),
                )
                for name in GLIDES
            }
            now = self._wanted.model_copy(update=steps)
            self.now = self._wanted if now == self._wanted else now

    def of_movement(self) -> dict[str, float]:
        """The strengths that `HeadMovement` takes."""
        return {name: getattr(self.now, name) for name in MOVEMENT}


def _nearer(now: float, wanted: float, most: float) -> float:
    return now + min(max(wanted - now, -most), most)
