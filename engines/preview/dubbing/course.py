"""The mouth's poses of a voice at the times at which the frames of a video show."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from engines.marks.course import Course
from engines.preview.articulation import CLOSURE, Articulation
from engines.preview.lips import MouthPose
from engines.preview.mouth import CHANNELS, FRAME_RATE, VoiceToMouth, pooled
from engines.preview.options import MARKABLE, PreviewOptions

SHORTEST, LONGEST = 0.01, 0.1
"""Seconds of the voice that one frame shows at least and at most, however long it lasts."""
_SILENT = np.zeros(len(CHANNELS), np.float32)
_SILENT[CLOSURE] = 1.0


class MouthCourse:
    """The poses of one voice, at any times that do not decrease.

    A frame shows the voice from its time to the next frame's, so that each closed sound falls into one,
    whatever the frame rate. At a steady rate, the poses are those of `PreviewEngine.poses`. Memory does not
    grow with the voice.
    """

    def __init__(
        self, network: VoiceToMouth, samples: np.ndarray, duration: float, options: PreviewOptions
    ) -> None:
        """samples: (n,) float32 mono at 16 kHz. duration: of the voice in seconds."""
        self._hops = max(1, math.ceil(duration * FRAME_RATE))
        self._blocks: Iterator[np.ndarray] = network.stream(samples, FRAME_RATE, self._hops)
        self._rows = np.zeros((0, len(CHANNELS)), np.float32)
        self._begin = 0
        self._marks = Course(options.marks, MARKABLE, FRAME_RATE)
        self._marked = 0
        shut = {"rest_mouth": "closed"}  # the mouth of a video's frame is never at rest by itself
        opening = {"mouth_opening": 1.0} if "mouth_opening" in self._marks.options else {}
        self._articulation = Articulation(options.model_copy(update=shut | opening))

    def pose(self, time: float, duration: float) -> MouthPose:
        """The pose of a frame that shows from `time` on for `duration`, both in seconds of the voice."""
        shown = min(max(duration, SHORTEST), LONGEST)
        self._articulation.pace(shown)
        ahead = self._articulation.ahead
        starts = time + shown * np.arange(-ahead, ahead + 2)
        edges = np.ceil(starts * FRAME_RATE - 0.5 - 1e-6).astype(int)
        first, last = edges[:-1], np.maximum(edges[1:], edges[:-1] + 1)
        begin = int(first[0])
        rows = self._between(begin, int(last.max()))
        pose = self._articulation.pose(pooled(rows, first - begin, last - begin))
        opening = self._opening(time)
        return pose if opening is None else replace(pose, drop=pose.drop * opening)

    def _opening(self, time: float) -> float | None:
        """The mouth's opening that marks ask for at a time; None if they do not."""
        if not self._marks:
            return None
        while self._marked <= time * FRAME_RATE:
            self._marks.step()
            self._marked += 1
        return self._marks.options.get("mouth_opening")

    def _between(self, begin: int, end: int) -> np.ndarray:
        """(end - begin, 7) float32 channels; before and after the voice, those of silence."""
        while self._begin + len(self._rows) < min(end, self._hops):
            self._rows = np.concatenate([self._rows, next(self._blocks)])
            self._forget(begin)
        self._forget(begin)
        rows = np.tile(_SILENT, (end - begin, 1))
        low, high = max(begin, self._begin), min(end, self._begin + len(self._rows))
        if low < high:
            rows[low - begin : high - begin] = self._rows[low - self._begin : high - self._begin]
        return rows

    def _forget(self, before: int) -> None:
        """Drop the rows before a hop."""
        gone = min(max(before - self._begin, 0), len(self._rows))
        self._rows, self._begin = self._rows[gone:], self._begin + gone
