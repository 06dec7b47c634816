"""Dubs a video: one pose of the voice per frame, painted on each face that speaks."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator

from engines.dubbing import Shots, TrackReference
from engines.preview.dubbing.course import MouthCourse
from engines.preview.dubbing.painter import TrackPainter
from media.dubbing.values import PaintedPatch

MOST_TRACKS = 8
"""Painters that are kept: those of the tracks that were painted last."""


def dubbed(shots: Shots, course: MouthCourse) -> Iterator[tuple[PaintedPatch, ...]]:
    """The patches of each frame, in order."""
    painters = _Painters(shots.reference)
    for shot in shots.frames:
        pose = course.pose(shot.time, shot.duration)
        patches = (painters.of(face.track).paint(shot.picture, face, pose) for face in shot.faces)
        yield tuple(patch for patch in patches if patch is not None)


class _Painters:
    def __init__(self, reference: Callable[[int], TrackReference]) -> None:
        self._reference = reference
        self._kept: OrderedDict[int, TrackPainter] = OrderedDict()

    def of(self, track: int) -> TrackPainter:
        painter = self._kept.pop(track, None) or TrackPainter(self._reference(track))
        self._kept[track] = painter
        if len(self._kept) > MOST_TRACKS:
            self._kept.popitem(last=False)
        return painter
