"""Finds the face during a whole video, so that a crop contains it in every frame."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from media.framing import Box
from studio.clips.source import ClipSource

PER_SECOND = 2.0
MOST_LOOKS = 240
"""Largest number of frames to search; in a long video, one every few seconds."""
SURE = 0.5


@dataclass(frozen=True)
class FaceBounds:
    """box: around the face in all frames that show it, in pixels; None if no frame does.

    looked, found: number of searched frames, and of those with a face.
    """

    box: Box | None
    looked: int
    found: int


def search_face(source: ClipSource) -> Iterator[float | FaceBounds]:
    """Search for the largest face at intervals. Yields the completed fraction, 0..1, and then FaceBounds."""
    from media.faces import default_detector

    detector = default_detector()
    seconds = source.frames_at(source.fps) / source.fps
    rate = min(PER_SECOND, MOST_LOOKS / seconds, source.fps)
    total = max(1, source.frames_at(rate))
    box: Box | None = None
    looked = found = 0
    for frame in source.frames(rate):
        faces = detector.detect(frame, SURE, depth="margins")
        looked += 1
        if faces:
            found += 1
            box = faces[0].box if box is None else _union(box, faces[0].box)
        yield min(1.0, looked / total)
    yield FaceBounds(box, looked, found)


def _union(one: Box, other: Box) -> Box:
    return (
        min(one[0], other[0]),
        min(one[1], other[1]),
        max(one[2], other[2]),
        max(one[3], other[3]),
    )
