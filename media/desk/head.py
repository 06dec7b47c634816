"""Finds the head that a portrait in another shape must keep."""

from __future__ import annotations

import math
from collections.abc import Sequence

from media.desk.frame import HeadIn
from media.faces import FaceDetector
from media.framing import head_of
from media.picture import Picture
from media.placement import Box, Point

AROUND_EYES = 1.2
"""A head around an animal's three points, in distances between the eyes on each side of them."""


def head_finder(detector: FaceDetector, anchors: Sequence[Point] | None) -> HeadIn:
    """A function that finds the head in an image: around an animal's points, or else the largest face's."""

    def find(picture: Picture) -> Box | None:
        if anchors is not None and len(anchors) == 3:
            return _around(anchors)
        faces = detector.detect(picture.image)
        if not faces:
            return None
        height, width = picture.image.shape[:2]
        x0, y0, x1, y1 = (value / picture.scale for value in head_of(faces[0].box, (width, height)))
        return x0, y0, x1, y1

    return find


def _around(anchors: Sequence[Point]) -> Box:
    room = AROUND_EYES * math.dist(anchors[0], anchors[1])
    across, down = [x for x, _ in anchors], [y for _, y in anchors]
    return min(across) - room, min(down) - room, max(across) + room, max(down) + room
