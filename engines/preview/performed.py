"""Poses that follow a recorded performance, and the voice in what the performance lacks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from itertools import islice

import numpy as np

from engines.emotion.shapes import SMILE_FADES
from engines.marks.course import Course
from engines.performed_parts import parts_of, shares, straight_ahead
from engines.performing import Performing
from engines.preview.arkit import FACE, pose_of
from engines.preview.head import FURTHEST_TURN, HeadPose
from engines.preview.lips import MouthPose
from engines.preview.options import MARKABLE, PreviewOptions
from engines.preview.pose import Pose
from media.performance.performance import Performance

BLOCK = 64
"""Frames that are read from the performance at a time."""
_SMILE = ("mouthSmile", "mouthFrown")
_FACE_PARTS = ("brow", _SMILE, "cheekSquint", "noseSneer", "eyeSquint", "eyeWide")
"""What is recorded or left to the voice as a whole, by the beginnings of the names."""
_SCALES = ("head_motion", "eye_motion", "gaze_x", "gaze_y", "expression")
"""Options that decide, frame by frame, what becomes of the recorded movement."""


def performed(poses: Iterator[Pose], performing: Performing, options: PreviewOptions) -> Iterator[Pose]:
    """The poses of a voice with everything in its place that the performance has.

    A file without blinks, gaze, brows, smiles or the angles of the head leaves those to the voice. The
    options `mouth_opening`, `head_motion`, `eye_motion` and `expression`, or their marks, scale the recorded
    movement, which is as recorded at 1; set turns and a set gaze are added to it. After the end of the
    performance, the poses pass to the voice's within BACK.
    """
    performance = performing.curves
    parts = parts_of(performance, mouth=performing.mouth)
    face = _recorded_face(performance) | ({SMILE_FADES} if parts.smile else set())
    animal = options.animation_mode == "animal"  # a muzzle only opens and shuts
    middle = straight_ahead(performance) if parts.head else np.zeros(3)
    course, done = Course(options.marks, MARKABLE, options.fps), 0
    usual = {name: float(getattr(options, name)) for name in _SCALES}
    while block := list(islice(poses, BLOCK)):
        moments = (done + np.arange(len(block))) / options.fps
        blocks_shares = shares(moments, performance.duration).tolist()
        values, angles = performance.at(moments)
        angles[:, :3] -= middle
        done += len(block)
        for spoken, row, turn, share in zip(block, values, angles, blocks_shares, strict=True):
            course.step()
            if share == 0.0:
                yield spoken
                continue
            now = usual | course.options
            own = pose_of(row, turn * now["head_motion"])
            made = spoken
            if parts.mouth:
                drop = own.mouth.drop * options.mouth_opening
                moved = MouthPose(drop=drop) if animal else replace(own.mouth, drop=drop)
                made = replace(made, mouth=replace(moved, smile=made.mouth.smile))
            if parts.lids:
                made = replace(made, blinks=own.blinks)
            if parts.gaze:
                x, y = (now["eye_motion"] * one for one in (own.gaze_x, own.gaze_y))
                x, y = np.clip((x + now["gaze_x"], y + now["gaze_y"]), -1, 1).tolist()
                made = replace(made, gaze_x=x, gaze_y=y)
            strength = now["expression"]
            if parts.brows:
                made = replace(made, brow=float(np.clip(strength * own.brow, -1, 1)))
            if parts.smile:
                shown = float(np.clip(strength * own.mouth.smile, -1, 1))
                made = replace(made, mouth=replace(made.mouth, smile=shown))
            recorded = {name: min(strength * value, 1.0) for name, value in own.face.items() if name in face}
            made = replace(made, face=recorded)
            if parts.head:
                made = replace(made, head=_turned(made.head, own.head, options))  # breath and sway go on
            yield made if share == 1.0 else _between(spoken, made, share)


def _turned(spoken: HeadPose, own: HeadPose, options: PreviewOptions) -> HeadPose:
    """The recorded angles around the turn that the options set, in the place of the voice's."""
    turned = np.array([own.yaw + options.head_yaw, own.pitch - options.head_pitch])
    yaw, pitch = np.clip(turned, -FURTHEST_TURN, FURTHEST_TURN).tolist()
    return replace(spoken, yaw=yaw, pitch=pitch, roll=own.roll)


def _recorded_face(performance: Performance) -> frozenset[str]:
    """The names of FACE that follow the performance: whole parts, of which it moves at least one shape."""
    parts = [{name for name in FACE if name.startswith(part)} for part in _FACE_PARTS]
    return frozenset[str]().union(*(part for part in parts if performance.has & part))


def _between(one: Pose, other: Pose, share: float) -> Pose:
    """A pose that has so much of the other: 0 is the first, 1 the second."""

    def mixed(before: float, after: float) -> float:
        return before + share * (after - before)

    mouth = {
        field.name: mixed(getattr(one.mouth, field.name), getattr(other.mouth, field.name))
        for field in fields(MouthPose)
    }
    head = {
        field.name: mixed(getattr(one.head, field.name), getattr(other.head, field.name))
        for field in fields(HeadPose)
    }
    lids = (mixed(one.blinks[0], other.blinks[0]), mixed(one.blinks[-1], other.blinks[-1]))
    return replace(
        other,
        mouth=MouthPose(**mouth),
        head=HeadPose(**head),
        blinks=other.blinks if one.blinks == other.blinks else lids,
        brow=mixed(one.brow, other.brow),
        gaze_x=mixed(one.gaze_x, other.gaze_x),
        gaze_y=mixed(one.gaze_y, other.gaze_y),
        face={
            name: mixed(one.face.get(name, 0.0), other.face.get(name, 0.0))
            for name in {**one.face, **other.face}
        },
    )
