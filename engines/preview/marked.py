"""Applies marks in time to the preview engine's motion and poses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from engines.emotion.easing import EasedEmotion
from engines.emotion.parsing import strengths_of
from engines.marks.course import Course
from engines.marks.reading import marked_tracks
from engines.preview.arkit import LARGEST_TURNS
from engines.preview.articulation import Articulation, gap_at_rest
from engines.preview.expressed import expressed
from engines.preview.head import FURTHEST_TURN
from engines.preview.lips import MouthPose
from engines.preview.live.strengths import MOVEMENT
from engines.preview.motion import HeadMovement
from engines.preview.options import MARKABLE, PreviewOptions
from engines.preview.pose import Pose

SMOOTHING = "smoothing"
_MOST_TURNS = np.array([FURTHEST_TURN, FURTHEST_TURN, np.degrees(LARGEST_TURNS[2])])


def breathes(options: PreviewOptions) -> bool:
    """Whether the body moves at any time of a job."""
    return options.breathing > 0 or any(
        one.kind == "option" and one.name == "breathing" for one in marked_tracks(options.marks, MARKABLE)
    )


class MarkedFaces:
    """Finishes the poses of one job, in order: emotion, and what marks change of a finished pose."""

    def __init__(self, options: PreviewOptions) -> None:
        self._course = Course(options.marks, MARKABLE, options.fps)
        self._emotion = EasedEmotion(strengths_of(options.emotion), options.fps)

    @property
    def opens_mouth(self) -> bool:
        """Whether marks say how far the mouth opens; poses then come with the opening of 1."""
        return "mouth_opening" in self._course.options

    def finish(self, pose: Pose) -> Pose:
        """The next frame's pose as it is painted."""
        if not self._course:
            return expressed(pose, self._emotion.step())
        self._course.step()
        marked = self._course.options
        if "mouth_opening" in marked:
            pose = replace(pose, mouth=replace(pose.mouth, drop=pose.mouth.drop * marked["mouth_opening"]))
        pose = expressed(pose, self._emotion.step_with(self._course.emotions))
        turns = np.array(self._course.turns) * (-1.0, 1.0, 1.0)  # the picture's right, here
        if turns.any():
            turns += (pose.head.yaw, pose.head.pitch, pose.head.roll)
            yaw, pitch, roll = np.clip(turns, -_MOST_TURNS, _MOST_TURNS).tolist()
            pose = replace(pose, head=replace(pose.head, yaw=yaw, pitch=pitch, roll=roll))
        return pose


class MarkedMovement:
    """Changes the strengths of a `HeadMovement` frame by frame."""

    def __init__(self, movement: HeadMovement, options: PreviewOptions) -> None:
        self._movement = movement
        self._usual = {name: float(getattr(options, name)) for name in MOVEMENT}
        self._course = Course(options.marks, MARKABLE, options.fps)

    def step(self, prosody: np.ndarray, mouth: np.ndarray) -> np.ndarray:
        """As `HeadMovement.step`."""
        if not self._course.options.keys() & self._usual.keys():
            return self._movement.step(prosody, mouth)
        rows = []
        for i in range(len(mouth)):
            self._course.step()
            marked = {n: v for n, v in self._course.options.items() if n in self._usual}
            self._movement.change(**{**self._usual, **marked})
            rows.append(self._movement.step(prosody[i : i + 1], mouth[i : i + 1]))
        return np.concatenate(rows)


class MarkedArticulation:
    """An `Articulation` whose smoothing marks may change frame by frame."""

    def __init__(self, options: PreviewOptions) -> None:
        self._options, self._gap = options, gap_at_rest(options)
        self._course = Course(options.marks, MARKABLE, options.fps)
        self._articulation = Articulation(options)
        self._ahead = Articulation(options.model_copy(update={SMOOTHING: 1.0})).ahead
        self._rows: np.ndarray | None = None

    def step(self, rows: np.ndarray) -> Iterator[MouthPose]:
        """As `Articulation.step`."""
        if SMOOTHING not in self._course.options:
            yield from self._articulation.step(rows)
        elif len(rows):
            # Before the first frame the mouth was as it is in the first.
            before = np.repeat(rows[:1], self._ahead, axis=0) if self._rows is None else self._rows
            yield from self._poses(np.concatenate([before, rows]))

    def finish(self) -> Iterator[MouthPose]:
        """As `Articulation.finish`."""
        if SMOOTHING not in self._course.options:
            yield from self._articulation.finish()
        elif self._rows is not None:
            yield from self._poses(
                np.concatenate([self._rows, np.repeat(self._rows[-1:], self._ahead, axis=0)])
            )

    def _poses(self, rows: np.ndarray) -> Iterator[MouthPose]:
        self._rows = rows[max(len(rows) - 2 * self._ahead, 0) :]
        for start in range(len(rows) - 2 * self._ahead):
            self._course.step()
            chosen = {SMOOTHING: self._course.options[SMOOTHING]}
            self._articulation.change(self._options.model_copy(update=chosen), self._gap)
            middle, reach = start + self._ahead, self._articulation.ahead
            yield self._articulation.pose(rows[middle - reach : middle + reach + 1])
