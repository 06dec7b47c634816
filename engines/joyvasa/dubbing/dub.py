"""Dubs a video: the lips of the voice, painted on each face that speaks, a few frames at a time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from engines.base import Dubbed, Step
from engines.dubbing import Shot, Shots
from engines.joyvasa.dubbing.course import LipCourse
from engines.joyvasa.dubbing.painter import DubPainter, FaceInFrame
from media.dubbing.values import PaintedPatch


def dubbed(shots: Shots, course: LipCourse, painter: DubPainter, size: int) -> Iterator[Dubbed]:
    """The patches of each frame, in order, with a Step after each piece of long work between them.

    size: faces that are rendered together, and frames that are read for them, at least 1.
    """
    frames = iter(shots.frames)
    while group := list(islice(frames, size)):
        speaking = [shot for shot in group if shot.faces]
        if speaking:
            yield from course.reach(speaking[-1].time)
        yield from _painted(group, course, painter, size)


def _painted(group: list[Shot], course: LipCourse, painter: DubPainter, size: int) -> Iterator[Dubbed]:
    patches: list[list[PaintedPatch]] = [[] for _ in group]
    wanted: list[tuple[int, FaceInFrame]] = []
    for place, shot in enumerate(group):
        if shot.faces:
            spoken = course.at(shot.time)
            wanted += [(place, FaceInFrame(shot.picture, face, spoken)) for face in shot.faces]
    for start in range(0, len(wanted), size):
        if start:
            yield Step(course.share(group[0].time))
        part = wanted[start : start + size]
        for (place, _), patch in zip(part, painter.paint([one for _, one in part]), strict=True):
            if patch is not None:
                patches[place].append(patch)
    yield from painter.notes()
    yield from (tuple(of_frame) for of_frame in patches)
