"""Measures whether the mouth takes the shape of each sound. Needs the times of the sounds."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from evaluation.builtin.frame_metric import FREE, VoiceTimeline
from evaluation.builtin.lips import CLOSED
from evaluation.builtin.mouth_metric import MouthMetric
from evaluation.metric import Metric, Score
from media.messages import said
from media.spoken_sounds import KIND, VOWELS, TimedSound, opening_of, running, single

_EDGE = 0.2
"""Part of a sound at either end that is left out: there the mouth is still moving from its neighbour."""
LEAST_SOUNDS = 5
_UNKNOWN = "The times of the sounds are unknown (VIDEO.TextGrid or VIDEO.phonemes.csv)."


class SaidSounds(MouthMetric):
    """Lips that are shut where they must not be, and how far the mouth opens for each sound.

    Meaning: of the sounds in running speech (both neighbours within 0.12 s, neither of them p, b or m), in
    how many are the lips closed in a frame of their middle 60 %; and Pearson's r of the gap with the opening
    that each sound asks for, from 0 in p, b, m to 0.9 in an open a, smoothed over 90 ms.
    Range: 0..100 %, lower is better; -1..1, higher is better.
    Blind to: lips and teeth that differ with the same gap (u and i), wrong times of the sounds, people who
    hardly open their mouths, sounds shorter than a frame and a half.
    """

    order = 25
    metrics = (
        Metric(
            "shut_in_tongue_sounds", "Shut in t, n, k", "lower", (0.0, 100.0), None, FREE,
            "Share of the spoken t, d, n, l, r, s, sh, k, g, ng whose middle shows closed lips. Needs the "
            "times of the sounds. Blind to a mouth that is always open.", "%", 1,
        ),
        Metric(
            "shut_in_vowels", "Shut in vowels", "lower", (0.0, 100.0), None, FREE,
            "Share of the vowels whose middle shows closed lips. Needs the times of the sounds. Blind to a "
            "mouth that is always open.", "%", 1,
        ),
        Metric(
            "opening_of_sounds", "Opening of sounds", "higher", (-1.0, 1.0), None, FREE,
            "Correlation of the inner lips' gap with the opening that each sound asks for: none in p, b, m, "
            "wide in a. Needs the times of all sounds. Blind to the lips' shape.",
        ),
    )  # fmt: skip

    def scores(self, timeline: VoiceTimeline) -> dict[str, Score]:
        """All three, or why there are none."""
        if timeline.sounds is None:
            return {metric.name: Score(None, _UNKNOWN) for metric in self.metrics}
        gap = self.opening()
        seen = shut(gap, timeline.sounds, self.fps)
        return {
            "shut_in_tongue_sounds": self.closed_or_parted(_share(seen["tongue"])),
            "shut_in_vowels": self.closed_or_parted(_share(seen["vowels"])),
            "opening_of_sounds": _correlation(gap, timeline.sounds, self.fps),
        }


def shut(gap: np.ndarray, sounds: Sequence[TimedSound], fps: float) -> dict[str, list[bool]]:
    """Whether the lips are closed in each "p b m", and in the middle of each of "tongue" and "vowels".

    gap: per frame, in parts of the mouth's width, NaN without a face; such sounds are left out.
    """
    found: dict[str, list[bool]] = {"p b m": [], "tongue": [], "vowels": []}
    for kind, start, end in running(sounds):
        first, last = int(start * fps), math.ceil(end * fps)
        if kind != "p b m":  # the frames whose middles lie in the middle of the sound
            edge = _EDGE * (end - start)
            first, last = (math.ceil(at * fps - 0.5) for at in (start + edge, end - edge))
        if last > first and len(gap[first:last]) and np.isfinite(gap[first:last]).all():
            found[kind].append(bool((gap[first:last] < CLOSED).any()))
    return found


def _share(seen: Sequence[bool]) -> Score:
    if len(seen) < LEAST_SOUNDS:
        return Score(
            None,
            said(
                "Fewer than {least_sounds} such sounds are seen in running speech.", least_sounds=LEAST_SOUNDS
            ),
        )
    return Score(100 * sum(seen) / len(seen), extras={"of": len(seen)})


def _correlation(gap: np.ndarray, sounds: Sequence[TimedSound], fps: float) -> Score:
    vowels = sum(KIND.get(sound.name) in VOWELS for sound in single(sounds))
    if vowels < LEAST_SOUNDS:
        return Score(
            None, said("The file of sounds has fewer than {least_sounds} vowels.", least_sounds=LEAST_SOUNDS)
        )
    wanted, seen = opening_of(sounds, len(gap), fps), np.isfinite(gap)
    if seen.sum() < fps or not np.ptp(wanted[seen]) > 0:
        return Score(None, said("Fewer than {least_seconds:g} s show a face.", least_seconds=1.0))
    if not np.ptp(gap[seen]) > 0:
        return Score(0.0)
    return Score(float(np.corrcoef(gap[seen], wanted[seen])[0, 1]))


METRIC = SaidSounds
