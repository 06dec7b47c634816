"""Poses that follow a recorded performance, and the voice in what the performance lacks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

import numpy as np

from engines.performing import Performing
from engines.preview.arkit import FACE, pose_of
from engines.preview.lips import MouthPose
from engines.preview.options import PreviewOptions
from engines.preview.pose import Pose
from media.performance.blendshapes import JAW, MOUTH
from media.performance.performance import Performance

BLOCK = 64
"""Frames that are read from the performance at a time."""
OFF_CENTRE = np.radians(12.0)
"""A head that is turned further than this on average was recorded from the side, which is straight here."""


def performed(poses: Iterator[Pose], performing: Performing, options: PreviewOptions) -> Iterator[Pose]:
    """The poses of a voice with everything in its place that the performance has.

    A file without blinks, gaze, brows or the angles of the head leaves those to the voice. The options
    `mouth_opening`, `head_motion` and `expression` scale the recorded movement, which is as recorded at 1.
    """
    performance = performing.performance
    mouth = performing.mouth and bool(performance.has & {*JAW, *MOUTH})
    lids = bool(performance.has & {"eyeBlinkLeft", "eyeBlinkRight"})
    gaze = any(name.startswith("eyeLook") for name in performance.has)
    face = bool(performance.has & set(FACE))
    head = _has_angles(performance)
    animal = options.animation_mode == "animal"  # a muzzle only opens and shuts
    middle = _middle(performance) if head else np.zeros(3)
    done = 0
    while block := list(islice(poses, BLOCK)):
        values, angles = performance.at((done + np.arange(len(block))) / options.fps)
        angles[:, :3] -= middle
        done += len(block)
        for spoken, row, turn in zip(block, values, angles, strict=True):
            own = pose_of(row, turn * options.head_motion)
            made = spoken
            if mouth:
                drop = own.mouth.drop * options.mouth_opening
                moved = MouthPose(drop=drop) if animal else replace(own.mouth, drop=drop)
                made = replace(made, mouth=replace(moved, smile=made.mouth.smile))
            if lids:
                made = replace(made, blinks=own.blinks)
            if gaze:
                made = replace(made, gaze_x=own.gaze_x, gaze_y=own.gaze_y)
            if face:
                strength = options.expression
                made = replace(
                    made,
                    brow=float(np.clip(strength * own.brow, -1, 1)),
                    mouth=replace(made.mouth, smile=float(np.clip(strength * own.mouth.smile, -1, 1))),
                    face={name: min(strength * value, 1.0) for name, value in own.face.items()},
                )
            if head:
                turned = {name: getattr(own.head, name) for name in ("yaw", "pitch", "roll")}
                made = replace(made, head=replace(made.head, **turned))  # breath and sway go on
            yield made


def _has_angles(performance: Performance) -> bool:
    """Whether the head's angles were recorded: programs without them leave the cells empty or write 0."""
    turns = performance.rotations[:, :3]
    return bool(np.nan_to_num(turns).any())


def _middle(performance: Performance) -> np.ndarray:
    """(3,) the head's angles that count as straight ahead, in radians."""
    _, angles = performance.at(performance.times)
    middle = np.median(angles[:, :3], axis=0)
    return np.where(np.abs(middle) > OFF_CENTRE, middle, 0.0)
