"""Finds an animal's face, or proposes its three points."""

from __future__ import annotations

import math
from functools import partial

from media.anchors import anchors_flag
from media.errors import NoFaceError
from media.faces import Face, FaceDetector
from media.faces.animal_points import AnimalPoints, propose_points
from media.faces.turned import look_turned
from media.picture import Picture
from media.placement import Placement, Point
from media.portrait_search import Search

SAME_PLACE, OTHER_ANIMAL = 0.4, 3.0
"""Distances of a mesh's eye or mouth from its sure point, in distances between the eyes: between them, the
mesh lies beside the eyes of the same animal and is dropped. On the pictures to tune on, right meshes were at
0.08 to 0.26, and a wrong one at 0.42.
"""
IRISES, INNER_LIPS = (468, 473), (13, 14)


def find_animals(detector: FaceDetector, picture: Picture, upside_down: bool | None, needed: bool) -> Search:
    """Find reliable faces of animals in an opened image.

    upside_down: whether the user's three points say so; None without points. Raises NoFaceError if there is
    neither a face nor points, and one is needed.
    """
    from media.faces.animal import (
        HUMAN_SCORE,
        LOWEST_SCORE,
        SURE_SCORE,
        trusted_faces,
    )  # late: imports OpenCV

    search = Search.of(picture)
    if upside_down:
        search.turn(2, [])
    trusted = partial(trusted_faces, detector)
    search.faces = trusted(search.image, detector.detect(search.image, LOWEST_SCORE))
    if upside_down is None and max((face.score for face in search.faces), default=0.0) < SURE_SCORE:
        turns, faces = look_turned(detector, search.image, search.faces, least=SURE_SCORE, trusted=trusted)
        if turns:
            search.turn(turns, faces)
        search.faces = faces
    if search.faces and upside_down is None and max(face.score for face in search.faces) < HUMAN_SCORE:
        other = propose_points(search.image)
        if other is not None and other.sure and not any(_kept(face, other) for face in search.faces):
            search.faces, search.proposal = [], other
            return search
    if not search.faces and upside_down is None:
        search.proposal = propose_points(search.image)
        if needed and not (search.proposal and search.proposal.sure):
            raise no_animal(search.proposal, search.placement)
    return search


def _kept(face: Face, points: AnimalPoints) -> bool:
    """Whether a face has its eyes and its mouth where sure points are, or is the face of another animal."""
    mesh = face.landmarks[:, :2]
    seen = (mesh[IRISES[0]], mesh[IRISES[1]], mesh[list(INNER_LIPS)].mean(axis=0))
    eyes = math.dist(points.left_eye, points.right_eye)
    apart = max(map(math.dist, seen, points.points)) / eyes
    return not SAME_PLACE < apart < OTHER_ANIMAL


def no_animal(proposal: AnimalPoints | None, placement: Placement) -> NoFaceError:
    """The error for an animal whose face is not certain, with the proposed points, if there are any.

    proposal: in pixels of the portrait.
    """
    if proposal is None:
        return NoFaceError(
            "No animal face was found reliably. Click the left eye, the right eye and the mouth on the "
            "portrait, or pass them on the command line as --anchors x,y x,y x,y in its pixels."
        )
    left, right, mouth = (placement.to_upload(*point) for point in proposal.points)
    error = NoFaceError(
        "No animal face was found reliably. Accept or move the proposed points on the portrait, or pass them "
        "on the command line as --anchors {anchors}",
        anchors=anchors_flag((left, right, mouth)),
    )
    error.proposal = left, right, mouth
    return error


def likely_animal(picture: Picture) -> tuple[Point, Point, Point] | None:
    """The points of a probable animal in a picture without a person, in pixels of the upload; None
    without one.
    """
    search = Search.of(picture)
    proposal = propose_points(search.image)
    if proposal is None or not proposal.sure:
        return None
    left, right, mouth = (search.placement.to_upload(*point) for point in proposal.points)
    return left, right, mouth
