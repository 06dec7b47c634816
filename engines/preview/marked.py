"""Applies marks in time to the preview engine's motion and poses."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engines.emotion.easing import EasedEmotion
from engines.emotion.parsing import strengths_of
from engines.marks.course import Course
from engines.marks.reading import marked_tracks
from engines.preview.arkit import LARGEST_TURNS
from engines.preview.expressed import expressed
from engines.preview.head import FURTHEST_TURN
from engines.preview.live.strengths import MOVEMENT
from engines.preview.motion import HeadMovement
from engines.preview.options import MARKABLE, PreviewOptions
from engines.preview.pose import Pose

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
