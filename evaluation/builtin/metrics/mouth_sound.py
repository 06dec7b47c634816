"""Measures whether the mouth opens when the voice is loud, and at the right moment."""

from __future__ import annotations

import numpy as np

from evaluation.builtin.frame_metric import FREE, VoiceTimeline
from evaluation.builtin.mouth_metric import MouthMetric
from evaluation.metric import Metric, Score
from media.messages import said

WIDEST_LAG = 0.4  # seconds looked at to either side
READING_NOISE = 0.01  # of the mouth's width; movement of the landmarks of a resting mouth
CLEAR = 0.2  # below this best correlation, the lag is meaningless
CHANCE = 3.5  # standard errors that the best of twenty lags reaches by chance; less is meaningless, too
LEAST_SECONDS = 1.0


class MouthSound(MouthMetric):
    """Correlation of mouth opening and loudness, and the lag at which it is highest.

    Meaning: 1 is a mouth that opens exactly as far as the voice is loud; live speech reaches 0.3 to 0.7,
    since a mouth is also wide open in quiet vowels and closed in a loud m. The lag is positive when the
    video comes after its sound, as SyncNet's offset is.
    Range: correlation -1..1, higher is better; lag -400..400 ms, the nearer to 0 the better.
    Blind to: the shape of the lips (rounding, teeth), what is said in a steady voice, singing over music,
    laughter. A mouth is set for a sound up to 100 ms before it is heard, so people read a little below 0.
    """

    order = 10
    metrics = (
        Metric(
            "mouth_sound", "Mouth and sound", "higher", (-1.0, 1.0), None, FREE,
            "Correlation of the inner lips' gap with the loudness of the voice, frame by frame. Live "
            "speech reaches 0.3 to 0.7. Blind to the lips' shape; music and noise lower it.",
        ),
        Metric(
            "mouth_lag", "Mouth lag", "zero", (-1000 * WIDEST_LAG, 1000 * WIDEST_LAG), None, FREE,
            "By how much the mouth comes after the sound where the two agree best. Mouths are set for a "
            "sound a little before it, so live speech reads 0 to -80 ms. Not measured if mouth and sound do "
            "not agree.",
            "ms", 0,
        ),
    )  # fmt: skip

    def scores(self, timeline: VoiceTimeline) -> dict[str, Score]:
        """Both scores, or why there are none."""
        if timeline.level is None:
            return self._nothing("There is no sound. Add it with --audio.")
        gap = self.opening()
        if np.isfinite(gap).sum() < LEAST_SECONDS * self.fps:
            return self._nothing(
                said("Fewer than {least_seconds:g} s show a face.", least_seconds=LEAST_SECONDS)
            )
        if not np.ptp(timeline.level) > 0:
            return self._nothing("The loudness of the sound does not change.")
        steps = round(WIDEST_LAG * self.fps)
        curve = np.array([correlation(gap, timeline.level, lag) for lag in range(-steps, steps + 1)])
        best = int(curve.argmax())
        clear = max(CLEAR, CHANCE / float(np.sqrt(np.isfinite(gap).sum())))
        lag = Score(
            None,
            said(
                "The mouth does not follow the sound (best correlation {correlation:.2f}).",
                correlation=curve[best],
            ),
        )
        if curve[best] >= clear and best in (0, len(curve) - 1):
            lag = Score(
                None,
                said(
                    "The mouth does not follow the sound within {lag:.0f} ms.",
                    lag=1000 * WIDEST_LAG,
                ),
            )
        elif curve[best] >= clear:
            frames = best - steps + _between(curve, best)
            lag = Score(
                1000 * frames / self.fps, extras={"frames": round(frames, 2), "best": float(curve[best])}
            )
        return {"mouth_sound": Score(float(curve[steps])), "mouth_lag": lag}

    def _nothing(self, why: str) -> dict[str, Score]:
        return {metric.name: Score(None, why) for metric in self.metrics}


def correlation(gap: np.ndarray, level: np.ndarray, lag: int = 0) -> float:
    """Pearson's r of the opening, moved `lag` frames earlier, with the loudness.

    A mouth that moves no more than its landmarks do at rest counts as still: 0.
    """
    a, b = (gap[lag:], level[: len(level) - lag]) if lag >= 0 else (gap[:lag], level[-lag:])
    seen = np.isfinite(a)
    if seen.sum() < 3:
        return 0.0
    a, b = a[seen] - a[seen].mean(), b[seen] - b[seen].mean()
    spread = np.sqrt((a @ a / len(a) + READING_NOISE**2) * max(float(b @ b) / len(b), 1e-12))
    return float(a @ b / len(a) / spread)


def _between(curve: np.ndarray, best: int) -> float:
    """The top of a parabola through the best value and its two neighbours, in steps from the best."""
    left, top, right = curve[best - 1 : best + 2]
    bend = left - 2 * top + right
    return float(0.5 * (left - right) / bend) if bend < 0 else 0.0


METRIC = MouthSound
