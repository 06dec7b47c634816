"""The input and the interface of built-in metrics."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.metric import Metric, Score
from media.spoken_sounds import BILABIAL, TimedSound, single

FREE = "JoyStudio's own; MediaPipe's face mesh (Apache 2.0, commercial use allowed)"


@dataclass(frozen=True, eq=False)
class TrackedFrame:
    """image: (H, W, 3) uint8 RGB. grey: (H, W) uint8. face: (478, 3) float32 landmarks in pixels, or None."""

    number: int
    image: np.ndarray
    grey: np.ndarray
    face: np.ndarray | None


@dataclass(frozen=True, eq=False)
class VoiceTimeline:
    """The sound on the frames' clock.

    level: (frames,) loudness of each frame's interval, 0 (silence) to 1 (the loudest); None without sound.
    speech: (start, end) in seconds of every stretch of voice without a pause.
    sounds: the spoken sounds, in order, with names in IPA; None if it is unknown.
    silent: there is sound, but nothing in it is audible; `level` is None then.
    """

    level: np.ndarray | None
    speech: Sequence[tuple[float, float]] = ()
    sounds: Sequence[TimedSound] | None = None
    silent: bool = False

    @property
    def closures(self) -> list[tuple[float, float]] | None:
        """(start, end) in seconds of every p, b and m; None if they are unknown."""
        if self.sounds is None:
            return None
        return [(start, end) for name, start, end in single(self.sounds) if name in BILABIAL]


class FrameMetric(ABC):
    """One metric, or a few of one kind: reads every frame once, keeps a few numbers of each, gives a
    score.

    A module in evaluation/builtin/metrics/ offers one as METRIC. order: its place in reports; metrics of the
    same order go by their modules' names.
    """

    metrics: tuple[Metric, ...]
    order: int = 1000

    def __init__(self, fps: float, size: tuple[int, int]) -> None:
        self.fps = fps
        self.size = size

    @abstractmethod
    def update(self, frame: TrackedFrame) -> None:
        """Take the next frame; the metric may keep it until the following one."""

    @abstractmethod
    def scores(self, timeline: VoiceTimeline) -> dict[str, Score]:
        """One score for every name in `metrics`, after the last frame."""


def distance(face: np.ndarray, a: int, b: int) -> float:
    """Distance of two landmarks in the frame's plane, in pixels."""
    return float(np.hypot(*(face[a, :2] - face[b, :2])))
