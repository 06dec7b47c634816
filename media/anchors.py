"""An animal's three points."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

from media.errors import PortraitError
from media.faces.turned import LYING
from media.picture import Picture
from media.placement import Box, Placement, Point

LEAST_EYES = 4.0
"""Smallest distance of an animal's eyes, in pixels of the portrait."""


class Anchors(NamedTuple):
    """Three points on an animal's face: the left eye as seen in the upright image, the other eye,
    the mouth.
    """

    left_eye: Point
    right_eye: Point
    mouth: Point


def points_in_upload(points: Iterable[Point], placement: Placement) -> tuple[Point, Point, Point]:
    """Three points of a portrait in pixels of the upload."""
    left, right, mouth = (placement.to_upload(*point) for point in points)
    return left, right, mouth


def anchors_flag(points: Iterable[Point]) -> str:
    """Points in pixels of the upload as arguments of --anchors."""
    return " ".join(f"{x:.0f},{y:.0f}" for x, y in points)


def ordered(anchors: Anchors | tuple[Point, Point, Point], picture: Picture) -> tuple[Point, Point, Point]:
    """The user's points, in pixels of the upload, with the eyes in the order of an upright animal."""
    points, size = [(float(x), float(y)) for x, y in anchors], picture.upload_size
    if len(points) != 3:
        raise PortraitError(
            "Three points are needed (left eye, right eye, mouth), not {count}.", count=len(points)
        )
    for (x, y), name in zip(points, ("left eye", "right eye", "mouth"), strict=True):
        if not (0 <= x <= size[0] and 0 <= y <= size[1]):  # also false for NaN
            raise PortraitError(
                "The point for the {name} ({x:g},{y:g}) lies outside the portrait of {width}x{height} "
                "pixels.",
                name=name,
                x=x,
                y=y,
                width=size[0],
                height=size[1],
            )
        if picture.kept is not None and not _contains(picture.kept, (x, y)):
            raise PortraitError(
                "The point for the {name} ({x:g},{y:g}) lies outside the part of the portrait that is kept. "
                "Keep a larger part, or move the point.",
                name=name,
                x=x,
                y=y,
            )
    left, right, mouth = points
    distance = math.dist(left, right) * picture.scale
    if distance < LEAST_EYES:
        raise PortraitError(
            "The two eyes are {distance:.1f} pixels apart; set one point on each eye.", distance=distance
        )
    across = right[0] - left[0], right[1] - left[1]
    down = mouth[0] - (left[0] + right[0]) / 2, mouth[1] - (left[1] + right[1]) / 2
    if across[0] * down[1] < across[1] * down[0]:
        left, right = right, left
    return left, right, mouth


def _contains(box: Box, point: Point) -> bool:
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def are_upside_down(points: tuple[Point, Point, Point]) -> bool:
    """Whether the animal is turned by clearly more than 90 degrees, according to the order of its eyes."""
    return abs(angle_of(*points[:2])) > LYING


def angle_of(left: Point, right: Point) -> float:
    """Rotation clockwise in degrees, -180 to 180."""
    return math.degrees(math.atan2(right[1] - left[1], right[0] - left[0]))
