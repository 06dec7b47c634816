"""Turns the voice's channels into poses of the mouth, frame by frame.

Three things happen between the network's output and the lips: sounds are smoothed without delay, a closed
sound (p, b, m) wins over everything else, and a silence of 200 ms brings the mouth to rest.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from engines.preview.lips import MouthPose
from engines.preview.mouth import CHANNELS
from engines.preview.options import PreviewOptions

JAW, CLOSURE, ROUNDING, SPREADING, LIP_TEETH, VOICE, TONGUE = range(len(CHANNELS))

QUIET_AFTER = 0.12
"""Seconds without a voice after which the lips begin to move to their rest..."""
AT_REST_AFTER = 0.20
"""...and after which they have reached it."""
WIDEST_SMOOTHING = 0.075
"""Standard deviation in seconds of the smoothing at 1.0."""
SPEAKS = 0.5
SHUTS = 0.36, 0.62
"""Closures at which lips that speak begin to come together, and at which they are shut. Chosen on the
finished video of recorded voices: lower ones let the mouth chew on n and k, higher ones lose p, b and m."""
TONGUE_OPENS = 0.16
"""The least opening while the tongue's tip is at the teeth: the narrow gap of t, n, l and s."""


def _ramp(x: float, low: float, high: float) -> float:
    t = min(max((x - low) / (high - low), 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)


def gap_at_rest(options: PreviewOptions) -> float:
    """How much of the gap between the portrait's lips a mouth at rest keeps, 0..1."""
    return 1.0 if options.rest_mouth == "as_portrait" else 0.0


class Articulation:
    """Turns rows of `mouth.CHANNELS` into poses. Streaming: the poses do not depend on how the rows are
    divided into calls.

    Smoothing looks a few frames ahead, so poses come that many frames behind the rows; `finish` gives
    the last of them.
    """

    def __init__(self, options: PreviewOptions) -> None:
        self._quiet = AT_REST_AFTER
        self._rest = 1.0
        self._dt = 1.0 / options.fps
        self.change(options, gap_at_rest(options))
        self._rows = np.zeros((0, len(CHANNELS)), np.float32)

    def change(self, options: PreviewOptions, gap: float) -> None:
        """Use other options, with the same frames per second, from the next `pose` on.

        gap: as from `gap_at_rest`, or on the way from one to another.
        """
        self._options, self._gap = options, gap
        self.pace(self._dt)

    def pace(self, duration: float) -> None:
        """Let the next frame, and the rows around it, last so many seconds."""
        self._dt = duration
        sigma = self._options.smoothing * WIDEST_SMOOTHING / duration
        self.ahead: int = int(np.ceil(2.0 * sigma)) if sigma > 0.15 else 0
        """Rows before and after the current one that `pose` needs."""
        reach = np.arange(-self.ahead, self.ahead + 1)
        kernel = np.exp(-0.5 * (reach / max(sigma, 1e-6)) ** 2)
        self._kernel = (kernel / kernel.sum()).astype(np.float32)

    def step(self, rows: np.ndarray) -> Iterator[MouthPose]:
        """rows: (k, 7) float32, 0..1. Yields the poses that are ready."""
        if len(rows):
            # Before the first frame the mouth was as it is in the first.
            before = self._rows if len(self._rows) else np.repeat(rows[:1], self.ahead, axis=0)
            yield from self._poses(np.concatenate([before, rows]))

    def finish(self) -> Iterator[MouthPose]:
        """Yield the poses of the frames that still wait for their neighbours."""
        yield from self._poses(np.concatenate([self._rows, np.repeat(self._rows[-1:], self.ahead, axis=0)]))

    def _poses(self, rows: np.ndarray) -> Iterator[MouthPose]:
        """The poses of all rows with their neighbours, of which the last rows are kept."""
        self._rows = rows[max(len(rows) - 2 * self.ahead, 0) :]
        for start in range(len(rows) - 2 * self.ahead):
            yield self.pose(rows[start : start + 2 * self.ahead + 1])

    def pose(self, window: np.ndarray) -> MouthPose:
        """The next frame's pose. window: (2 * ahead + 1, 7), its row in the middle."""
        now: list[float] = window[self.ahead].tolist()
        soft: list[float] = (self._kernel @ window).tolist()
        # The strongest closing is not smoothed: a p that is smoothed away is not visible.
        closing = max(now[CLOSURE], soft[CLOSURE] if soft[CLOSURE] < now[CLOSURE] else 0.0)
        rest = self._follow_silence(now[VOICE])
        shut = max(_ramp(closing, *SHUTS), rest)
        free = 1.0 - shut
        if self._options.animation_mode == "animal":  # a muzzle only opens and shuts
            return MouthPose(drop=soft[JAW] * free * self._options.mouth_opening)
        return MouthPose(
            drop=max(soft[JAW], TONGUE_OPENS * soft[TONGUE]) * free * self._options.mouth_opening,
            keep_gap=rest * self._gap,
            press=_ramp(closing, 0.55, 0.95) * (1.0 - rest) * float(now[VOICE] > SPEAKS),
            # Shut lips do not pucker: they would bulge apart.
            rounding=soft[ROUNDING] * (1.0 - rest) * (1.0 - 0.75 * shut),
            spreading=soft[SPREADING] * (1.0 - rest),
            lip_teeth=soft[LIP_TEETH] * free,
            tongue=soft[TONGUE] * free,
        )

    def _follow_silence(self, voice: float) -> float:
        self._quiet = 0.0 if voice > SPEAKS else self._quiet + self._dt
        target = _ramp(self._quiet, QUIET_AFTER - 0.04, AT_REST_AFTER)
        # When speech begins, the mouth leaves its rest within two frames at 24 fps, without a jump.
        self._rest = target if target >= self._rest else max(target, self._rest - self._dt / 0.08)
        return self._rest
