"""Measures whether the mouth moves while the voice is silent."""

from __future__ import annotations

import numpy as np

from evaluation.builtin.frame_metric import FREE, VoiceTimeline
from evaluation.builtin.lips import settled_silence
from evaluation.builtin.mouth_metric import MouthMetric
from evaluation.metric import Metric, Score

MOVED = 0.05
"""Difference from the rest, in parts of the mouth's width: twice what the mesh reads into a still mouth, and
where closed lips end (`evaluation.builtin.lips`).
"""
REST = 20
"""The percentile of the gaps in silence that counts as the mouth's rest."""


class LipLeak(MouthMetric):
    """Share of frames whose mouth is not at rest although the voice is silent (LipLeak; KeySync,
    arXiv 2505.00497).

    Meaning: of the frames in a pause of the voice (0.2 s after it and 0.12 s before it), or of all frames if
    the sound is silent, how many show the lips farther apart than at rest. The rest is how far they are apart
    in the fifth of these frames that shows them closest, so lips parted in a smile count as resting.
    Range: 0..100 %, lower is better. A person who talks, under a silent voice, reads 50 to 80.
    Blind to: a mouth that stays wide open (see the share of closed lips in silence), closed lips that purse
    or chew, a tongue.
    """

    order = 22
    metrics = (
        Metric(
            "lip_leak", "Lip leak", "lower", (0.0, 100.0), None, FREE,
            "Share of the frames in the voice's pauses, or under a silent voice, whose mouth is not at rest: "
            "movement that a dub left over. Blind to a mouth that stays open.", "%", 1,
        ),
    )  # fmt: skip

    def scores(self, timeline: VoiceTimeline) -> dict[str, Score]:
        """The share, or why there is none."""
        if timeline.level is None and not timeline.silent:
            return {"lip_leak": Score(None, "There is no sound. Add it with --audio.")}
        gap = self.opening()
        seen = settled_silence(len(gap), timeline.speech, self.fps) & np.isfinite(gap)
        if not seen.any():
            return {"lip_leak": Score(None, "No face is visible in the pauses of the voice.")}
        rest = float(np.percentile(gap[seen], REST))
        share = 100 * float((gap[seen] > rest + MOVED).mean())
        return {"lip_leak": Score(share, extras={"of": int(seen.sum()), "rest": rest})}


METRIC = LipLeak
