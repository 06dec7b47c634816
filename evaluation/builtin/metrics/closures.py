"""Measures whether the lips are closed when they must be: in pauses, and in p, b and m."""

from __future__ import annotations

import math

import numpy as np

from evaluation.builtin.frame_metric import FREE, VoiceTimeline
from evaluation.builtin.lips import closures_shown, settled_silence, silence_shown
from evaluation.builtin.mouth_metric import MouthMetric
from evaluation.metric import Metric, Score


class Closures(MouthMetric):
    """Shares of closed lips.

    Meaning: of the frames that lie in a pause of the voice (0.2 s after it and 0.12 s before it), how many
    show closed lips; of the p, b and m longer than 60 ms, how many show closed lips in a frame at least.
    Range: 0..100 %, higher is better.
    Blind to: people whose lips rest open or who smile or breathe; noise that hides pauses; lips that are
    closed all the time, which get full marks (see the correlation with loudness). Mouths of less than 30
    pixels are not measured.
    """

    order = 20
    metrics = (
        Metric(
            "closed_in_silence", "Closed in silence", "higher", (0.0, 100.0), None, FREE,
            "Share of the frames in the voice's pauses whose lips are closed. Blind to portraits that "
            "smile with parted lips; a mouth that never opens gets full marks.", "%", 1,
        ),
        Metric(
            "closed_in_bilabials", "Closed in p, b, m", "higher", (0.0, 100.0), None, FREE,
            "Share of the spoken p, b and m that show closed lips. Needs the times of the sounds, from any "
            "aligner.", "%", 1,
        ),
    )  # fmt: skip

    def scores(self, timeline: VoiceTimeline) -> dict[str, Score]:
        """Both shares, or why there are none."""
        gap = self.opening()
        silence = Score(None, "There is no sound. Add it with --audio.")
        if timeline.level is not None:
            shown, asked = silence_shown(gap, timeline.speech, self.fps)
            unseen = settled_silence(len(gap), timeline.speech, self.fps) & np.isnan(gap)
            silence = _share(
                shown, asked - int(unseen.sum()), "No face is visible in the pauses of the voice."
            )
        bilabials = Score(None, "The times of the sounds are unknown (VIDEO.TextGrid or VIDEO.phonemes.csv).")
        if timeline.closures is not None:
            seen = [one for one in timeline.closures if self._sees(gap, *one)]
            shown, asked = closures_shown(gap, seen, self.fps)
            bilabials = _share(shown, asked, "No face is visible in any p, b or m of 60 ms.")
        return {
            "closed_in_silence": self.closed_or_parted(silence),
            "closed_in_bilabials": self.closed_or_parted(bilabials),
        }

    def _sees(self, gap: np.ndarray, start: float, end: float) -> bool:
        """Whether any frame of a stretch shows a face."""
        return bool(np.isfinite(gap[int(start * self.fps) : math.ceil(end * self.fps)]).any())


def _share(shown: int, asked: int, none: str) -> Score:
    return Score(100 * shown / asked, extras={"of": asked}) if asked else Score(None, none)


METRIC = Closures
